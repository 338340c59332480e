"""A small run of simulated roles, a benchmark beside it, and a trainer and servers that only pretend."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from mmfinereason import pipeline
from mmfinereason.ablate.work import Means
from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.context import Context
from mmfinereason.evaluate.simulated import _write_known
from mmfinereason.lab.launch import start
from mmfinereason.recipe import parse
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.store import Run
from mmfinereason.train.local import TrainResult

RECIPE = """
name: small
sources:
  - {use: puzzles, name: clocks, puzzles: {count: 14, families: [clock_reading], seed: 1}}
  - {use: puzzles, name: mazes, puzzles: {count: 10, families: [maze], seed: 2}}
models:
  teacher: {lab: {wrong: 0.2}, prompt: [PROMPTS/one.md, PROMPTS/two.md]}
  captioner: {lab: simulated}
probe: {rollouts: 1}
select:
  subsets:
    - {name: rl, rule: is_consistent, draw: uniform, size: 4}
    - {name: full, rule: is_consistent, disjoint_from: [rl]}
    - {name: few, rule: is_consistent, draw: uniform, size: 6}
export: {formats: [trl], tokens: {cutoff: 4096}}
train:
  sft: {model: no-such-model, epochs: 1}
evaluate:
  benchmarks:
    - name: held-out
      source: {use: puzzles, puzzles: {count: 12, families: [clock_reading, maze], seed: 99}}
      labels: {family: puzzle.family}
  max_tokens: 512
ablate:
  data: {full: full}
  workers: 0
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The run, made once; no test changes its tables."""
    folder = tmp_path_factory.mktemp("made")
    builtin = Path(pipeline.__file__).parent / "models" / "prompts" / "distill.md"
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(builtin.read_text() + f"\n(In the manner of {name}.)\n")
    recipe = parse(RECIPE.replace("PROMPTS", str(folder)), overrides=[f"run={folder}/run"])
    context = pipeline.prepare(recipe)
    pipeline.run(context)
    return context


@pytest.fixture
def run_of(made, tmp_path):
    """The run under another recipe: `run_of("ablate.seeds=[0, 1]")`. Its tables are linked, so each has its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    for path in Path(made.run.folder.root).iterdir():
        if path.name != "ablate":
            (folder / path.name).symlink_to(path)
    text = RECIPE.replace("PROMPTS", str(Path(made.run.folder.root).parent))

    def make(*overrides):
        recipe = parse(text, overrides=[f"run={folder}", *overrides])
        return Context(Run(recipe.run_url), recipe)

    return make


SKILLS = (0.25, 0.9)


@pytest.fixture(scope="session")
def students(made, tmp_path_factory):
    """Servers of simulated students by their skill."""
    known = tmp_path_factory.mktemp("known") / "known.parquet"
    _write_known(open_benchmark(made.recipe.evaluate.benchmarks[0]), known)
    servers = {skill: start("simulated", [known], LabOptions(skill=skill)) for skill in SKILLS}
    yield {skill: server.url for skill, server in servers.items()}
    for server in servers.values():
        server.stop()


class Pretend:
    """Trains nothing: a model is a folder that says how well it will do."""

    def __init__(self, students):
        self.students = students
        self.trained, self.served = [], []
        self.failing = {}
        """Key to the exception that its training raises."""
        self.skilled = set()
        """Data variants whose models do well."""

    @property
    def means(self):
        return Means(self.train, self.serve)

    def train(self, context, order):
        self.trained.append(order.key)
        if str(order.key) in self.failing:
            raise self.failing[str(order.key)]
        model = Path(context.run.folder.root) / "train" / "pretend" / "model"
        model.mkdir(parents=True, exist_ok=True)
        (model.parent / "checkpoints").mkdir(exist_ok=True)
        (model / "skill").write_text(str(SKILLS[order.key.data in self.skilled]))
        return TrainResult(str(model), 10, order.rows or 4, [], 1.0, {"loss_first": 2.0, "loss_last": 1.0})

    @contextmanager
    def serve(self, model, command, folder, local):
        self.served.append(model)
        skill = Path(model, "skill")
        yield self.students[float(skill.read_text()) if skill.exists() else SKILLS[0]], "simulated-student"


@pytest.fixture
def pretend(students, monkeypatch):
    """Without figures, which take longer than all else; their test draws its own."""
    monkeypatch.setattr("mmfinereason.ablate.results.figures", lambda ablation: [])
    return Pretend(students)
