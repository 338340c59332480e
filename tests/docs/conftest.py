"""The tutorial, done once by the book: its files written, its commands given, its Python run, in its order."""

import subprocess
import sys

import pytest
from tests.docs.pages import ROOT, blocks, commands
from typer.testing import CliRunner

from mmfinereason.cli.app import app


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory):
    """The folder in which the tutorial was followed, and what its commands said: words to output."""
    folder = tmp_path_factory.mktemp("tutorial")
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HF_HOME", str(folder / "cache"))
        for block in blocks(ROOT / "docs" / "tutorial.md"):
            if block.file:
                (folder / block.file).write_text(block.text)
            if block.language == "python":
                subprocess.run(
                    [sys.executable, block.file or "-"], input=block.text, text=True, check=True, timeout=120
                )
            elif block.language == "sh":
                said |= {" ".join(words): answer(words) for words in commands(block.text)}
    return folder, said


def answer(words):
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == 0, f"{words}: {result.output}{result.exception!r}"
    return result.output
