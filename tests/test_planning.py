"""Plans: what they say of runs whose journals are known, of a pilot, and of the paper's own run."""

from __future__ import annotations

import asyncio
import uuid

import numpy as np
import pytest
from typer.testing import CliRunner

from mmfinereason import pipeline
from mmfinereason.cli.app import app
from mmfinereason.cli.plan import amount, duration
from mmfinereason.context import Context
from mmfinereason.errors import EndpointError, RecipeError
from mmfinereason.models.session import journal, spent
from mmfinereason.planning import Fleet, Terms, paper, plan
from mmfinereason.planning.evidence import evidence
from mmfinereason.planning.load import Load, Range, exactly, lines
from mmfinereason.recipe import load, parse
from mmfinereason.recipe.models import EndpointSettings, RoleSettings
from mmfinereason.report.paper_sources import paper_sources
from mmfinereason.schema import Stage
from mmfinereason.store import Run
from mmfinereason.store.appending import _Segments
from mmfinereason.store.journal import Entry

PUZZLES = """
name: planned
run: {folder}
sources: [{{use: puzzles, puzzles: {{count: {count}, families: [clock_reading]}}}}]
execute: {{workers: 1}}
collect: {{shard_rows: 6}}
caption: {{enabled: false}}
models:
  teacher: {{lab: {{short: 0.4, latency: 0.02, faults: {{server_error: 0.2}}}}, retries: {{first_wait: 0.01}}}}
"""


def context_of(folder, count=12, **changes):
    recipe = parse(PUZZLES.format(folder=folder, count=count))
    return Context(Run(recipe.run_url), recipe)


@pytest.fixture(scope="module")
def distilled(tmp_path_factory):
    """A run of twelve rows whose teacher fails screens and requests now and then."""
    context = context_of(tmp_path_factory.mktemp("plan") / "run")
    pipeline.run(context, [Stage.COLLECT, Stage.DISTILL])
    return context


PAPER = load("recipes/mmfinereason.yaml")


def test_an_estimate_lies_between_its_bounds():
    values = np.concatenate([[1.0], np.linspace(0.2, 0.9, 400)])
    found = Range.of(values)
    assert found.mid == found.high == 1.0 and 0.2 <= found.low < 0.25


def test_time_is_the_slowest_of_latency_limits_and_gpus():
    endpoint = EndpointSettings(url="http://a/v1", concurrency=10, price_in=1, price_out=10)
    work = Load(Stage.DISTILL, "teacher", exactly(100), exactly(100), exactly(1e6), exactly(2e6), exactly(1000))

    def line(fleet=Fleet(), **limits):  # noqa: B008
        role = RoleSettings(model="m", endpoints=[endpoint.model_copy(update=limits)])
        return lines([work], {"teacher": role}, fleet)[0]

    assert line().dollars == Range(21, 21, 21)
    assert line().seconds.mid == 100
    assert line(requests_per_minute=6.0).seconds.mid == 1000
    assert line(tokens_per_minute=60_000.0).seconds.mid == 3000
    assert line(Fleet({"": 500.0})).gpu_hours.mid == pytest.approx(2e6 / 500 / 3600)
    assert line(Fleet({"teacher": 100.0, "": 1.0}, gpus=4)).seconds.mid == pytest.approx(5000)


def test_stages_add_up_and_roles_of_a_stage_run_together():
    role = RoleSettings(model="m", endpoints=[EndpointSettings(url="http://a/v1", concurrency=1)])
    one, two = exactly(1), exactly(2)
    loads = [
        Load(Stage.DISTILL, "teacher", one, one, one, one, exactly(10)),
        Load(Stage.PROBE, "prober", one, two, one, one, exactly(10)),
        Load(Stage.PROBE, "judge", one, two, one, one, exactly(30)),
    ]
    total = lines(loads, dict.fromkeys(("teacher", "prober", "judge"), role), Fleet())[-1]
    assert total.stage == "total" and total.requests.mid == 5 and total.seconds.mid == 40 and total.gpu_hours is None


def test_evidence_holds_exactly_what_the_journals_say(distilled):
    found = evidence(distilled.run, Stage.DISTILL, ["teacher"])
    (teacher,) = found.loads(found.rows)
    tally = spent(distilled.run)
    assert found.rows == 12 == teacher.rows[0]
    assert teacher.requests[0] == pytest.approx(tally["teacher.requests"]) and teacher.requests[0] > 12
    assert teacher.prompt[0] + teacher.completion[0] == pytest.approx(tally["teacher.tokens"])
    assert teacher.busy[0] >= 12 * 0.02


def test_a_request_counts_for_the_row_it_was_asked_for(distilled):
    table = evidence(distilled.run, Stage.DISTILL, ["teacher"]).by_role["teacher"]
    assert (table[:, 1] >= 1).all(), "every row was asked about"
    assert table[:, 1].max() > 1, "and some more than once"


def test_evidence_is_read_from_an_object_store_as_well(monkeypatch):
    monkeypatch.setattr(_Segments, "sync_seconds", 0.01)
    context = context_of(f"memory://{uuid.uuid4()}", count=4)
    samples = [{"id": f"r{number}", "image_sha256": "same"} for number in range(4)]
    context.table(Stage.COLLECT).write(0, samples)
    body = {"completion_tokens": 30, "latency": 2.0}

    async def write():
        async with journal(context, Stage.DISTILL, 0) as kept:
            for number in range(4):
                tally = {"teacher.requests": 2, "teacher.tokens": 100}
                await kept.append(Entry(f"k{number}", "ok", body), tally)

    asyncio.run(write())
    rows = [{"id": row["id"], "request_key": f"k{number}"} for number, row in enumerate(samples)]
    context.table(Stage.DISTILL).write(0, rows)
    found = evidence(context.run, Stage.DISTILL, ["teacher"])
    assert found.images == 1
    assert found.by_role["teacher"].tolist() == [[1, 2, 70, 30, 2]] * 4


