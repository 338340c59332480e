"""What a user reads when the machine, not the recipe, is at fault."""

import errno

import pytest
from typer.testing import CliRunner

from mmfinereason.cli.app import app, guarded


def test_a_run_folder_that_cannot_be_made_is_a_sentence_and_no_traceback(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    recipe = tmp_path / "r.yaml"
    recipe.write_text(f"name: x\nrun: {tmp_path}/file/run\nsources: [{{use: puzzles}}]\n")
    result = CliRunner().invoke(app, ["collect", str(recipe)])
    assert result.exit_code == 2
    assert f"error: Not a directory: {tmp_path}/file/run\n  next: a part of this path is a file" in result.output


def test_a_fault_that_is_no_users_mistake_keeps_its_traceback():
    def broken():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "part-00000.parquet")

    with pytest.raises(FileNotFoundError):
        guarded(broken)()
