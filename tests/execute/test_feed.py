"""Rows put to a model: in order, no faster than it takes them, and the first error ends it."""

import asyncio

import pytest

from mmfinereason.errors import BudgetReached
from mmfinereason.execute.feed import feed


def test_results_come_in_the_order_of_the_rows():
    async def work(row):
        await asyncio.sleep(0.001 * (5 - row % 5))
        return row * row

    assert asyncio.run(feed(range(40), work, hungry=lambda: True)) == [row * row for row in range(40)]


def test_no_more_rows_are_drawn_than_are_wanted():
    drawn, running, most = [], [0], [0]

    def rows():
        for row in range(60):
            drawn.append(row)
            yield row

    async def work(row):
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.002)
        running[0] -= 1

    asyncio.run(feed(rows(), work, hungry=lambda: running[0] < 4, pause=0.001))
    assert len(drawn) == 60 and most[0] <= 5


def test_the_first_error_is_raised_as_itself_and_cancels_the_rest():
    cancelled = []

    async def work(row):
        if row == 3:
            raise BudgetReached("spent")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(row)
            raise

    with pytest.raises(BudgetReached, match="spent"):
        asyncio.run(feed(range(8), work, hungry=lambda: True))
    assert set(cancelled) <= set(range(8)) - {3} and cancelled


def test_an_error_while_drawing_rows_is_raised():
    def rows():
        yield 1
        raise OSError("unreadable shard")

    async def work(row):
        await asyncio.sleep(0)

    with pytest.raises(OSError, match="unreadable"):
        asyncio.run(feed(rows(), work, hungry=lambda: True))