def test_twice_the_rows_cost_twice_as_much(distilled):
    found = evidence(distilled.run, Stage.DISTILL, ["teacher"])
    once, twice = found.loads(12)[0], found.loads(24)[0]
    assert np.allclose(2 * once.completion, twice.completion)
    assert Range.of(once.completion).low < once.completion[0] < Range.of(once.completion).high


def test_a_finished_run_is_planned_from_itself(distilled):
    planned = plan(distilled, Terms("run"))
    assert [line.stage for line in planned.lines] == ["distill", "total"]
    assert "12 rows that this run has finished" in planned.grounds[0]
    assert "made up" in " ".join(planned.grounds)
    assert planned.spent["teacher.requests"] == pytest.approx(planned.lines[0].requests.mid)


def test_a_pilot_leaves_no_trace_in_the_run(tmp_path):
    context = context_of(tmp_path / "run", count=500)
    planned = plan(context, Terms(pilot=4))
    teacher = planned.lines[0]
    assert not (tmp_path / "run").exists()
    assert teacher.rows.mid == 500 and teacher.requests.mid >= 500 and teacher.seconds.mid > 0


def test_a_pilot_on_a_collected_run_draws_from_its_samples(distilled):
    before = spent(distilled.run)
    planned = plan(distilled, Terms("pilot", pilot=3))
    assert planned.lines[0].rows.mid == 12 and "a pilot of 3 rows" in planned.grounds[0]
    assert spent(distilled.run) == before


def test_the_run_alone_may_not_tell_enough(tmp_path):
    with pytest.raises(RecipeError, match="no finished shard of distill"):
        plan(context_of(tmp_path / "run"), Terms("run"))


def test_the_papers_recipe_is_priced_with_no_server(tmp_path):
    recipe = PAPER.model_copy(update={"run": str(tmp_path / "run")})
    planned = plan(Context(Run(recipe.run_url), recipe), Terms("paper"))
    by_stage = {(line.stage, line.role): line for line in planned.lines}
    teacher = by_stage["distill", "teacher"]
    rows = sum(one.original for one in paper_sources().values())
    tokens = sum(one.original * one.tokens / one.rows for one in paper_sources().values())
    removed = sum(one.too_short + one.template for one in paper_sources().values())
    assert teacher.rows.mid == rows == 2_372_420
    assert teacher.completion.mid == pytest.approx(tokens * (1 + removed / rows))
    assert teacher.completion.low >= tokens * 0.999
    assert by_stage["probe", "prober"].requests.mid == 4 * 2_286_130
    assert by_stage["caption", "captioner"].completion.mid == pytest.approx(rows * 609.46)
    assert planned.grounds[0].startswith("From the paper's figures")


def test_unreachable_servers_fall_back_to_the_paper_only_for_its_own_sources(tmp_path):
    dead = [EndpointSettings(url="http://127.0.0.1:9/v1")]
    models = PAPER.models.model_copy(
        update={"teacher": PAPER.models.teacher.model_copy(update={"endpoints": dead}), "captioner": None,
                "cleaner": None, "judge": [], "prober": None}
    )  # fmt: skip
    recipe = PAPER.model_copy(update={"models": models, "run": str(tmp_path / "run")})
    planned = plan(Context(Run(recipe.run_url), recipe), Terms())
    assert "no endpoint of the teacher answers" in planned.grounds[0]
    assert [line.role for line in planned.lines] == ["teacher", ""]
    own = context_of(tmp_path / "own")
    own = Context(own.run, own.recipe.model_copy(update={"models": models}))
    with pytest.raises(EndpointError, match="no endpoint of the teacher answers"):
        plan(own, Terms())
    with pytest.raises(RecipeError, match="not one of the paper's"):
        paper.loads(own.recipe)


@pytest.mark.parametrize("columns", [80, 160])
def test_a_printed_plan_fits_the_terminal(columns, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    rates = ["--tokens-per-second-per-gpu", "150", "--tokens-per-second-per-gpu", "prober=3000", "--gpus", "64"]
    done = CliRunner().invoke(app, ["plan", "recipes/mmfinereason.yaml", "--from", "paper", *rates])
    assert done.exit_code == 0, done.output
    assert all(len(line) <= columns for line in done.output.splitlines()) and "…" not in done.output
    assert "distill teacher" in done.output and "total" in done.output


def test_a_rate_that_is_none_is_a_sentence():
    done = CliRunner().invoke(app, ["plan", "recipes/mmfinereason.yaml", "--tokens-per-second-per-gpu", "fast"])
    assert done.exit_code == 2 and "not a rate" in done.output


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (417, "417"), (999.6, "1k"), (1234, "1.23k"), (2.372e6, "2.37M"), (46.1e9, "46.1B")]
)
def test_amounts_have_three_digits(value, shown):
    assert amount(value) == shown


def test_durations_have_their_unit():
    found = [duration(seconds) for seconds in (0.5, 40, 150, 8000, 3 * 86400)]
    assert found == ["<1 s", "40 s", "2.5 min", "2.22 h", "3 d"]
