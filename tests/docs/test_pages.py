"""What the documentation shows exists, parses, runs and leads somewhere."""

import io
import re
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image
from tests.docs.pages import GENERATED, PAGES, ROOT, blocks, commands
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.recipe import Recipe, parse

sys.path.insert(0, str(ROOT / "docs"))
import generate

COMMANDS = dict(generate.every_command())
WRITTEN = [page for page in PAGES if page.name not in GENERATED]


@pytest.mark.parametrize("name", sorted(generate.pages()))
def test_a_generated_page_is_up_to_date(name):
    assert (ROOT / "docs" / name).read_text() == generate.pages()[name], "run `make docs`"


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("init", "serve")])
def test_every_command_has_a_python_call(name):
    import mmfinereason

    assert name in generate.PYTHON, f"name the Python call of `mmfr {name}` in docs/generate.py"
    for called in re.findall(r"mm\.(\w+)\(", generate.PYTHON[name]):
        assert called in mmfinereason.__all__


GROUPS = {name.split()[0] for name in COMMANDS if " " in name}
SHOWN = {" ".join(words) for page in WRITTEN for words in commands(page.read_text()) if len(words) > 1}


@pytest.mark.parametrize("shown", sorted(SHOWN - {f"mmfr {group}" for group in GROUPS}))
def test_a_command_that_is_shown_exists_with_its_options(shown):
    words = shown.split()
    name = " ".join(words[1:3]) if words[1] in GROUPS else words[1]
    assert name in COMMANDS
    known = {option for one in COMMANDS[name].params for option in one.opts} | {"--help"}
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= known


RECIPES = [block for page in WRITTEN for block in blocks(page, "yaml")]


@pytest.mark.parametrize("block", RECIPES, ids=str)
def test_a_recipe_that_is_shown_can_be_read(block):
    """A whole recipe as it is; of an excerpt what it leaves out is added: name, source, who serves a model."""
    values = {"name": "shown", "sources": [{"use": "puzzles"}]} | yaml.safe_load(block.text)
    for role in (values.get("models") or {}).values():
        if isinstance(role, dict) and "model" in role and not role.keys() & {"endpoints", "lab"}:
            role["lab"] = "simulated"
    assert isinstance(parse(yaml.safe_dump(values)), Recipe)


def test_the_worked_example_of_an_extension_runs():
    program = "\n".join(block.text for block in blocks(ROOT / "docs" / "extending.md", "python"))
    exec(compile(program, "docs/extending.md", "exec"), {"__name__": "extending"})


PIECES = [b for page in WRITTEN if page.name not in ("extending.md", "tutorial.md") for b in blocks(page, "python")]


@pytest.mark.parametrize("block", PIECES, ids=str)
def test_a_piece_of_python_runs(block, tutorial, monkeypatch):
    """Names that a page leaves to the reader stand for a reply, its question and a picture; runs for the tutorial's."""
    monkeypatch.chdir(tutorial[0])
    for name in re.findall(r'"runs/([\w-]+)', block.text):
        if not Path("runs", name).exists():
            Path("runs", name).symlink_to("shapes")
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(picture, "PNG")
    given = {
        "reply": "<think>..</think>It is <answer>50\\pi</answer>",
        "question": "How long?",
        "data": picture.getvalue(),
    }
    exec(compile(block.text, str(block), "exec"), given)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|srcset)="([^"]+)"', prose):
        if not target.startswith(("http://", "https://", "mailto:")):
            file, _, anchor = target.partition("#")
            there = (page.parent / file).resolve() if file else page
            assert there.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors(there), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0 and len(result.output) > 200
