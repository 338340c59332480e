"""The client against a server that fails in every way; nothing here waits longer than it must."""

from __future__ import annotations

import asyncio
import gc
import gzip

import pytest
from aiohttp import web

from mmfinereason.errors import EndpointError, StoreError
from mmfinereason.models import Client, Failure, Reply, transport
from mmfinereason.schema import Reason
from mmfinereason.store.appending import _LocalFile

from .conftest import question, run, teacher
from .fake_server import FakeServer, after, body_of, completion, first, good, status


async def ask_one(server, journal, request=None, **settings):
    async with Client({"teacher": teacher(server.url, **settings)}) as client, journal() as book:
        return await client.ask(request or question(), book)


async def ask_many(server, journal, count, **settings):
    async with Client({"teacher": teacher(server.url, **settings)}) as client, journal() as book:
        return await asyncio.gather(*(client.ask(question(i), book) for i in range(count)))


def test_a_reply_carries_all_that_a_table_row_needs(journal):
    async def go():
        async with FakeServer() as server:
            return await ask_one(
                server, journal, temperature=0.6, max_tokens=99, seed=7, endpoint={"price_in": 1.0, "price_out": 2.0}
            ), server.url

    reply, url = run(go())
    assert isinstance(reply, Reply)
    assert (reply.answer_text, reply.reasoning, reply.finish_reason) == ("fine", "", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cost) == (10, 5, pytest.approx(20e-6))
    assert (reply.model, reply.endpoint, reply.prompt) == ("served-model", url, "distill@00000000")
    assert (reply.temperature, reply.max_tokens, reply.seed, reply.tries) == (0.6, 99, 7, 1)
    assert reply.raw == '{"role":"assistant","content":"fine"}'
    assert reply.latency > 0 and not reply.replayed


RETRIED = {
    "429": (status(429), Reason.RATE_LIMITED, "HTTP 429: no"),
    "408": (status(408), Reason.TIMEOUT, "HTTP 408: no"),
    "409": (status(409), Reason.SERVER_ERROR, "HTTP 409: no"),
    "500": (status(500), Reason.SERVER_ERROR, "HTTP 500: no"),
    "503": (status(503), Reason.SERVER_ERROR, "HTTP 503: no"),
    "error page": (body_of(b"<html>Bad\n gateway</html>", "text/html"), Reason.BAD_REPLY, "error page: <html>Bad"),
    "wrong type": (body_of(b"hello", "text/plain"), Reason.BAD_REPLY, "content type text/plain: hello"),
    "truncated JSON": (body_of(b'{"choices": [{"mess'), Reason.BAD_REPLY, "truncated or broken JSON"),
    "not an object": (body_of(b"[1]"), Reason.BAD_REPLY, "not a chat completion: [1]"),
    "error inside": (body_of(b'{"error": {"message": "overloaded"}}'), Reason.SERVER_ERROR, "error in reply"),
    "no choice": (body_of(b'{"choices": []}'), Reason.EMPTY_REPLY, "no choice"),
    "null content": (
        body_of(b'{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}'),
        Reason.EMPTY_REPLY,
        "no text, finish reason stop",
    ),
    "blank content": (body_of(b'{"choices": [{"message": {"content": " \\n"}}]}'), Reason.EMPTY_REPLY, "no text"),
    "aborted": (
        body_of(b'{"choices": [{"message": {"content": "x"}, "finish_reason": "abort"}]}'),
        Reason.SERVER_ERROR,
        "finish reason abort",
    ),
    "redirect": (status(307, Location="http://elsewhere/"), Reason.BAD_REPLY, "HTTP 307"),
}


@pytest.mark.parametrize("case", RETRIED)
def test_a_fault_that_may_pass_is_retried_and_the_reply_kept(journal, case):
    async def go():
        async with FakeServer(first(2, RETRIED[case][0])) as server:
            return await ask_one(server, journal), len(server.seen)

    reply, seen = run(go())
    assert isinstance(reply, Reply) and reply.tries == 3 and seen == 3


