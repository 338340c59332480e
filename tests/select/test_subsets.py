"""Stage tables in, subsets out, and for every other row the reason."""

import pytest

from mmfinereason.errors import RecipeError, SettingsChanged, StoreError
from mmfinereason.schema import Stage
from mmfinereason.select.subsets import select

from .conftest import sample, trace
from .test_probe import verdict


def rollouts(id, rate, **values):
    return {"id": id, "pass_rate": rate, "reference_suspect": False, "rollouts": []} | values


SAMPLES = [sample(f"{'ab'[n % 2]}/{n}", domain=["Mathematics", "Science"][n % 2]) for n in range(8)]
TRACES = [trace(one["id"], tokens=100 + n) for n, one in enumerate(SAMPLES[:7])]
TRACES += [trace("b/7", status="truncated", answer_text=None)]
VERDICTS = [verdict(one["id"]) for one in SAMPLES[:4]]
VERDICTS += [
    verdict("a/4", "13", "different") | {"method": "number", "detail": "13 against 12"},
    verdict("b/5", "x", "undecided") | {"method": "none", "detail": "no rule understood both sides"},
    verdict("a/6"),
    verdict("b/7", None, "no_trace", chosen=False),
]
ROLLOUTS = [
    rollouts("a/0", 0.0),
    rollouts("b/1", 0.5),
    rollouts("a/2", 1.0),
    rollouts("b/3", 0.0, reference_suspect=True, suspect_evidence="two models say 13"),
    rollouts("a/4", None),
    rollouts("b/5", None),
    rollouts("a/6", 0.0, image_not_needed=True, blind_pass_rate=1.0),
]


