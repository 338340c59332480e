"""A rule is one boolean expression over known columns, and nothing else gets through."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from mmfinereason.errors import RecipeError
from mmfinereason.recipe import parse
from mmfinereason.recipe.rules import COLUMNS, check_rule
from mmfinereason.recipe.select import PRESETS, SelectSettings, SubsetSettings
from mmfinereason.schema import Stage


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("is_consistent AND pass_rate <> 1", {"is_consistent", "pass_rate"}),
        ("PASS_RATE = 0", {"pass_rate"}),
        ("source LIKE 'FineVision%' OR domain IN ('Science', 'Puzzle/Game')", {"source", "domain"}),
        ("NOT 'repetition' IN flags AND len(options) = 0", {"flags", "options"}),
        ("tokens BETWEEN 100 AND 8000 AND width * height > 10000", {"tokens", "width", "height"}),
        ("extra->>'$.puzzle.level' = '3'", {"extra"}),
        ("CASE WHEN domain = 'Science' THEN words < 1 ELSE words = 0 END -- by domain", {"domain", "words"}),
        ("TRY_CAST(answer AS DOUBLE) > 3", {"answer"}),
        ("true", set()),
    ],
)
def test_an_expression_over_known_columns_is_let_through(rule, columns):
    check = check_rule(rule)
    assert check.problems == ()
    assert check.columns == columns


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("passrate = 0", "unknown column `passrate`: did you mean `pass_rate`?"),
        ("samples.pass_rate = 0", "unknown column `samples.pass_rate`"),
        ("is_consistnt AND domian = 'Science'", "did you mean `domain`?"),
        ("(SELECT 1) = 1", "may not hold a subquery"),
        ("EXISTS (SELECT 1 FROM read_csv('x'))", "may not hold a subquery"),
        ("words = ANY([1, 2])", "may not hold a subquery"),
        ("CASE WHEN (SELECT true) THEN true END", "may not hold a subquery"),
        ("read_text('/etc/hostname') IS NULL", "unknown function `read_text`"),
        ("getenv('HOME') = 'x'", "unknown function `getenv`"),
        ("random() < 0.5", "unknown function `random`"),
        ("count(*) > 1", "unknown function `count_star`"),
        ("sum(words) OVER () > 1", "may not hold a window"),
        ("true) AS a, (false", "one expression"),
        ("true) FROM read_csv('x') WHERE (true", "not an expression"),
        ("true; DROP TABLE samples", "not an expression"),
        ("true LIMIT 1", "not an expression"),
        ("words", "gives integer, not true or false"),
        ("words > 'many'", "not usable"),
        ("domain = ?", "may not hold a parameter"),
        ("* = 1", "may not hold a star"),
        (" ", "empty rule"),
    ],
)
def test_anything_else_is_refused_with_a_reason(rule, said):
    assert said in "; ".join(check_rule(rule).problems)


def test_all_unknown_columns_are_named_at_once():
    assert len(check_rule("passrate = 0 AND wrods > 3 AND passrate < 1").problems) == 2


def test_a_rule_tells_which_stages_it_reads():
    assert check_rule("category = 'Table / Matrix' AND pass_rate < 1").stages == {Stage.CAPTION, Stage.PROBE}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_ready_made_subsets_stand_up_to_their_own_validation(preset):
    assert SubsetSettings.model_validate(preset.model_dump()) == preset


def test_ready_made_subsets_are_known_by_name():
    settings = SelectSettings.model_validate({"subsets": ["full", "1.8M", "586K", "123K", "rl", "sft", "band"]})
    assert [subset.name for subset in settings.subsets] == ["full", "1.8M", "586K", "123K", "rl", "sft", "band"]
    assert SelectSettings.model_validate(settings.model_dump()) == settings


@pytest.mark.parametrize(
    ("subsets", "said"),
    [
        (["586k"], "did you mean `586K`"),
        (["full", "full"], "two subsets are called `full`"),
        (["sft", "rl"], "`rl` in disjoint_from is not named before it"),
        ([{"name": "x", "draw": "uniform"}], "either `size` or `share`"),
        ([{"name": "x", "draw": "uniform", "size": 1, "share": 0.5}], "either `size` or `share`"),
        ([{"name": "x", "size": 5}], "draw: all takes every row"),
        ([{"name": "x", "draw": "token_budget", "size": 5}], "takes `tokens`"),
        ([], "at least 1 item"),
    ],
)
def test_subsets_that_make_no_sense_are_refused(subsets, said):
    with pytest.raises(ValidationError, match=said):
        SelectSettings.model_validate({"subsets": subsets})


def test_a_recipe_with_an_unknown_column_fails_with_its_line_before_any_work():
    text = "name: demo\nsources: [{use: puzzles}]\nselect:\n  subsets:\n    - full\n"
    text += "    - name: hard\n      rule: passrate = 0\n"
    with pytest.raises(RecipeError) as raised:
        parse(text)
    assert raised.value.problems == [
        "recipe:7: `select.subsets.1.rule`: unknown column `passrate`: did you mean `pass_rate`?"
    ]


def test_every_column_has_a_meaning():
    assert all(column.meaning and column.type for column in COLUMNS.values())


def test_the_documentation_lists_every_column_and_every_ready_made_subset():
    text = (Path(__file__).parents[2] / "docs/selecting.md").read_text(encoding="utf-8")
    assert [name for name, column in COLUMNS.items() if f"| `{name}` | {column.type.lower()} |" not in text] == []
    assert [name for name in PRESETS if f"| `{name}` |" not in text] == []