@pytest.mark.parametrize("case", RETRIED)
def test_tries_are_bounded_and_the_failure_has_its_class(journal, case):
    act, reason, detail = RETRIED[case]

    async def go():
        async with FakeServer(act) as server:
            return await ask_one(server, journal), len(server.seen)

    failure, seen = run(go())
    assert isinstance(failure, Failure) and seen == 3
    assert (failure.reason, failure.tries) == (reason, 3)
    assert failure.detail.startswith(detail)


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_row_fault_is_not_retried_and_remembered(journal, code):
    async def go():
        async with FakeServer(status(code, "image too wide")) as server:
            outcomes = [await ask_one(server, journal) for _ in range(2)]
            return outcomes, len(server.seen)

    (failure, again), seen = run(go())
    assert seen == 1
    assert (failure.reason, failure.detail) == (Reason.REFUSED_REQUEST, f"HTTP {code}: image too wide")
    assert again.replayed and again.reason == Reason.REFUSED_REQUEST


def test_a_connection_dropped_in_mid_body_is_retried(journal):
    class Broken(web.Response):
        async def write_eof(self, data=b""):
            self._req.transport.close()

    async def drop(number, body):
        return Broken(body=b'{"choices": [', headers={"Content-Length": "1000"}, content_type="application/json")

    async def go():
        async with FakeServer(first(1, drop)) as server:
            return await ask_one(server, journal)

    reply = run(go())
    assert isinstance(reply, Reply) and reply.tries == 2


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_body_larger_than_any_reply_becomes_a_failure_not_memory(journal, monkeypatch, encoding):
    monkeypatch.setattr(transport, "LARGEST_REPLY", 1 << 20)
    blank = b" " * (3 << 20)

    async def flood(number, body):
        body = gzip.compress(blank) if encoding == "gzip" else blank
        return web.Response(body=body, headers={"Content-Encoding": encoding}, content_type="application/json")

    async def go():
        async with FakeServer(flood) as server:
            return await ask_one(server, journal, tries=2), len(server.seen)

    failure, seen = run(go())
    assert (failure.reason, failure.detail) == (Reason.BAD_REPLY, "a response of more than 1 MiB")
    assert failure.tries == seen == 2


def test_a_server_that_hangs_is_given_up_after_the_timeout(journal):
    async def go():
        async with FakeServer(after(30)) as server:
            return await ask_one(server, journal, timeout=0.1, tries=2)

    failure = run(go())
    assert (failure.reason, failure.detail, failure.tries) == (Reason.TIMEOUT, "no full reply within 0.1 s", 2)


def test_a_reply_cut_off_by_its_length_is_a_reply_even_without_content(journal):
    cut = b'{"choices": [{"message": {"content": null}, "finish_reason": "length"}]}'

    async def go():
        async with FakeServer(body_of(cut)) as server:
            return await ask_one(server, journal)

    reply = run(go())
    assert isinstance(reply, Reply)
    assert (reply.reasoning, reply.answer_text, reply.finish_reason) == ("", "", "length")


def test_retry_after_is_kept_to(journal):
    async def go():
        async with FakeServer(first(1, status(429, **{"Retry-After": "0.4"}))) as server:
            await ask_one(server, journal)
            return server.times

    sent = run(go())
    assert 0.4 <= sent[1] - sent[0] < 1.5


def test_a_finished_reply_is_never_asked_for_again(journal):
    async def go():
        async with FakeServer() as server:
            first_reply = await ask_one(server, journal)
            again = await ask_one(server, journal)
            return first_reply, again, len(server.seen)

    reply, again, seen = run(go())
    assert seen == 1 and again.replayed
    assert again == type(reply)(**{name: getattr(reply, name) for name in reply.__slots__} | {"replayed": True})


