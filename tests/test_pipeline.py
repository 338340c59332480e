"""The main job from end to end, and killed on the way."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmfinereason import pipeline
from mmfinereason.context import Context
from mmfinereason.errors import RecipeError, SettingsChanged
from mmfinereason.planning import Fleet, Terms, plan
from mmfinereason.recipe import parse
from mmfinereason.schema import Stage
from mmfinereason.store import Run
from mmfinereason.store.query import connect

RECIPE = """
name: whole
seed: 3
sources:
  - use: puzzles
    puzzles: {count: 48, dirty: 0.2, spoil: 0.1, seed: 11}
collect: {shard_rows: 16}
models:
  teacher: {lab: {wrong: 0.2, truncated: 0.1, repetitive: 0.1, malformed: 0.1}, max_tokens: 16384}
  captioner: {lab: simulated}
  cleaner: {lab: simulated}
  judge: {lab: simulated}
  prober: {lab: {skill: mixed, prober_truncated: 0.1}}
select:
  subsets: [full, 1.8M, 586K, 123K, {name: rl, rule: is_consistent, draw: uniform, size: 8}]
"""


def command(recipe):
    return [sys.executable, "-c", "from mmfinereason.cli import main; main()", "run", str(recipe)]


def exported(run):
    """Every exported file, byte for byte; the card quotes the run's own folder and is left out."""
    root = Path(run) / "exports"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.parquet")}


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    url = str(tmp_path_factory.mktemp("calm") / "run")
    context = pipeline.prepare(parse(RECIPE, overrides=[f"run={url}", "execute.workers=1"]))
    pipeline.run_all(context)
    return context


def test_every_row_is_accounted_for_at_every_stage(calm):
    ask = connect(calm.run)

    def count(query):
        return ask.execute(query).fetchall()[0][0]

    samples = count("SELECT count(*) FROM samples")
    assert samples + count("SELECT count(*) FROM rejects WHERE stage = 'collect'") == 48
    assert count("SELECT count(DISTINCT id) FROM traces") == samples
    assert count("SELECT count(DISTINCT id) FROM verdicts") == samples
    assert count("SELECT count(*) FROM rollouts") == samples
    assert count("SELECT count(*) FROM selection") == samples
    assert count("SELECT count(*) FROM selection WHERE len(subsets) = 0 AND reason IS NULL") == 0


def test_the_subsets_obey_their_rules(calm):
    ask = connect(calm.run)
    hardest = (
        "SELECT r.pass_rate, v.is_consistent FROM selection s JOIN rollouts r USING (id) JOIN verdicts v USING (id) "
    )
    rows = ask.sql(hardest + "WHERE list_contains(s.subsets, '123K') AND v.chosen").fetchall()
    assert rows and all(row == (0.0, True) for row in rows)
    rl = "SELECT count(*) FROM selection WHERE list_contains(subsets, 'rl')"
    assert ask.execute(rl).fetchall() == [(8,)]


def test_a_second_start_changes_nothing_and_asks_no_model(calm):
    before = exported(calm.run.url)
    times = {path: path.stat().st_mtime_ns for path in Path(calm.run.url).glob("traces/*.parquet")}
    pipeline.run_all(calm)
    assert exported(calm.run.url) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_another_threshold_redoes_only_what_stands_on_it(calm):
    overrides = [f"run={calm.run.url}", "select.subsets=[full]", "execute.workers=0"]
    changed = pipeline.prepare(parse(RECIPE, overrides=overrides))
    with pytest.raises(SettingsChanged, match="stage 'select' of this run was made with other settings"):
        pipeline.run(changed)
    assert calm.run.recipe_text().count("name: 1.8M") == 1  # the recipe as it ran, not as it was refused
    assert pipeline.redo(changed, pipeline.stage_named("select")) == [Stage.SELECT]
    pipeline.run(changed)
    asked = connect(changed.run).sql("SELECT DISTINCT unnest(subsets) FROM selection").fetchall()
    assert asked == [("full",)]
    restored = pipeline.prepare(calm.recipe)
    pipeline.redo(restored, Stage.SELECT)
    pipeline.run_all(restored)


def test_redo_takes_along_what_was_made_from_it(calm):
    assert pipeline.stage_named("verify") is Stage.VERIFY
    with pytest.raises(RecipeError, match="there is no stage 'verfy'"):
        pipeline.stage_named("verfy")


