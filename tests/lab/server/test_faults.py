"""Faults on purpose: what a client sees, how often, and that a retry can succeed."""

import asyncio
import json
from collections import Counter

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from mmfinereason.lab import faults
from mmfinereason.lab.launch import serving
from mmfinereason.recipe.lab import FAULTS, FaultSettings, LabOptions

from .asking import about, post


def always(ask, puzzle, name, **fields):
    (answer,) = ask([about(puzzle, **fields)], faults=FaultSettings(**{name: 1.0}, slow_seconds=0.05, retry_after=2))
    return answer


@pytest.mark.parametrize(("name", "status"), [("rate_limited", 429), ("server_error", 500), ("unavailable", 503)])
def test_error_statuses_come_with_an_error_object(ask, puzzles, name, status):
    answer = always(ask, puzzles[0], name)
    assert answer.status == status and answer.error["message"]
    assert answer.headers.get("Retry-After") == ("2" if status in (429, 503) else None)


def test_bodies_are_spoiled(ask, puzzles):
    html = always(ask, puzzles[0], "html")
    assert html.status == 200 and html.headers["Content-Type"].startswith("text/html") and b"<html>" in html.raw
    plain = always(ask, puzzles[0], "wrong_type")
    assert plain.status == 200 and plain.headers["Content-Type"].startswith("text/plain")
    assert always(ask, puzzles[0], "empty_choices").json["choices"] == []
    assert always(ask, puzzles[0], "null_content").message == {"role": "assistant", "content": None}
    cut = always(ask, puzzles[0], "length")
    assert cut.choice["finish_reason"] == "length" and cut.message["content"] is None and cut.message["reasoning"]
    assert always(ask, puzzles[0], "slow").status == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_truncated_body_ends_politely_and_a_reset_one_does_not(puzzles, rows, stream):
    async def talk(name):
        options = LabOptions(faults=FaultSettings(**{name: 1.0}))
        async with serving("simulated", rows, options) as (url, lab), aiohttp.ClientSession() as session:
            asked = session.post(f"{url}/chat/completions", json=about(puzzles[0], stream=stream))
            async with asked as reply:
                try:
                    return reply.status, await reply.read(), lab.entries()
                except aiohttp.ClientPayloadError as error:
                    return reply.status, error, lab.entries()

    status, raw, (entry,) = asyncio.run(talk("truncated_json"))
    assert status == 200 and entry["fault"] == "truncated_json"
    if not stream:
        with pytest.raises(json.JSONDecodeError):
            json.loads(raw)
    status, error, (entry,) = asyncio.run(talk("reset"))
    assert isinstance(error, aiohttp.ClientPayloadError) and entry["fault"] == "reset"


def test_a_hanging_request_ends_when_the_client_gives_up(puzzles, rows):
    async def talk():
        options = LabOptions(faults=FaultSettings(hang=1.0))
        async with serving("simulated", rows, options) as (url, lab), aiohttp.ClientSession() as session:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(post(session, url, about(puzzles[0])), 0.2)
            return lab.entries()

    (entry,) = asyncio.run(talk())
    assert entry["fault"] == "hang"


def test_faults_strike_at_their_rates_and_repeat_with_the_seed():
    settings = FaultSettings(reset=0.2, html=0.1)
    drawn = [faults.draw(settings, 1, str(i), 0) for i in range(2000)]
    counts = Counter(drawn)
    assert 340 <= counts["reset"] <= 460 and 150 <= counts["html"] <= 250 and set(counts) == {None, "reset", "html"}
    assert drawn == [faults.draw(settings, 1, str(i), 0) for i in range(2000)]
    assert drawn != [faults.draw(settings, 2, str(i), 0) for i in range(2000)]


def test_a_retry_can_succeed(ask, puzzles):
    asked = about(puzzles[0], seed=4)
    statuses = [answer.status for answer in ask([asked] * 12, faults=FaultSettings(server_error=0.5))]
    assert set(statuses) == {200, 500}


def test_a_share_of_faults_is_spread_evenly_over_the_quick_ones():
    spread = FaultSettings.evenly(0.09)
    assert sum(getattr(spread, name) for name in FAULTS) == pytest.approx(0.09)
    assert spread.hang == spread.slow == spread.length == 0


def test_rates_of_more_than_one_are_refused():
    with pytest.raises(ValueError, match="more than 1"):
        FaultSettings(reset=0.6, html=0.6)


def test_more_requests_than_the_limit_get_429(puzzles, rows):
    async def talk():
        options = LabOptions(max_in_flight=2, latency=0.2)
        async with serving("simulated", rows, options) as (url, _), aiohttp.ClientSession() as session:
            return await asyncio.gather(*(post(session, url, about(puzzles[0], seed=i)) for i in range(5)))

    statuses = Counter(answer.status for answer in asyncio.run(talk()))
    assert statuses == {200: 2, 429: 3}


def test_latency_delays_and_jitter_spreads_it(puzzles, rows):
    async def talk():
        options = LabOptions(latency=0.2, jitter=0.5)
        async with serving("simulated", rows, options) as (url, _), aiohttp.ClientSession() as session:

            async def one(seed):
                before = asyncio.get_running_loop().time()
                await post(session, url, about(puzzles[0], seed=seed))
                return asyncio.get_running_loop().time() - before

            return await asyncio.gather(*(one(seed) for seed in range(12)))

    taken = asyncio.run(talk())
    assert min(taken) >= 0.1 and max(taken) - min(taken) > 0.05


@pytest.mark.parametrize("politely", [False, True])
def test_breaking_off_to_a_client_that_has_gone_is_no_error(monkeypatch, politely):
    async def gone(self, request):
        raise ConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(web.StreamResponse, "prepare", gone)
    request = make_mocked_request("POST", "/v1/chat/completions")
    asyncio.run(faults.break_off(request, b"x" * 100, "text/plain", politely=politely))
