import asyncio

import pytest

from mmfinereason.execute import flow


def test_the_next_shard_opens_while_the_last_one_still_waits():
    open_now, most = 0, 0

    async def work(shard):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.05)
        open_now -= 1

    asyncio.run(flow(range(6), work, hungry=lambda: open_now < 3, pause=0.001))
    assert most == 3


def test_nothing_is_opened_when_the_endpoints_are_full():
    most, open_now = 0, 0

    async def work(shard):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.01)
        open_now -= 1

    asyncio.run(flow(range(4), work, hungry=lambda: False, pause=0.001))
    assert most == 1


def test_an_error_ends_the_flow_and_cancels_the_others():
    cancelled = []

    async def work(shard):
        if shard == 1:
            raise ValueError("no endpoint")
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(shard)
            raise

    with pytest.raises(ValueError, match="no endpoint"):
        asyncio.run(flow(range(3), work, hungry=lambda: True, pause=0.001))
    assert 0 in cancelled
