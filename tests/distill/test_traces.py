from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mmfinereason.context import Context
from mmfinereason.distill import distill
from mmfinereason.errors import BudgetReached, RecipeError, SettingsChanged
from mmfinereason.recipe.lab import FaultSettings, LabOptions
from mmfinereason.schema import Stage
from mmfinereason.store import Run

from .conftest import Serve

FAULTY = LabOptions(truncated=0.15, repetitive=0.15, malformed=0.15, leaky=0.05, short=0.05)


def table(context: Context, stage: Stage = Stage.DISTILL) -> list[dict[str, Any]]:
    found = context.table(stage)
    return [row for shard in found.shards() for row in found.read(shard).to_pylist()]


def rejects(context: Context) -> list[dict[str, Any]]:
    found = context.table(Stage.DISTILL)
    return [row for shard in found.shards() for row in found.rejects(shard).to_pylist()]


def by_candidate(rows: list[dict[str, Any]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["id"], row["candidate"]), []).append(row)
    return found


def test_every_row_gets_its_candidates_and_a_second_start_asks_nothing(serve: Serve) -> None:
    with serve(distill={"candidates": 2}) as (server, context):
        manifest = distill(context)
        rows = table(context)
        samples = [row["id"] for row in table(context, Stage.COLLECT)]
        assert [(row["id"], row["candidate"]) for row in rows] == [(id, n) for id in samples for n in (0, 1)]
        assert all(row["last"] and row["status"] == "ok" and row["tokens"] and row["words"] for row in rows)
        assert len({row["seed"] for row in rows}) == len(rows)
        assert manifest is not None and manifest.figures["good"] == len(rows)
        asked = len(server.entries())
        assert asked == len(rows)
        assert distill(context) == manifest
        assert len(server.entries()) == asked


def test_what_fails_is_asked_again_by_class_and_all_attempts_stay(serve: Serve) -> None:
    with serve(FAULTY, distill={"candidates": 4}, teacher={"max_tokens": 3000, "temperature": 0.6}) as (_, context):
        distill(context)
        candidates = by_candidate(table(context))
        seen = Counter[str]()
        for attempts in candidates.values():
            assert [one["attempt"] for one in attempts] == list(range(len(attempts)))
            assert [one["last"] for one in attempts] == [False] * (len(attempts) - 1) + [True]
            assert all(one["status"] != "ok" for one in attempts[:-1])
            assert len({one["request_key"] for one in attempts}) == len(attempts)
            for before, after in pairwise(attempts):
                seen[before["status"]] += 1
                assert after["seed"] != before["seed"]
                if before["status"] == "repetition":
                    assert after["temperature"] == pytest.approx(before["temperature"] + 0.2)
                if before["status"] == "truncated":
                    assert after["max_tokens"] == 2 * before["max_tokens"]
                if before["status"] == "template":
                    assert "+reminder@" in after["prompt"]
        assert {"repetition", "truncated", "template"} <= seen.keys()


def test_rows_without_any_good_trace_are_rejected_with_the_reason_and_the_tries(serve: Serve) -> None:
    with serve(LabOptions(truncated=1.0)) as (_, context):
        manifest = distill(context)
        rows = table(context)
        assert manifest is not None and manifest.figures["good"] == 0
        assert Counter(row["status"] for row in rows) == {"truncated": len(rows)}
        left = rejects(context)
        assert {row["id"] for row in left} == {row["id"] for row in rows}
        assert {row["reason"] for row in left} == {"truncated"}
        assert left[0]["detail"] == "the reply ended at its token limit (tried: 2 × truncated)"
        assert left[0]["source"].startswith("puzzles-") and left[0]["question"]


def test_a_request_that_the_client_gave_up_is_not_asked_again(serve: Serve) -> None:
    silent = LabOptions(faults=FaultSettings(null_content=1.0))
    with serve(silent, teacher={"retries": {"tries": 2, "first_wait": 0}}) as (server, context):
        distill(context)
        rows = table(context)
        assert {(row["status"], row["attempt"], row["last"]) for row in rows} == {("empty_reply", 0, True)}
        assert {row["reason"] for row in rejects(context)} == {"empty_reply"}
        assert len(server.entries()) == 2 * len(rows)


def test_the_teacher_sees_the_image_and_the_question_and_no_answer(serve: Serve) -> None:
    from mmfinereason.distill.asking import Asker
    from mmfinereason.distill.rows import Row, rows

    with serve() as (_, context):
        samples = {row["id"]: row for row in table(context, Stage.COLLECT)}
        role = context.recipe.models.teacher
        assert role is not None
        asker = Asker.of(role, context.recipe.distill.retry)
        for row in rows(context.table(Stage.COLLECT), 0):
            request = asker.request(row, 0, 0, Counter())
            assert request.image == samples[row.id]["image"]["bytes"]
            assert f"\n{row.question.removeprefix('<image>')}\n" in request.text and "<image>" not in request.text
            assert "<reference-" not in request.text and "<caption-" not in request.text
        assert "answer" not in Row.__dataclass_fields__