@pytest.mark.parametrize(
    "change", [{"temperature": 0.5}, {"max_tokens": 7}, {"extra_body": {"min_p": 0.05}}, {"top_p": 0.9}, {"seed": 4}]
)
def test_a_changed_parameter_never_meets_an_old_reply(journal, change):
    async def go():
        async with FakeServer() as server:
            await ask_one(server, journal)
            reply = await ask_one(server, journal, **change)
            return reply.replayed, len(server.seen)

    assert run(go()) == (False, 2)


def test_another_attempt_is_another_request_with_another_seed(journal):
    async def go():
        async with FakeServer() as server:
            for attempt in (0, 1, 0):
                await ask_one(server, journal, question(attempt=attempt))
            return [body["seed"] for body in server.seen]

    seeds = run(go())
    assert len(seeds) == 2 and seeds[0] != seeds[1]


def test_the_same_payload_asked_twice_at_once_is_sent_once_and_kept_in_both_journals(journal):
    async def go():
        async with FakeServer(after(0.1)) as server, Client({"teacher": teacher(server.url)}) as client:
            async with journal("a") as a, journal("b") as b:
                one, two, three = await asyncio.gather(*(client.ask(question(), book) for book in (a, b, a)))
                assert one.key == two.key == three.key
                assert len(a) == len(b) == 1
            return len(server.seen)

    assert run(go()) == 1


def test_a_request_on_the_wire_is_kept_although_nobody_waits_for_it_any_more(journal):
    async def go():
        async with FakeServer(after(0.2)) as server:
            settings = teacher(server.url, endpoint={"concurrency": 1})
            async with Client({"teacher": settings}) as client, journal() as book:
                asked = [asyncio.create_task(client.ask(question(i), book)) for i in range(5)]
                await asyncio.sleep(0.1)
                for task in asked:
                    task.cancel()
            async with journal() as book:
                return len(server.seen), len(book)

    assert run(go()) == (1, 1)


def test_requests_spread_by_weight_and_free_capacity(journal):
    async def go():
        async with FakeServer(after(0.05)) as one, FakeServer(after(0.05)) as two:
            settings = teacher(one.url, two.url, endpoint={"concurrency": 4})
            async with Client({"teacher": settings}) as client, journal() as book:
                await asyncio.gather(*(client.ask(question(i), book) for i in range(80)))
            assert one.most_in_flight == two.most_in_flight == 4
            return len(one.seen), len(two.seen)

    one, two = run(go())
    assert one + two == 80 and abs(one - two) <= 8


def test_a_dead_endpoint_is_taken_out_and_the_others_do_the_work(journal):
    async def go():
        async with FakeServer() as sick, FakeServer(after(0.01)) as well:
            notices = []
            await sick.stop()
            settings = teacher(sick.url, well.url, tries=4)
            async with Client({"teacher": settings}, notice=notices.append) as client, journal() as book:
                for start in range(0, 60, 10):
                    replies = await asyncio.gather(*(client.ask(question(start + i), book) for i in range(10)))
                    assert all(isinstance(reply, Reply) for reply in replies)
                states = [endpoint.state for endpoint in client.usage().roles[0].endpoints]
            return states, notices

    states, notices = run(go())
    assert states == ["out", "up"]
    assert len(notices) == 1 and "is taken out" in notices[0]


def test_when_all_endpoints_are_down_the_run_waits_and_goes_on(journal):
    async def go():
        notices = []
        async with FakeServer(after(0.01)) as server:
            settings = teacher(server.url, tries=5)
            async with Client({"teacher": settings}, notice=notices.append) as client, journal() as book:
                await client.ask(question(0), book)
                await server.stop()
                rest = asyncio.gather(*(client.ask(question(i), book) for i in range(1, 20)))
                while not any("no endpoint answers" in notice for notice in notices):
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.05)
                assert not rest.done()
                await server.start()
                replies = await rest
            return replies, notices

    replies, notices = run(go())
    assert all(isinstance(reply, Reply) for reply in replies)
    assert any("is back" in notice for notice in notices)


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_wrong_set_up_stops_the_run_with_a_sentence(journal, code):
    async def go():
        async with FakeServer(status(code, "the model `m` does not exist")) as server:
            await ask_one(server, journal)

    with pytest.raises(EndpointError, match=f"HTTP {code}: the model `m` does not exist"):
        run(go())


