"""Rollouts in, pass rates and marks out."""

import random
import re

import pytest

from mmfinereason.answers import Tolerance
from mmfinereason.errors import RecipeError, SettingsChanged
from mmfinereason.schema import Reason, Stage
from mmfinereason.select.audit import among_options, suspicion
from mmfinereason.select.probe import plan, probe
from mmfinereason.select.rollouts import read, rollout
from mmfinereason.select.rulings import Asked
from mmfinereason.select.subsets import select
from mmfinereason.select.wilson import wilson

from .conftest import FakeModel, failure, reply, sample, trace

COUNTS = ("correct", "wrong", "truncated", "error", "unparsable", "undecided")


def verdict(id, answer="12", outcome="equal", chosen=True, candidate=0):
    consistent = {"equal": True, "different": False, "not_checked": True}.get(outcome)
    return {
        "id": id,
        "candidate": candidate,
        "chosen": chosen,
        "extracted_answer": answer,
        "outcome": outcome,
        "method": "exact",
        "is_consistent": consistent,
    }


def tables(lab, samples, verdicts):
    lab.put(Stage.COLLECT, samples)
    lab.put(Stage.DISTILL, [trace(one["id"], candidate=one["candidate"]) for one in verdicts])
    lab.put(Stage.VERIFY, verdicts)


def says(*replies):
    """A model whose n-th rollout of any row is the n-th reply."""
    return FakeModel(lambda request: replies[request.attempt])