def test_an_ensemble_uses_all_its_prompts_and_remembers_which(serve: Serve, tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("Look, think, and put the result into <answer></answer>.\n\n{{question}}\n\n{{options}}")
    with serve(teacher={"prompt": ["distill", str(mine)]}, distill={"candidates": 2}) as (_, context):
        distill(context)
        for attempts in by_candidate(table(context)).values():
            assert len(attempts) == 1
        names = Counter(row["prompt"].split("@")[0] for row in table(context))
        assert names["distill"] == names["mine"] == len(table(context)) / 2
        first = Counter(row["prompt"].split("@")[0] for row in table(context) if row["candidate"] == 0)
        assert set(first) == {"distill", "mine"}


def test_a_model_that_does_not_think_by_itself_writes_its_thoughts_in_tags(serve: Serve) -> None:
    with serve(teacher={"prompt": "distill_instruct"}) as (_, context):
        distill(context)
        rows = table(context)
        assert {row["status"] for row in rows} == {"ok"}
        assert all(row["reasoning"] and "<thinking>" not in row["reasoning"] + row["answer_text"] for row in rows)


def test_a_fixed_seed_still_gives_every_candidate_its_own(serve: Serve) -> None:
    with serve(teacher={"seed": 7}, distill={"candidates": 2}) as (_, context):
        distill(context)
        assert {row["seed"] for row in table(context) if row["candidate"] == 0} == {7}
        assert {row["seed"] for row in table(context) if row["candidate"] == 1} == {10_007}


def test_changed_settings_and_changed_prompts_are_refused(serve: Serve, tmp_path: Path) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("{{question}} <answer></answer>")
    with serve(teacher={"prompt": [str(mine)]}) as (server, context):
        distill(context)
        asked = len(server.entries())
        mine.write_text("{{question}} and then <answer></answer>")
        with pytest.raises(SettingsChanged, match="prompts"):
            distill(context)
        assert len(server.entries()) == asked


def test_a_recipe_without_a_teacher_or_with_a_wrong_prompt_fails_before_the_first_request(serve: Serve) -> None:
    with serve() as (_, context):
        models = context.recipe.models.model_copy(update={"teacher": None})
        without = Context(context.run, context.recipe.model_copy(update={"models": models}))
        with pytest.raises(RecipeError, match="needs a teacher"):
            distill(without)
    with serve(teacher={"prompt": "none.md"}) as (server, context):
        with pytest.raises(RecipeError, match="neither built in nor a file"):
            distill(context)
        assert server.entries() == []


def test_a_spent_budget_stops_the_run_and_a_raised_one_goes_on(serve: Serve) -> None:
    with serve(teacher={"budget": {"requests": 5}}) as (server, context):
        with pytest.raises(BudgetReached):
            distill(context)
        assert len(server.entries()) == 5
    with serve() as (server, context):
        distill(context)
        samples = table(context, Stage.COLLECT)
        assert len(server.entries()) == len(samples) - 5
        assert len(table(context)) == len(samples)


def test_shards_may_be_shared_out_among_processes(serve: Serve) -> None:
    with serve() as (_, context):
        shards = context.table(Stage.COLLECT).shards()
        assert distill(Context(context.run, context.recipe, only=range(1))) is None
        assert context.table(Stage.DISTILL).shards() == shards[:1]
        assert distill(Context(context.run, context.recipe, only=range(1, 99))) is not None


PROGRAM = """
import sys
from mmfinereason.context import Context
from mmfinereason.distill import distill
from mmfinereason.recipe import Recipe
from mmfinereason.store import Run
distill(Context(Run(sys.argv[1]), Recipe.model_validate_json(sys.argv[2])))
"""


def test_killed_at_any_moment_nothing_finished_is_sent_twice(serve: Serve) -> None:
    faulty = FAULTY.model_copy(update={"latency": 0.1})
    with serve(faulty, distill={"candidates": 3}) as (server, context):
        role = context.recipe.models.teacher
        assert role is not None
        slow = role.model_copy(update={"endpoints": [role.endpoints[0].model_copy(update={"concurrency": 8})]})
        models = context.recipe.models.model_copy(update={"teacher": slow})
        recipe = context.recipe.model_copy(update={"models": models})
        command = [sys.executable, "-c", PROGRAM, context.run.url, recipe.model_dump_json()]
        kills = 0
        for wanted in (10, 30):
            process = subprocess.Popen(command)
            while process.poll() is None and len(server.entries()) < wanted:
                time.sleep(0.02)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            process.wait()
        distill(Context(Run(context.run.url), recipe))
        keys = Counter(entry["key"] for entry in server.entries())
        assert kills == 2
        assert sum(keys.values()) - len(keys) <= kills * 8  # only requests that were on the wire at a kill
        assert len(keys) == len(table(context))
