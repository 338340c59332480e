from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfinereason.errors import StoreError
from mmfinereason.schema import Reason
from mmfinereason.store.appending import _LocalFile, _Segments
from mmfinereason.store.journal import OK, Entry, Journal, tally_of

BODIES = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.integers(-(2**53), 2**53) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    max_size=4,
)


@pytest.fixture(autouse=True, scope="module")
def _quick_segments():
    """Object stores wait seconds for more lines to put at once; tests do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Segments, "sync_seconds", 0.01)
        yield


@pytest.fixture(params=["file", "memory"])
def place(request, tmp_path):
    """A filesystem that can append, and one that cannot."""
    path = str(tmp_path / "part-00000.jsonl") if request.param == "file" else f"/{uuid.uuid4()}/part-00000.jsonl"
    return fsspec.filesystem(request.param), path


def write(place, *entries, tally=None, **options):
    async def go():
        async with Journal(*place, **options) as journal:
            await asyncio.gather(*(journal.append(entry, tally) for entry in entries))

    asyncio.run(go())


def read(place, *keys, **options):
    async def go():
        async with Journal(*place, **options) as journal:
            return [journal.lookup(key) for key in keys]

    return asyncio.run(go())


def entry(key="k", outcome=OK, **body):
    return Entry(key, outcome, body)


def test_what_was_appended_is_known_at_once_and_after_opening_again(place):
    async def go():
        async with Journal(*place) as journal:
            assert journal.lookup("k") is None
            await journal.append(entry(text="a\nb", n=1))
            return journal.lookup("k")

    assert asyncio.run(go()) == entry(text="a\nb", n=1)
    assert read(place, "k", "other") == [entry(text="a\nb", n=1), None]


def test_the_last_of_several_outcomes_of_a_key_holds(place):
    write(place, entry(text="old"))
    write(place, entry(text="new"))
    assert read(place, "k") == [entry(text="new")]


@pytest.mark.parametrize("torn", [b'{"key":"b","outc', b"\xff\xfe", b'{"key":"b","outcome":"ok","body":{},"tally":{}}'])
def test_a_torn_last_line_is_owed_again_and_harms_no_later_line(tmp_path, torn):
    place = fsspec.filesystem("file"), str(tmp_path / "j.jsonl")
    write(place, entry("a"))
    with Path(place[1]).open("ab") as file:
        file.write(torn)
    assert read(place, "a", "b") == [entry("a"), None]
    write(place, entry("c"))
    assert read(place, "a", "b", "c") == [entry("a"), None, entry("c")]


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(0, 400))
def test_a_journal_cut_anywhere_keeps_exactly_its_whole_lines(tmp_path_factory, cut):
    place = fsspec.filesystem("file"), str(tmp_path_factory.mktemp("cut") / "j.jsonl")
    write(place, *(entry(str(i), text="x" * i) for i in range(5)))
    path = Path(place[1])
    data = path.read_bytes()[:cut]
    path.write_bytes(data)
    kept = data.count(b"\n")
    assert [found is not None for found in read(place, *"01234")] == [i < kept for i in range(5)]


def test_a_damaged_line_in_the_middle_is_owed_again(tmp_path):
    place = fsspec.filesystem("file"), str(tmp_path / "j.jsonl")
    write(place, entry("a"), entry("b"), entry("c"))
    path = Path(place[1])
    path.write_bytes(path.read_bytes().replace(b'"key":"b"', b'"key":\x00b"'))
    assert read(place, "a", "b", "c") == [entry("a"), None, entry("c")]


@pytest.mark.parametrize("reason", ["connection", "timeout", "rate_limited", "server_error", "bad_reply"])
def test_a_failure_that_says_nothing_about_the_row_is_owed_next_time(place, reason):
    write(place, entry(outcome=reason))
    assert read(place, "k") == [None]


@pytest.mark.parametrize("reason", ["refused_request", "empty_reply", "truncated"])
def test_a_row_fault_is_remembered_until_it_is_to_be_redone(place, reason):
    write(place, entry(outcome=reason))
    assert read(place, "k") == [entry(outcome=reason)]
    assert read(place, "k", redo={Reason.TIMEOUT}) == [entry(outcome=reason)]
    assert read(place, "k", redo={Reason(reason)}) == [None]


def test_an_outcome_written_while_redoing_counts_in_the_same_run(place):
    async def go():
        async with Journal(*place, redo={Reason.TRUNCATED}) as journal:
            await journal.append(entry(outcome="truncated"))
            return journal.lookup("k")

    assert asyncio.run(go()) is not None


def test_the_last_line_alone_tells_what_was_spent(place):
    assert tally_of(*place) == {}
    write(place, *(entry(str(i), text="x" * 9000) for i in range(20)), tally={"teacher.requests": 2})
    write(place, entry("last"), tally={"teacher.requests": 1, "judge.requests": 1})
    assert tally_of(*place) == {"teacher.requests": 41, "judge.requests": 1}


def test_a_torn_line_does_not_count_as_spent(tmp_path):
    place = fsspec.filesystem("file"), str(tmp_path / "j.jsonl")
    write(place, entry("a"), tally={"teacher.requests": 1})
    with Path(place[1]).open("ab") as file:
        file.write(b"x" * 100_000)
    assert tally_of(*place) == {"teacher.requests": 1}


def test_a_journal_open_elsewhere_is_refused(tmp_path):
    place = fsspec.filesystem("file"), str(tmp_path / "j.jsonl")

    async def go():
        async with Journal(*place), Journal(*place):
            pass

    with pytest.raises(StoreError, match="another process"):
        asyncio.run(go())


def test_a_disk_that_is_full_is_an_error_for_everyone_who_waits_and_comes_after(tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(28, "No space left on device")

    async def go():
        async with Journal(fsspec.filesystem("file"), str(tmp_path / "j.jsonl")) as journal:
            monkeypatch.setattr(_LocalFile, "write", full)
            both = await asyncio.gather(*(journal.append(entry(k)) for k in "ab"), return_exceptions=True)
            late = await asyncio.gather(journal.append(entry("c")), return_exceptions=True)
            assert journal.lookup("a") is None
            return both + late

    outcomes = asyncio.run(go())
    assert all(isinstance(outcome, StoreError) and "No space left" in str(outcome) for outcome in outcomes)


def test_an_append_returns_only_after_the_sync_that_holds_it(tmp_path, monkeypatch):
    events = []
    sync, put = _LocalFile.sync, _LocalFile.write
    monkeypatch.setattr(_LocalFile, "sync", lambda self: (sync(self), events.append("sync"))[0])
    monkeypatch.setattr(_LocalFile, "write", lambda self, data: (put(self, data), events.append("write"))[0])

    async def go():
        async with Journal(fsspec.filesystem("file"), str(tmp_path / "j.jsonl")) as journal:
            await asyncio.gather(*(journal.append(entry(str(i))) for i in range(50)))
            events.append("returned")

    asyncio.run(go())
    assert events == ["write"] * 50 + ["sync", "returned"]


@pytest.mark.parametrize("kind", ["file", "memory"])
@settings(max_examples=3, deadline=None)
@given(bodies=st.lists(BODIES, min_size=100, max_size=100))
def test_every_text_survives_the_journal(tmp_path_factory, kind, bodies):
    """Few journals of many texts each: opening one and its sync to disk cost far more than a line."""
    path = str(tmp_path_factory.mktemp("trip") / "j.jsonl") if kind == "file" else f"/{uuid.uuid4()}/j"
    place = fsspec.filesystem(kind), path
    written = {f"{number}{''.join(body)}": body for number, body in enumerate(bodies)}
    write(place, *(Entry(key, OK, body) for key, body in written.items()))
    assert read(place, *written) == [Entry(key, OK, body) for key, body in written.items()]


def test_a_line_survives_a_killed_process_before_it_is_synced(tmp_path, monkeypatch):
    path = tmp_path / "j.jsonl"
    monkeypatch.setattr(_LocalFile, "sync_seconds", 60)

    async def go():
        async with Journal(fsspec.filesystem("file"), str(path)) as journal:
            waiting = asyncio.create_task(journal.append(entry()))
            await asyncio.sleep(0)
            assert path.read_bytes().endswith(b"\n") and not waiting.done()

    asyncio.run(go())


def test_a_sync_that_fails_is_an_error_for_everyone_who_waits(tmp_path, monkeypatch):
    def broken(self):
        raise OSError(5, "Input/output error")

    async def go():
        async with Journal(fsspec.filesystem("file"), str(tmp_path / "j.jsonl")) as journal:
            monkeypatch.setattr(_LocalFile, "sync", broken)
            return await asyncio.gather(*(journal.append(entry(k)) for k in "ab"), return_exceptions=True)

    assert all("Input/output error" in str(outcome) for outcome in asyncio.run(go()))


def test_a_damaged_last_line_does_not_hide_what_was_spent(tmp_path):
    place = fsspec.filesystem("file"), str(tmp_path / "j.jsonl")
    write(place, entry("a"), entry("b"), tally={"teacher.requests": 1})
    Path(place[1]).write_bytes(Path(place[1]).read_bytes() + b"\0\0\0\n")
    assert tally_of(*place) == {"teacher.requests": 2}
