from __future__ import annotations

from typing import Any

import pytest

from mmfinereason.context import Context
from mmfinereason.distill import distill, redo
from mmfinereason.distill.redo import reasons
from mmfinereason.errors import MmfrError, SettingsChanged, StoreError
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.schema import Reason, Stage

from .conftest import Serve

NO_RETRY = {"retry": {"truncated": 0, "repetition": 0, "template": 0, "other": 0}}
MIXED = LabOptions(truncated=0.3, repetitive=0.2)


def table(context: Context) -> list[dict[str, Any]]:
    found = context.table(Stage.DISTILL)
    return [row for shard in found.shards() for row in found.read(shard).to_pylist()]


def rejected(context: Context) -> dict[str, str]:
    found = context.table(Stage.DISTILL)
    return {row["id"]: row["reason"] for shard in found.shards() for row in found.rejects(shard).to_pylist()}


def test_only_what_failed_so_is_asked_again_with_the_new_settings(serve: Serve) -> None:
    with serve(MIXED, distill=NO_RETRY, teacher={"max_tokens": 2000}) as (server, context):
        before = distill(context)
        old = table(context)
        truncated = {row["id"] for row in old if row["status"] == "truncated"}
        repetitive = {row["id"] for row in old if row["status"] == "repetition"}
        asked = len(server.entries())
        assert truncated and repetitive and before is not None
    with serve(distill=NO_RETRY, teacher={"max_tokens": 9000}) as (server, context):
        with pytest.raises(SettingsChanged, match=r"teacher\.max_tokens"):
            distill(context)
        after = redo(context, {Reason.TRUNCATED})
        assert len(server.entries()) == len(truncated) < asked
        rows = table(context)
        assert [row for row in rows if row["id"] not in truncated] == [row for row in old if row["id"] not in truncated]
        again = [row for row in rows if row["attempt"] == 1]
        assert {row["id"] for row in again} == truncated
        assert all(row["last"] and row["status"] == "ok" and row["max_tokens"] == 9000 for row in again)
        assert all(not row["last"] for row in rows if row["attempt"] == 0 and row["id"] in truncated)
        assert rejected(context) == dict.fromkeys(repetitive, "repetition")
        assert after is not None and after.fingerprint != before.fingerprint


def test_a_redone_table_is_up_to_date_for_the_recipe_it_was_made_with(serve: Serve) -> None:
    with serve(MIXED, distill=NO_RETRY) as (_, context):
        distill(context)
    with serve(distill=NO_RETRY, teacher={"max_tokens": 9000}) as (_, context):
        after = redo(context, {Reason.TRUNCATED, Reason.REPETITION})
    with serve(distill=NO_RETRY) as (server, context):
        assert distill(context) == after
        assert server.entries() == []
        assert rejected(context) == {}


def test_a_redo_with_nothing_to_do_asks_nothing(serve: Serve) -> None:
    with serve(distill=NO_RETRY) as (server, context):
        distill(context)
        asked = len(server.entries())
        redo(context, {Reason.TIMEOUT})
        assert len(server.entries()) == asked


def test_a_redo_that_stopped_goes_on_and_pays_nothing_twice(serve: Serve) -> None:
    with serve(LabOptions(truncated=1.0), distill=NO_RETRY) as (_, context):
        distill(context)
        rows = len(table(context))
    with serve(distill=NO_RETRY) as (server, context):
        assert redo(Context(context.run, context.recipe, only=range(1)), {Reason.TRUNCATED}) is None
        assert context.table(Stage.DISTILL).manifest() is None  # half redone: nothing may be made from it yet
        first = len(server.entries())
        assert 0 < first < rows
        redo(context, {Reason.TRUNCATED})
        assert len(server.entries()) == rows
        assert rejected(context) == {}


def test_shards_redone_one_by_one_are_one_redo(serve: Serve) -> None:
    with serve(LabOptions(truncated=1.0), distill=NO_RETRY) as (server, context):
        distill(context)
        rows = len(table(context))
        for shard in range(3):
            redo(Context(context.run, context.recipe, only=range(shard, shard + 1)), {Reason.TRUNCATED})
        redo(context, {Reason.TRUNCATED})
        assert len(server.entries()) == 2 * rows
        assert set(rejected(context).values()) == {"truncated"}


def test_there_must_be_something_to_redo(serve: Serve) -> None:
    with serve() as (_, context), pytest.raises(StoreError, match="not complete"):
        redo(context, {Reason.TRUNCATED})


def test_an_unknown_class_is_named() -> None:
    assert reasons("truncated, timeout") == {Reason.TRUNCATED, Reason.TIMEOUT}
    with pytest.raises(MmfrError, match="did you mean 'truncated'"):
        reasons("truncted")
