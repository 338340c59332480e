import orjson
import pytest
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.errors import StoreError, TrainError
from mmfinereason.recipe import dump
from mmfinereason.store import Run
from mmfinereason.train import check
from mmfinereason.train.data import rl_data, sft_data
from mmfinereason.train.launch import prepare_rl, prepare_sft, start


def test_data_is_the_only_subset_or_the_one_named(demo):
    recipe = demo()
    run = Run.open(recipe.run_url)
    assert sft_data(run, recipe, "llamafactory").subset == "sft"
    assert rl_data(run, recipe, "verl").files == ("exports/verl/rl/train-00000.parquet",)
    with pytest.raises(TrainError, match="no subset 'full'"):
        sft_data(run, demo("train.sft.subset=full"), "llamafactory")
    with pytest.raises(TrainError, match="no trl export"):
        sft_data(run, recipe, "trl")


def test_one_of_several_subsets_must_be_named(demo):
    recipe = demo()
    run = Run.open(recipe.run_url)
    manifest = orjson.loads(run.folder.read("exports/llamafactory/export.json"))
    manifest["rows"] = {"a": 3, "b": 4}
    manifest["files"] = [f"exports/llamafactory/{name}/part-00000.parquet" for name in "ab"]
    run.folder.write("exports/llamafactory/export.json", orjson.dumps(manifest))
    with pytest.raises(TrainError) as refusal:
        sft_data(run, recipe, "llamafactory")
    assert refusal.value.next_step == "set train.sft.subset to one of a, b"
    assert sft_data(run, demo("train.sft.subset=b"), "llamafactory").rows == 4


@pytest.mark.parametrize(
    "changed",
    ["export.tokens.max_pixels=4096", "export.tokens.cutoff=4096", "export.variant=caption", "export.prompt=question"],
)
def test_exports_made_with_other_limits_are_refused(demo, changed):
    with pytest.raises(TrainError, match=r"made with another export\.(tokens|variant|prompt)"):
        prepare_sft(demo(changed))


def test_exports_written_anew_with_other_limits_are_taken_though_the_run_was_made_before(demo):
    recipe = demo("export.tokens.cutoff=4096")
    run = Run.open(recipe.run_url)
    manifest = orjson.loads(run.folder.read("exports/llamafactory/export.json"))
    manifest["made_with"]["tokens"]["cutoff"] = 4096
    run.folder.write("exports/llamafactory/export.json", orjson.dumps(manifest))
    assert sft_data(run, recipe, "llamafactory").rows == 500


def test_an_export_that_does_not_say_how_it_was_made_is_written_anew_first(demo):
    recipe = demo()
    run = Run.open(recipe.run_url)
    manifest = orjson.loads(run.folder.read("exports/llamafactory/export.json"))
    del manifest["made_with"]
    run.folder.write("exports/llamafactory/export.json", orjson.dumps(manifest))
    with pytest.raises(TrainError, match="mmfr export RECIPE writes them anew"):
        sft_data(run, recipe, "llamafactory")


def test_without_a_run_nothing_is_written(demo, tmp_path):
    with pytest.raises(StoreError, match="not a run folder"):
        prepare_sft(demo(f"run={tmp_path}/none"))
    assert not (tmp_path / "none").exists()


def test_a_key_the_recorded_version_does_not_know_is_refused_before_anything_is_written(demo):
    recipe = demo("train.sft.llamafactory={lerning_rate: 1}")
    with pytest.raises(
        TrainError, match=r"llamafactory 0\.9\.5 \(recorded; none is installed\) does not know: lerning_rate \(did"
    ):
        prepare_sft(recipe)
    with pytest.raises(TrainError, match=r"does not know: trainer\.nodes \(did you mean trainer\.nnodes\?\)"):
        prepare_rl(demo("train.rl.verl={trainer.nodes: 2}"))
    assert not Run.open(recipe.run_url).folder.exists("train")


def test_keys_that_add_and_whole_sections_are_left_to_the_framework(demo):
    assert check.verl(["+data.new=1", "~data.seed", "data={}"], demo().train.python).version == "0.9.1"


def test_a_framework_that_is_not_there_is_said_with_what_to_do(demo):
    prepared = prepare_sft(demo())
    assert not prepared.framework.installed
    with pytest.raises(TrainError, match="llamafactory is not installed; everything for it is in"):
        start(prepared, None)


def test_a_python_that_cannot_be_run_is_an_error(demo):
    with pytest.raises(TrainError, match="cannot ask /no/such/python for llamafactory"):
        prepare_sft(demo("train.python=/no/such/python"))


def test_a_framework_that_is_there_is_asked_and_started_with_its_own_python(demo, tmp_path):
    """A stand-in that knows all keys but one, and keeps the arguments it is started with."""
    known = sorted(check.llamafactory([], demo().train.python).keys - {"ddp_timeout"})
    python = tmp_path / "python"
    described = str({"version": "0.9.9", "keys": known}).replace("'", '"')
    python.write_text(
        f"#!/bin/sh\ncase \"$1\" in *describe*) echo 'chatter'; echo '{described}';; *) echo \"$@\" > started;; esac\n"
    )
    python.chmod(0o755)
    with pytest.raises(TrainError, match=r"0\.9\.9 \(installed\) does not know: ddp_timeout"):
        prepare_sft(demo(f"train.python={python}"))
    prepared = prepare_sft(demo(f"train.python={python}", "train.hardware.gpus=0"))
    start(prepared, str(python))
    assert (prepared.folder / "started").read_text() == "-m llamafactory.cli train sft.yaml\n"
    python.write_text("#!/bin/sh\nexit 7\n")
    with pytest.raises(TrainError, match="stopped with status 7"):
        start(prepared, str(python))


def test_the_commands_write_and_say_what_they_did(demo, tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(dump(demo()))
    for stage, backend, rows in (("sft", "llamafactory", "500"), ("rl", "verl", "300")):
        done = CliRunner().invoke(app, ["train", stage, str(path), "--backend", backend, "--dry-run"])
        assert done.exit_code == 0, done.output
        assert f"rows       {rows} of subset" in done.output
        assert "not installed here: checked against the recorded version" in done.output
        assert f"start      bash {tmp_path}/run/train/{backend}-{stage}/launch.sh" in done.output
