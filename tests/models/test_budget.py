import asyncio

import fsspec
import pytest

from mmfinereason.errors import BudgetReached
from mmfinereason.models import Client
from mmfinereason.recipe.models import BudgetSettings
from mmfinereason.store.journal import tally_of

from .conftest import question, run, teacher
from .fake_server import FakeServer, after, first, status


async def ask_many(server, book, count, *, total=None, spent=None, **settings):
    client = Client({"teacher": teacher(server.url, **settings)}, budget=total, spent=spent)
    async with client, book:
        outcomes = await asyncio.gather(*(client.ask(question(i), book) for i in range(count)), return_exceptions=True)
    stopped = [outcome for outcome in outcomes if isinstance(outcome, BudgetReached)]
    assert all(not isinstance(outcome, BaseException) for outcome in outcomes if outcome not in stopped)
    return len(outcomes) - len(stopped), stopped


def test_requests_stop_exactly_at_the_budget_and_what_was_sent_is_kept(journal):
    async def go():
        async with FakeServer(after(0.01)) as server:
            done, stopped = await ask_many(server, journal(), 20, budget=BudgetSettings(requests=7))
            return done, stopped, len(server.seen)

    done, stopped, seen = run(go())
    assert (done, len(stopped), seen) == (7, 13, 7)
    assert "models.teacher.budget.requests is reached: 7 of 7 spent" in str(stopped[0])
    assert "run the same command again" in str(stopped[0])


def test_retries_count_against_a_budget_of_requests(journal):
    async def go():
        async with FakeServer(first(3, status(500))) as server:
            done, _ = await ask_many(
                server, journal(), 20, budget=BudgetSettings(requests=7), endpoint={"concurrency": 1}
            )
            return done, len(server.seen)

    done, seen = run(go())
    assert seen == 7 and done <= 7


@pytest.mark.parametrize("budget", [BudgetSettings(tokens=200), BudgetSettings(dollars=200e-6)])
def test_tokens_and_dollars_are_never_passed_even_at_the_worst(journal, budget):
    prices = {"price_in": 1.0, "price_out": 1.0}

    async def go():
        async with FakeServer(after(0.005)) as server:
            return await ask_many(server, journal(), 40, total=budget, max_tokens=60, endpoint=prices)

    done, stopped = run(go())
    assert stopped
    assert 15 * done <= 200  # a reply costs 15 tokens
    assert 15 * (done + 1) + 60 > 200  # and the next could have passed the limit


def test_a_raised_budget_goes_on_where_the_run_stopped(journal, tmp_path):
    async def go():
        fs, path = fsspec.filesystem("file"), str(tmp_path / "journal" / "part-00000.jsonl")
        async with FakeServer() as server:
            first_done, _ = await ask_many(server, journal(), 10, budget=BudgetSettings(requests=4))
            spent = tally_of(fs, path)
            still, _ = await ask_many(server, journal(), 10, budget=BudgetSettings(requests=4), spent=spent)
            assert len(server.seen) == 4
            done, stopped = await ask_many(server, journal(), 10, budget=BudgetSettings(requests=10), spent=spent)
            return first_done, spent, still, done, len(stopped), len(server.seen)

    assert run(go()) == (4, {"teacher.requests": 4, "teacher.tokens": 60}, 4, 10, 0, 10)


def test_a_budget_of_nothing_sends_nothing(journal):
    async def go():
        async with FakeServer() as server:
            _, stopped = await ask_many(server, journal(), 1, budget=BudgetSettings(requests=0))
            return len(stopped), len(server.seen)

    assert run(go()) == (1, 0)


def test_a_request_stopped_between_two_tries_is_counted_and_owed_again(journal, tmp_path):
    async def go():
        async with FakeServer(first(1, status(500))) as server:
            done, stopped = await ask_many(server, journal(), 1, budget=BudgetSettings(requests=1))
            spent = tally_of(fsspec.filesystem("file"), str(tmp_path / "journal" / "part-00000.jsonl"))
            again, _ = await ask_many(server, journal(), 1, budget=BudgetSettings(requests=2), spent=spent)
            return done, len(stopped), spent, again

    assert run(go()) == (0, 1, {"teacher.requests": 1}, 1)