def test_one_misconfigured_endpoint_costs_no_row_a_try(journal):
    async def go():
        async with FakeServer(status(401)) as wrong, FakeServer() as right:
            settings = teacher(wrong.url, right.url, tries=1)
            async with Client({"teacher": settings}, notice=lambda _: None) as client, journal() as book:
                return await asyncio.gather(*(client.ask(question(i), book) for i in range(20)))

    assert all(isinstance(reply, Reply) for reply in run(go()))


def test_a_404_after_good_replies_is_a_passing_fault(journal):
    async def act(number, body):
        return await (status(404) if number == 1 else good)(number, body)

    async def go():
        async with FakeServer(act) as server, Client({"teacher": teacher(server.url)}) as client, journal() as book:
            return [await client.ask(question(i), book) for i in range(3)]

    assert [reply.tries for reply in run(go())] == [1, 2, 1]


def test_a_server_that_refuses_every_row_stops_the_run(journal):
    async def go():
        async with FakeServer(status(400, "top_k is not allowed")) as server:
            await ask_many(server, journal, 60)

    with pytest.raises(EndpointError, match="top_k is not allowed"):
        run(go())


def test_concurrency_falls_to_what_the_server_takes_and_no_row_is_lost(journal):
    async def crowded(number, body):
        if server.in_flight > 8:
            return await status(429)(number, body)
        await asyncio.sleep(0.02)
        return await good(number, body)

    async def go():
        async with server:
            settings = teacher(server.url, tries=12, endpoint={"concurrency": 64})
            async with Client({"teacher": settings}) as client, journal() as book:
                replies = await asyncio.gather(*(client.ask(question(i), book) for i in range(600)))
                return replies, client.usage().roles[0].endpoints[0]

    server = FakeServer(crowded)
    replies, endpoint = run(go())
    assert all(isinstance(reply, Reply) for reply in replies)
    assert endpoint.limit <= 20 and endpoint.state == "up"


def test_the_key_comes_from_the_environment_and_never_reaches_a_detail(journal, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk-secret")

    async def go():
        async with FakeServer(status(400, "bad key sk-secret")) as server:
            failure = await ask_one(server, journal, endpoint={"key_env": "SOME_KEY"})
            return server.headers[0]["Authorization"], failure

    header, failure = run(go())
    assert header == "Bearer sk-secret"
    assert failure.detail == "HTTP 400: bad key ***"


def test_a_missing_key_is_named_before_anything_is_opened(journal, monkeypatch, caplog):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)

    async def go():
        async with FakeServer() as server:
            await ask_one(server, journal, endpoint={"key_env": "NO_SUCH_KEY"})

    with pytest.raises(EndpointError, match="NO_SUCH_KEY"):
        run(go())
    gc.collect()
    assert "Unclosed" not in caplog.text


def test_a_role_without_a_model_is_named(journal):
    async def go():
        async with Client({}) as client, journal() as book:
            await client.ask(question(), book)

    with pytest.raises(EndpointError, match="no model for the role teacher"):
        run(go())


def test_requests_a_minute_are_kept_to(journal):
    async def go():
        async with FakeServer() as server:
            settings = teacher(server.url, endpoint={"requests_per_minute": 1200})
            async with Client({"teacher": settings}) as client, journal() as book:
                await asyncio.gather(*(client.ask(question(i), book) for i in range(20)))
            return server.times

    times = run(go())
    assert times[-1] - times[0] >= 0.9 * 19 / 20


def test_tokens_a_minute_are_kept_to(journal):
    async def go():
        async with FakeServer() as server:
            settings = teacher(server.url, max_tokens=5, endpoint={"tokens_per_minute": 1800})
            async with Client({"teacher": settings}) as client, journal() as book:
                await asyncio.gather(*(client.ask(question(i), book) for i in range(4)))
            return server.times

    times = run(go())
    assert times[-1] - times[0] >= 0.9 * 3 * 15 / 30  # a reply uses 15 tokens, 30 come each second


