import re
from pathlib import Path

from mmfinereason.evaluate.registry import known
from mmfinereason.recipe import parse

PAGE = (Path(__file__).parents[2] / "docs" / "evaluating.md").read_text()


def test_the_recipe_of_the_page_is_one():
    recipe = parse(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert [one.called for one in recipe.evaluate.benchmarks] == ["MMStar", "MathVerse", "held-out"]


def test_every_known_benchmark_stands_on_the_page():
    assert [name for name in known() if f"`{name}`" not in PAGE] == []
