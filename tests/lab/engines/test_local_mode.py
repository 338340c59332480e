"""Lab mode `local`: a run and an evaluation asked of a real model, however badly it answers."""

import gc
import time
import weakref

import pytest

from mmfinereason import pipeline
from mmfinereason.ablate.serving import served
from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.errors import EndpointError, RecipeError
from mmfinereason.evaluate import evaluate
from mmfinereason.lab import engines
from mmfinereason.lab.roles import attended
from mmfinereason.recipe import parse
from mmfinereason.recipe.train_local import LocalSettings
from mmfinereason.store.query import connect
from numpy_model import build_numpy_qwen3vl

RECIPE = """
name: real
sources: [{{use: puzzles, puzzles: {{count: 6, seed: 4}}}}]
models:
  teacher: {{lab: {{mode: local, checkpoint: "{0}"}}, max_tokens: 24}}
  prober: {{lab: {{mode: local, checkpoint: "{0}"}}, max_tokens: 24}}
  judge: {{lab: {{mode: local, checkpoint: "{0}"}}, max_tokens: 24}}
  student: {{lab: {{mode: local, checkpoint: "{0}"}}, max_tokens: 24}}
select: {{subsets: [full]}}
evaluate:
  models: {{other: {{lab: {{mode: local, checkpoint: "{0}"}}, max_tokens: 8}}}}
  benchmarks: [{{name: ours, source: {{use: puzzles, puzzles: {{count: 4, seed: 9}}}}}}]
"""


@pytest.fixture(scope="module")
def talker(tmp_path_factory):
    """A model with room for the prompts of a run."""
    return build_numpy_qwen3vl(tmp_path_factory.mktemp("models") / "talker", context=8192)


def prepared(tmp_path, checkpoint):
    return pipeline.prepare(parse(RECIPE.format(checkpoint), overrides=[f"run={tmp_path}/run", "execute.workers=1"]))


@pytest.fixture(scope="module")
def context(talker, tmp_path_factory):
    context = prepared(tmp_path_factory.mktemp("real"), talker)
    pipeline.run_all(context)
    return context


def test_rubbish_becomes_rejects_with_reasons(context):
    ask = connect(context.run)
    traces = ask.execute("SELECT count(*), count(DISTINCT id) FROM traces").fetchall()
    assert traces[0][1] > 0
    reasons = {reason for (reason,) in ask.execute("SELECT DISTINCT status FROM traces").fetchall()}
    assert reasons and "ok" not in reasons


def test_a_real_model_is_called_like_its_folder(context):
    assert context.recipe.models.teacher.model == "talker"
    models = connect(context.run).execute("SELECT DISTINCT model FROM traces").fetchall()
    assert models == [("talker",)]


def test_an_evaluation_of_real_models_is_not_marked_as_simulated(context):
    for name, most in (("student", 24), ("other", 8)):
        result = evaluate(context, name, open_benchmark(context.recipe.evaluate.benchmarks[0]))
        assert result.served_as == ["talker"] and not result.simulated
        assert result.questions == 4 and result.tokens.largest <= most


def test_roles_with_one_checkpoint_share_a_server(talker):
    recipe = parse(RECIPE.format(talker))
    with attended(recipe.models.roles()) as roles:
        urls = {endpoint.url for role in roles.values() for endpoint in role.endpoints}
    assert len(urls) == 1


def test_a_model_is_let_go_with_its_server(talker, monkeypatch, tmp_path):
    kept, load = [], engines.load

    def remembered(*options):
        engine = load(*options)
        kept.append(weakref.ref(engine))
        return engine

    monkeypatch.setattr(engines, "load", remembered)
    with served(str(talker), None, tmp_path, LocalSettings()):
        (engine,) = kept
        assert engine() is not None
    until = time.monotonic() + 10
    while engine() is not None and time.monotonic() < until:
        gc.collect()
        time.sleep(0.05)
    assert engine() is None


def test_a_missing_checkpoint_is_named(tmp_path):
    with (
        pytest.raises(EndpointError, match=f"no checkpoint at {tmp_path}/none"),
        attended(parse(RECIPE.format(f"{tmp_path}/none")).models.roles()),
    ):
        pass


def test_a_path_may_be_relative_or_from_home(talker, monkeypatch):
    monkeypatch.chdir(talker.parent)
    monkeypatch.setenv("HOME", str(talker.parent))
    for path in ("talker", "~/talker"):
        recipe = parse(RECIPE.format(path))
        assert recipe.models.teacher.model == "talker"
        with attended(recipe.models.roles()) as roles:
            assert roles["teacher"].endpoints


@pytest.mark.parametrize(
    ("lab", "said"),
    [
        ("{mode: local}", "mode local needs a checkpoint"),
        ("{checkpoint: m}", "a checkpoint needs mode local"),
        ("{mode: local, checkpoint: m, wrong: 0.1}", "knows no wrong"),
        ("{mode: local, checkpoint: simulated-m}", "must not be called simulated-m"),
    ],
)
def test_settings_that_do_not_fit_the_mode_are_refused(lab, said):
    with pytest.raises(RecipeError, match=said):
        parse(f"name: x\nsources: [{{use: puzzles}}]\nmodels: {{teacher: {{lab: {lab}}}}}\n")