def test_killed_three_times_the_run_ends_the_same(calm, tmp_path):
    url = tmp_path / "killed"
    recipe = tmp_path / "r.yaml"
    recipe.write_text(RECIPE + f"run: {url}\nexecute: {{workers: 1}}\n")
    dice = random.Random(1)
    for _ in range(3):
        process = subprocess.Popen(
            command(recipe), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        time.sleep(dice.uniform(2.0, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    done = subprocess.run(command(recipe), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert exported(url) == exported(calm.run.url)


def test_a_check_finds_prompts_and_tokenizers_that_cannot_be_used(tmp_path):
    (tmp_path / "own.md").write_text("Solve it.")
    text = f"""
name: x
sources: [{{use: puzzles}}]
models:
  teacher: {{lab: simulated, prompt: {tmp_path}/own.md}}
  judge: [{{lab: simulated, prompt: nowhere.md}}]
distill: {{tokenizer: {{file: {tmp_path}/tokenizer.json}}}}
"""
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(RecipeError) as caught:
        pipeline.check(tmp_path / "r.yaml")
    told = str(caught.value)
    assert "`models.teacher.prompt`: prompt 'own' lacks the placeholder {{question}}" in told
    assert "`models.judge.prompt`: prompt 'nowhere.md' is neither built in nor a file" in told
    assert "`distill.tokenizer.file` does not exist" in told


def test_a_check_finds_prompts_of_trainings_and_evaluations(tmp_path):
    (tmp_path / "own.md").write_text("{{question|bare}}")
    (tmp_path / "recipe.yaml").write_text(f"""
name: tiny
sources: [{{use: puzzles}}]
models:
  student: {{lab: simulated, prompt: {tmp_path}/own.md}}
  prober: {{lab: simulated, prompt: question}}
evaluate: {{models: {{base: {{lab: simulated, prompt: caption}}}}}}
export: {{prompt: nowhere.md}}
""")
    with pytest.raises(RecipeError) as refused:
        pipeline.check(tmp_path / "recipe.yaml")
    assert refused.value.problems == [
        "`evaluate.models.base.prompt`: prompt 'caption' is written for 'caption', not for 'answer'",
        "`export.prompt`: prompt 'nowhere.md' is neither built in nor a file",
    ]


def test_a_check_misses_the_file_that_a_lab_server_is_to_replay(tmp_path):
    lab = f"{{mode: replay, file: {tmp_path}/replies.parquet}}"
    recipe = f"name: x\nmodels: {{teacher: {{lab: {lab}}}}}\nevaluate: {{models: {{base: {{lab: {lab}}}}}}}\n"
    (tmp_path / "recipe.yaml").write_text(recipe)
    with pytest.raises(RecipeError) as refused:
        pipeline.check(tmp_path / "recipe.yaml")
    assert refused.value.problems == [
        f"`{place}.lab.file` does not exist: {tmp_path}/replies.parquet"
        for place in ("models.teacher", "evaluate.models.base")
    ]
    (tmp_path / "replies.parquet").touch()
    assert pipeline.check(tmp_path / "recipe.yaml").name == "x"


def test_a_recipe_without_sources_is_fine_until_data_is_to_be_made(tmp_path):
    (tmp_path / "recipe.yaml").write_text(f"name: tiny\nrun: {tmp_path}/run\nmodels: {{student: {{lab: simulated}}}}\n")
    recipe = pipeline.check(tmp_path / "recipe.yaml")
    with pytest.raises(RecipeError, match="the recipe names no sources"):
        pipeline.prepare(recipe)
    with pytest.raises(RecipeError, match="the recipe names no sources"):
        plan(Context(Run(recipe.run_url), recipe), Terms("paper", 20, None, Fleet({}, None)))
    assert not (tmp_path / "run").exists()


def test_bare_values_that_a_lab_server_could_not_find_are_refused(tmp_path):
    (tmp_path / "own.md").write_text("Clean {{question|bare}}")
    recipe = "name: tiny\nsources: [{{use: puzzles}}]\nmodels: {{cleaner: {{{served}, prompt: {file}}}}}\n"
    served = {"lab": "lab: simulated", "real": "model: m, endpoints: [{url: 'http://localhost:8000/v1'}]"}
    for name, how in served.items():
        (tmp_path / f"{name}.yaml").write_text(recipe.format(served=how, file=tmp_path / "own.md"))
    with pytest.raises(
        RecipeError, match=r"has {{question\|bare}}, and a lab cleaner finds its values by their blocks"
    ):
        pipeline.check(tmp_path / "lab.yaml")
    assert pipeline.check(tmp_path / "real.yaml").models.cleaner is not None