def tables(lab, *, probe=True, shards=1):
    def cut(rows):
        size = -(-len(rows) // shards)
        return [rows[start : start + size] for start in range(0, len(rows), size)]

    ids = [{row["id"] for row in part} for part in cut(SAMPLES)]

    def of(rows):
        return [[row for row in rows if row["id"] in part] for part in ids]

    lab.put(Stage.COLLECT, *cut(SAMPLES))
    lab.put(Stage.DISTILL, *of(TRACES))
    lab.put(Stage.VERIFY, *of(VERDICTS))
    if probe:
        lab.put(Stage.PROBE, *of(ROLLOUTS))


def selected(lab):
    shards = lab.run.table(Stage.SELECT).shards()
    return [row for shard in shards for row in lab.rows(Stage.SELECT, shard)]


def members(lab, name):
    return [row["id"] for row in selected(lab) if name in row["subsets"]]


def test_the_papers_subsets_by_name(lab):
    tables(lab)
    manifest = select(lab.context(select={"subsets": ["full", "1.8M", "586K", "123K", "band"]}))
    assert members(lab, "full") == ["a/0", "b/1", "a/2", "b/3", "a/4", "b/5", "a/6"]
    assert members(lab, "1.8M") == ["a/0", "b/1", "a/2", "b/3", "a/6"]
    assert members(lab, "586K") == ["a/0", "b/1", "b/3", "a/6"]
    assert members(lab, "123K") == ["a/0", "a/6"]  # b/3 is suspect
    assert members(lab, "band") == ["b/1"]
    assert manifest.figures == {
        "in full": 7,
        "in 1.8M": 5,
        "in 586K": 4,
        "in 123K": 2,
        "in band": 1,
        "out no_trace": 1,
    }


def test_every_row_outside_has_its_reason(lab):
    tables(lab)
    rule = "is_consistent AND pass_rate = 0 AND NOT reference_suspect AND image_not_needed IS NOT TRUE"
    select(lab.context(select={"subsets": [{"name": "hard", "rule": rule}]}))
    assert {row["id"]: (row["reason"], row["detail"]) for row in selected(lab) if not row["subsets"]} == {
        "b/1": (
            "no_rule_matched",
            "image_not_needed = null, is_consistent = true, pass_rate = 0.5, reference_suspect = false",
        ),
        "a/2": (
            "no_rule_matched",
            "image_not_needed = null, is_consistent = true, pass_rate = 1.0, reference_suspect = false",
        ),
        "b/3": ("reference_suspect", "two models say 13"),
        "a/4": ("inconsistent", "number: 13 against 12"),
        "b/5": ("undecided", "none: no rule understood both sides"),
        "a/6": ("image_not_needed", "blind pass rate 1.0"),
        "b/7": ("no_trace", "truncated"),
    }


def test_a_row_is_out_as_inconsistent_only_if_a_consistent_one_could_be_in(lab):
    tables(lab)
    select(lab.context(select={"subsets": [{"name": "science", "rule": "is_consistent AND domain = 'Science'"}]}))
    reasons = {row["id"]: row["reason"] for row in selected(lab)}
    assert reasons["a/4"] == "no_rule_matched"  # Mathematics: consistency would not help
    assert reasons["b/5"] == "undecided"


def test_matched_rows_that_were_not_drawn_say_so(lab):
    tables(lab)
    subset = {"name": "few", "rule": "is_consistent", "draw": "uniform", "size": 2}
    select(lab.context(select={"subsets": [subset]}))
    out = [row for row in selected(lab) if row["reason"] == "not_drawn"]
    assert len(members(lab, "few")) == 2
    assert len(out) == 3 and {row["detail"] for row in out} == {"matched few"}


DRAWN = [
    {"name": "rl", "rule": "is_consistent", "draw": "uniform", "size": 2},
    {"name": "sft", "rule": "is_consistent", "disjoint_from": ["rl"]},
    {"name": "even", "draw": "balanced", "by": "domain", "size": 4},
    {"name": "share", "draw": "stratified", "by": "source", "share": 0.5},
    {"name": "tokens", "draw": "token_budget", "tokens": 310},
]


def test_draws_have_their_sizes_and_keep_apart(lab):
    tables(lab)
    select(lab.context(select={"subsets": DRAWN}))
    consistent = {"a/0", "b/1", "a/2", "b/3", "a/6"}
    rl, sft = set(members(lab, "rl")), set(members(lab, "sft"))
    assert len(rl) == 2 and rl | sft == consistent and not rl & sft
    assert sorted(id[0] for id in members(lab, "even")) == ["a", "a", "b", "b"]
    assert sorted(id[0] for id in members(lab, "share")) == ["a", "a", "b", "b"]  # of 4 a and 3 b: 2.3 and 1.7
    assert len(members(lab, "tokens")) in (2, 3)


@pytest.mark.parametrize("shards", [2, 3, 8])
def test_draws_do_not_depend_on_how_rows_lie_in_shards(lab, tmp_path, shards):
    tables(lab)
    select(lab.context(select={"subsets": DRAWN}))
    other = type(lab)(str(tmp_path / "other"))
    tables(other, shards=shards)
    select(other.context(select={"subsets": DRAWN}))
    assert selected(other) == selected(lab)
    assert other.run.table(Stage.SELECT).shards() == list(range(len(other.run.table(Stage.COLLECT).shards())))


def test_another_seed_draws_other_rows(lab):
    tables(lab)
    drawn = set()
    for seed in range(8):
        context = lab.context(seed=seed, select={"subsets": DRAWN[:1]})
        context.table(Stage.SELECT).clear()
        select(context)
        drawn.add(tuple(members(lab, "rl")))
    assert len(drawn) > 2


def test_a_rule_on_a_stage_that_was_not_run_fails_before_any_work(lab):
    tables(lab, probe=False)
    with pytest.raises(RecipeError, match="use columns of rollouts, which this run does not have"):
        select(lab.context())
    assert lab.run.table(Stage.SELECT).plan() is None
    select(lab.context(select={"subsets": ["full", "1.8M"]}))
    assert len(members(lab, "1.8M")) == 5


def test_a_changed_subset_is_refused_until_it_is_redone(lab):
    tables(lab)
    select(lab.context(select={"subsets": ["full"]}))
    changed = lab.context(select={"subsets": ["1.8M"]})
    with pytest.raises(SettingsChanged, match=r"select.*subsets"):
        select(changed)
    changed.table(Stage.SELECT).clear()
    select(changed)
    assert members(lab, "1.8M")


def test_a_rule_that_fails_on_a_value_says_what_to_do(lab):
    tables(lab)
    rule = "CAST(licence || answer || 'x' AS INTEGER) > 3 OR CAST(answer || 'x' AS INTEGER) > 3"
    with pytest.raises(RecipeError, match="fails on a value") as raised:
        select(lab.context(select={"subsets": [{"name": "x", "rule": rule}]}))
    assert "TRY_CAST" in raised.value.next_step


def test_rules_see_every_known_column(lab):
    from mmfinereason.recipe.rules import COLUMNS

    tables(lab)
    lab.put(Stage.CAPTION, [{"id": one["id"], "category": "Table / Matrix", "words": 120} for one in SAMPLES])
    rule = " AND ".join(f"({name} IS NULL OR {name} IS NOT NULL)" for name in COLUMNS)
    rule += " AND category = 'Table / Matrix' AND caption_words = 120 AND teacher IS NULL AND candidates = 1"
    select(lab.context(select={"subsets": [{"name": "all", "rule": rule}]}))
    assert len(members(lab, "all")) == 7


def test_an_unfinished_table_is_not_selected_from(lab):
    tables(lab)
    lab.run.folder.remove("verdicts/manifest.json")
    with pytest.raises(StoreError, match="verdicts, which is not finished"):
        select(lab.context())


def test_a_run_without_rows_has_an_empty_selection(lab):
    for stage in (Stage.COLLECT, Stage.DISTILL, Stage.VERIFY, Stage.PROBE):
        lab.put(stage)
    assert select(lab.context()).rows == 0