def test_every_kind_of_rollout_is_kept_apart_and_only_wrong_counts_as_wrong(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    model = says(
        "<answer>12</answer>",
        "<answer>13</answer>",
        reply("<answer>12</answer>", finish_reason="length"),
        failure(),
        "Who knows.\nIt may be many.\nOr not so many, after all is said.",
        "<answer>a large number of them, all red</answer>",
        failure(Reason.TRUNCATED, "no room"),
        "",
    )
    probe(lab.context(models=["prober"], probe={"rollouts": 8}), model.connect())
    (row,) = lab.rows(Stage.PROBE)
    assert [one["outcome"] for one in row["rollouts"]] == [
        *("correct", "wrong", "truncated", "error", "unparsable", "undecided", "truncated", "unparsable")
    ]
    assert [row[name] for name in COUNTS] == [1, 1, 2, 1, 2, 1]
    assert row["pass_rate"] == 0.5
    assert (row["pass_low"], row["pass_high"]) == wilson(1, 2)
    assert row["rollouts"][3]["detail"] == "timeout: no reply in time"


def test_a_row_whose_rollouts_say_nothing_has_no_pass_rate(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    probe(lab.context(models=["prober"]), says(*[failure()] * 4).connect())
    (row,) = lab.rows(Stage.PROBE)
    assert (row["pass_rate"], row["pass_low"], row["error"]) == (None, None, 4)


def test_each_rollout_is_another_attempt_with_the_image(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    model = says(*["<answer>12</answer>"] * 4)
    probe(lab.context(models=["prober"]), model.connect())
    assert [(one.attempt, one.image, one.role) for one in model.asked] == [(i, b"picture", "prober") for i in range(4)]
    assert lab.rows(Stage.PROBE)[0]["pass_rate"] == 1.0


ROWS = [sample("s/1"), sample("s/2"), sample("s/3", fixed_answer=False), sample("s/4")]
VERDICTS = [verdict("s/1"), verdict("s/2", "13", "different"), verdict("s/3", "x", "not_checked")]


@pytest.mark.parametrize(("only_consistent", "probed"), [(True, ["s/1"]), (False, ["s/1", "s/2"])])
def test_only_rows_that_can_be_right_are_probed(lab, only_consistent, probed):
    tables(lab, ROWS, VERDICTS)
    settings = {"only_consistent": only_consistent}
    manifest = probe(lab.context(models=["prober"], probe=settings), says(*["<answer>12</answer>"] * 4).connect())
    rows = lab.rows(Stage.PROBE)
    assert [row["id"] for row in rows] == ["s/1", "s/2", "s/3"]  # s/4 has no trace
    assert [row["id"] for row in rows if row["pass_rate"] is not None] == probed
    assert manifest.figures["probed"] == len(probed)


def test_undecided_rollouts_go_to_the_judge(lab):
    question = "What is it?"
    tables(lab, [sample("s/1", question=question, answer="an old lighthouse")], [verdict("s/1", "an old lighthouse")])

    def say(request):
        if request.role == "judge":
            return "Analysis: the same\nJudgment: EQUIVALENT"
        return "<answer>a lighthouse that was built long ago</answer>"

    model = FakeModel(say)
    probe(lab.context(models=["prober", "judge"], probe={"rollouts": 1}), model.connect())
    (row,) = lab.rows(Stage.PROBE)
    assert (row["correct"], row["rollouts"][0]["method"], row["rollouts"][0]["cost"]) == (1, "judge", 1.0)
    assert model.role == "prober"


def test_the_published_pass_rate_may_be_taken_instead_of_asking(lab):
    known = {"pass_rate": 0.75, "trace": None, "caption": None, "is_consistent": True, "consistency_analysis": None}
    tables(lab, [sample("s/1", published=known), sample("s/2")], [verdict("s/1"), verdict("s/2")])
    probe(lab.context(probe={"take": "published"}))
    assert [(row["pass_rate"], row["correct"], row["rollouts"]) for row in lab.rows(Stage.PROBE)] == [
        (0.75, None, []),
        (None, None, []),
    ]


@pytest.mark.parametrize(("blind_answers", "needless"), [(["12"] * 4, True), (["12", "12", "3", "4"], False)])
def test_rows_solved_blind_do_not_need_their_image(lab, blind_answers, needless):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    model = FakeModel(lambda ask: f"<answer>{'12' if ask.image else blind_answers[ask.attempt]}</answer>")
    probe(lab.context(models=["prober"], probe={"blind": 4}), model.connect())
    (row,) = lab.rows(Stage.PROBE)
    assert row["image_not_needed"] is needless
    assert (row["pass_rate"], row["correct"], len(row["rollouts"])) == (1.0, 4, 8)
    assert sum(one.image is None for one in model.asked) == 4


def test_without_blind_rollouts_nothing_is_known_of_the_image(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    probe(lab.context(models=["prober"]), says(*["<answer>12</answer>"] * 4).connect())
    assert lab.rows(Stage.PROBE)[0]["image_not_needed"] is None


HARD = [{"name": "hard", "rule": "is_consistent AND pass_rate = 0"}]


@pytest.mark.parametrize(
    ("subsets", "answers", "asked"),
    [
        (HARD, ["12"] * 4, 1),  # one right answer: never 0
        (HARD, ["3"] * 4, 4),  # four wrong ones are needed
        (["586K"], ["12", "3", "12", "12"], 2),  # right and wrong: neither 0 nor 1
        (["586K", "123K"], ["3", "12", "12", "12"], 2),
        (["full", "1.8M"], ["12"] * 4, 1),  # no rule looks at the pass rate: the first look decides
        ([{"name": "x", "rule": "is_consistent AND domain = 'Science' AND pass_rate < 0.5"}], ["12"] * 4, 1),
    ],
)
def test_the_prober_stops_as_soon_as_the_subsets_are_decided(lab, subsets, answers, asked):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    model = says(*[f"<answer>{text}</answer>" for text in answers])
    probe(lab.context(models=["prober"], probe={"stop_early": True}, select={"subsets": subsets}), model.connect())
    assert len(model.asked) == asked
    assert len(lab.rows(Stage.PROBE)[0]["rollouts"]) == asked


def test_stopping_early_leads_to_the_same_subsets_with_fewer_questions(lab, tmp_path):
    subsets = ["586K", "123K", "band", {"name": "half", "rule": "pass_rate <= 0.5 AND domain = 'Mathematics'"}]
    dice = random.Random(1)
    script = {f"s/{n}": [dice.choice(["12", "12", "3", ""]) for _ in range(4)] for n in range(60)}
    asked, chosen = [], []
    for early in (False, True):
        other = type(lab)(str(tmp_path / f"early-{early}"))
        rows = [sample(id, question=f"How many in {id}?") for id in script]
        tables(other, rows, [verdict(id) for id in script])

        def say(request):
            id = re.search(r"in (s/\d+)\?", request.text)[1]
            return f"<answer>{script[id][request.attempt]}</answer>"

        model = FakeModel(say)
        context = other.context(models=["prober"], probe={"stop_early": early}, select={"subsets": subsets})
        probe(context, model.connect())
        select(context)
        asked.append(len(model.asked))
        chosen.append([(row["id"], row["subsets"]) for row in other.rows(Stage.SELECT)])
    assert chosen[0] == chosen[1]
    assert asked[1] < asked[0] == 240


def test_stopping_early_is_refused_where_a_rule_needs_every_rollout(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    subsets = [{"name": "whole", "rule": "truncated = 0 AND pass_rate < 1"}]
    context = lab.context(models=["prober"], probe={"stop_early": True}, select={"subsets": subsets})
    with pytest.raises(RecipeError, match="`whole`, whose rule uses truncated"):
        probe(context)


def test_rules_count_as_settings_only_when_the_prober_stops_early(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    model = says(*["<answer>12</answer>"] * 4)
    probe(lab.context(models=["prober"]), model.connect())
    probe(lab.context(models=["prober"], select={"subsets": ["full"]}), model.connect())
    with pytest.raises(SettingsChanged, match="rollouts"):
        probe(lab.context(models=["prober"], probe={"rollouts": 5}), model.connect())


def test_a_probe_without_a_prober_is_refused(lab):
    tables(lab, [sample("s/1")], [verdict("s/1")])
    with pytest.raises(RecipeError, match=r"needs models\.prober"):
        plan(lab.context())


# --- the gold audit -------------------------------------------------------------------------------------------------


def rollouts(*answers, asked):
    said = [reply(f"<answer>{answer}</answer>") for answer in answers]
    return [rollout(one, read(one, asked, Tolerance()), index=i, blind=False) for i, one in enumerate(said)]


@pytest.mark.parametrize(
    ("teacher", "answers", "evidence"),
    [
        ([("13", "different")], ["13", "13", "13", "12"], "1 of 1 traces and 3 of 4 rollouts say '13'"),
        ([("13", "different")], ["13", "13.0", "12", "14"], None),  # half is no agreement
        ([("13", "different")], ["14", "14", "14", "14"], None),  # the models differ
        ([("12", "equal")], ["13", "13", "13", "13"], None),  # the teacher backs the reference
        ([("13", "different"), ("12", "equal"), ("13", "different")], ["13", "13", "13"], "2 of 3 traces"),
        ([("13", "different"), ("12", "equal")], ["13", "13", "13"], None),
        ([("13", "different")], ["13"], None),  # one rollout is not enough
    ],
)
def test_two_models_that_agree_against_the_reference_make_it_suspect(teacher, answers, evidence):
    asked = Asked("How many?", "12")
    found = suspicion(asked, teacher, rollouts(*answers, asked=asked), Tolerance())
    assert found is None if evidence is None else found.startswith(evidence)


@pytest.mark.parametrize(
    ("reference", "options", "among"),
    [
        ("7", ("3", "5"), False),
        ("5", ("3", "5"), True),
        ("5.0 cm", ("3", "5"), True),
        ("B", ("3", "5"), True),
        ("(b)", ("3", "5"), True),
        ("A, B", ("3", "5"), True),
        ("C", ("3", "5"), False),
        ("B. 5", ("3", "5"), True),
        ("green", ("red", "blue"), False),
        ("all of the above", ("red", "blue"), None),
        ("12", (), None),
    ],
)
def test_a_reference_outside_its_options_is_noticed(reference, options, among):
    assert among_options(Asked("Which?", reference, options), Tolerance()) is among


def test_a_suspect_reference_is_marked_even_when_the_row_is_not_probed(lab):
    row = sample("s/1", question="Which?", options=["3", "5"], answer="7")
    tables(lab, [row], [verdict("s/1", "B", "different")])
    probe(lab.context(models=["prober"]), says().connect())
    (row,) = lab.rows(Stage.PROBE)
    assert (row["reference_suspect"], row["suspect_evidence"]) == (True, "the reference '7' is none of the options")
