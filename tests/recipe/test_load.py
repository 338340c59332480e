import pytest

from mmfinereason.errors import RecipeError
from mmfinereason.recipe import deciding, dump, dump_deciding, load, parse

GOOD = """
name: demo
sources:
  - use: puzzles
    puzzles: {count: 5}
"""


def problems(text, *overrides):
    with pytest.raises(RecipeError) as caught:
        parse(text, "r.yaml", overrides)
    return caught.value.problems


def test_a_small_recipe_is_filled_with_defaults():
    recipe = parse(GOOD)
    assert recipe.run_url == "runs/demo"
    assert recipe.collect.image.max_side == 2048
    assert recipe.sources[0].puzzles.count == 5


def test_every_problem_is_reported_at_once_with_its_line_and_a_hint():
    text = """name: demo
sede: 3
sources:
  - use: puzzles
    puzzels: {count: 5}
  - name: mine
    path: rows.jsonl
collect:
  shard_rows: 0
  image:
    max_sid: 3
"""
    assert problems(text) == [
        "r.yaml:2: unknown key `sede`: did you mean `seed`?",
        "r.yaml:5: unknown key `sources.0.puzzels`: did you mean `puzzles`?",
        "r.yaml:6: `sources.1`: own data needs `columns`, at least `question` and `image`",
        "r.yaml:9: `collect.shard_rows`: input should be greater than or equal to 1, not 0",
        "r.yaml:11: unknown key `collect.image.max_sid`: did you mean `max_side`?",
    ]


def test_a_key_given_twice_is_a_problem():
    assert problems(GOOD + "name: again\n") == ["r.yaml:6: `name` is given twice"]


def test_text_that_is_not_yaml_names_its_line():
    assert problems("name: demo\nsources: [\n") == [
        "r.yaml:3: not valid YAML: expected the node content, but found '<stream end>'"
    ]


def test_a_missing_section_is_named():
    assert problems("seed: 1\n") == ["r.yaml:1: `name` is missing"]


def test_a_list_is_not_a_recipe():
    assert problems("- a\n") == ["r.yaml:1: a recipe is a mapping of settings, not list"]


def test_set_overrides_a_nested_value_and_wrong_ones_are_problems():
    recipe = parse(GOOD, overrides=["collect.shard_rows=7", "sources.0.puzzles.count=9"])
    assert recipe.collect.shard_rows == 7
    assert recipe.sources[0].puzzles.count == 9
    assert problems(GOOD, "collect.shard_row=7") == [
        "r.yaml:1: unknown key `collect.shard_row`: did you mean `shard_rows`?"
    ]
    assert problems(GOOD, "collect") == ["--set collect: write it as section.key=value"]
    assert problems(GOOD, "name.x=1") == ["--set name.x=1: `name` is not a section"]
    assert problems(GOOD, "sources.5.limit=1") == ["--set sources.5.limit=1: `5` is not the number of an entry"]


def test_the_dumped_recipe_reads_back_as_the_same():
    recipe = parse(GOOD)
    assert parse(dump(recipe)) == recipe


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(RecipeError, match="there is no recipe"):
        load(tmp_path / "none.yaml")


def test_what_only_says_how_to_run_does_not_decide_the_result():
    recipe = parse(GOOD, overrides=["execute.workers=3", "run=elsewhere"])
    assert deciding(recipe) == deciding(parse(GOOD))
    assert deciding(parse(GOOD, overrides=["seed=1"])) != deciding(parse(GOOD))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\nseed: 2024-13-45", "r.yaml:2: not a value that a recipe can hold: month must be in 1..12"),
        ("name: x\nrun: a\0b", r"r.yaml:2: the character '\x00' may not stand in YAML"),
        ("name: !!python/object:os.system x", "r.yaml:1: not a value that a recipe can hold: could not determine"),
        ("name: x\nsources: &a [*a]", "r.yaml:2: `*` may not stand inside of what it repeats"),
        ("name: x\nsources: [{<<: {a: 1}, use: puzzles}]", "r.yaml:2: `<<` is not read here"),
        ("name: x\nsources: [{use: puzzles}]\ntop p: 1", "r.yaml:3: unknown key `top p`"),
    ],
)
def test_what_no_recipe_may_hold_is_a_sentence_with_its_line(text, said):
    with pytest.raises(RecipeError) as caught:
        parse(text, "r.yaml")
    assert said in str(caught.value)


def test_a_recipe_that_is_not_text_is_a_sentence(tmp_path):
    (tmp_path / "r.yaml").write_bytes(b"name: \xff")
    with pytest.raises(RecipeError, match=r"r\.yaml is not UTF-8 text"):
        load(tmp_path / "r.yaml")


def test_an_override_that_is_no_value_is_a_sentence():
    with pytest.raises(RecipeError, match="the value is not valid YAML"):
        parse("name: x\nsources: [{use: puzzles}]", overrides=["seed=2024-13-45"])


@pytest.mark.parametrize(
    "override",
    [
        "models.teacher={model: m, endpoints: [{url: 'http://host/v1', key_env: sk-5ecret}]}",
        "models.teacher={model: m, endpoints: [{url: 'http://host/v1', key_env: hf_5ecret}]}",
        "models.teacher={model: m, endpoints: [{url: 'http://me:5ecret@host/v1'}]}",
        "sources=[{use: GameQA-140K, path: 's3://key:5ecret@bucket/rows'}]",
        "run=s3://key:5ecret@bucket/run",
    ],
)
def test_a_key_in_a_recipe_is_refused_and_never_repeated(override):
    with pytest.raises(RecipeError) as caught:
        parse(GOOD, overrides=[override])
    assert "must" in str(caught.value) and "5ecret" not in str(caught.value)


def test_what_decides_a_result_is_plain_yaml_that_gives_it_again():
    text = GOOD.replace("puzzles: {count: 5}", "domain: Mathematics") + "models: {teacher: {lab: simulated}}\n"
    shown = dump_deciding(parse(text))
    assert "domain: Mathematics" in shown
    assert deciding(parse(shown)) == deciding(parse(text))