def test_usage_counts_what_was_spent_for_each_role_and_endpoint(journal):
    thinking = completion("fine", reasoning="hm")
    thinking["usage"]["completion_tokens_details"] = {"reasoning_tokens": 3}

    async def act(number, body):
        return web.json_response(thinking)

    async def go():
        async with FakeServer(first(1, status(500), act)) as server:
            settings = teacher(server.url, endpoint={"price_in": 100.0, "price_out": 200.0})
            async with Client({"teacher": settings}) as client, journal() as book:
                await asyncio.gather(*(client.ask(question(i), book) for i in range(4)))
                await client.ask(question(0), book)
                return client.usage().roles[0]

    role = run(go())
    assert (role.replies, role.retries, role.failures, role.replayed, role.requests) == (4, 1, 0, 1, 5)
    assert (role.in_flight, role.waiting) == (0, 0)
    assert (role.prompt_tokens, role.completion_tokens, role.reasoning_tokens) == (40, 20, 12)
    assert role.cost == pytest.approx(4 * (10 * 100 + 5 * 200) / 1e6)
    assert role.rate > 0 and role.endpoints[0].latency > 0


def test_hunger_tells_when_the_line_runs_dry(journal):
    async def go():
        async with FakeServer(after(0.1)) as server:
            settings = teacher(server.url, endpoint={"concurrency": 4})
            async with Client({"teacher": settings}) as client, journal() as book:
                assert client.hungry("teacher") and client.capacity("teacher") == 4
                asked = [asyncio.create_task(client.ask(question(i), book)) for i in range(8)]
                await asyncio.sleep(0.05)
                assert client.backlog("teacher") == 4 and not client.hungry("teacher")
                await asyncio.gather(*asked)
                assert client.hungry("teacher")

    run(go())


def test_a_long_pause_rests_the_endpoint_while_others_go_on(journal):
    async def go():
        notices = []
        async with FakeServer(status(429, **{"Retry-After": "3600"})) as resting, FakeServer() as other:
            settings = teacher(resting.url, other.url)
            async with Client({"teacher": settings}, notice=notices.append) as client, journal() as book:
                await client.ask(question(0), book)
                replies = await asyncio.gather(*(client.ask(question(i), book) for i in range(1, 20)))
            return replies, len(resting.seen), notices

    replies, seen, notices = run(go())
    assert all(isinstance(reply, Reply) for reply in replies)
    assert seen == 1 and "asks for a long pause" in notices[0]


def test_nothing_is_paid_for_that_could_not_be_kept(journal, monkeypatch):
    def full(self, data):
        raise OSError(28, "No space left on device")

    async def go():
        monkeypatch.setattr(_LocalFile, "write", full)
        async with FakeServer(after(0.05)) as server:
            settings = teacher(server.url, endpoint={"concurrency": 2})
            async with Client({"teacher": settings}) as client, journal() as book:
                asked = (client.ask(question(i), book) for i in range(40))
                outcomes = await asyncio.gather(*asked, return_exceptions=True)
            return outcomes, len(server.seen)

    outcomes, seen = run(go())
    assert all(isinstance(outcome, StoreError) for outcome in outcomes)
    assert seen <= 8


def test_a_row_whose_image_cannot_be_decoded_fails_alone(journal):
    png = b"\x89PNG\r\n\x1a\n" + bytes(8) + (100).to_bytes(4) * 2 + bytes(20)

    async def go():
        async with FakeServer() as server:
            header = await ask_one(server, journal, question(image=b"no image"))
            pixels = await ask_one(server, journal, question(image=png), max_pixels=100)
            return header, pixels, len(server.seen)

    header, pixels, seen = run(go())
    assert (header.reason, pixels.reason, seen) == (Reason.BAD_IMAGE, Reason.BAD_IMAGE, 0)
