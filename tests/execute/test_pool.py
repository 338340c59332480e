import os
import signal
import time

import pytest

from mmfinereason.errors import WorkerError
from mmfinereason.execute import map_tasks


def square(task, attempt):
    return task * task


def own_process(task, attempt):
    return os.getpid()


def die_on_row_three(rows, attempt):
    """Kills its own process the way the out-of-memory killer would."""
    done = []
    for row in range(rows):
        attempt.at(row)
        if row in attempt.skip:
            continue
        if row == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(row)
    return done


def die_at_once(task, attempt):
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(path, attempt):
    attempt.at(0)
    if not os.path.exists(path):
        open(path, "w").close()
        os.kill(os.getpid(), signal.SIGSEGV)
    return sorted(attempt.skip)


def raise_on_two(task, attempt):
    if task == 2:
        raise ValueError("two is too much")
    return task


@pytest.mark.parametrize("workers", [0, 2])
def test_every_task_gives_its_result(workers):
    assert sorted(map_tasks(square, range(20), workers=workers)) == [(i, i * i) for i in range(20)]


def test_a_row_that_kills_its_worker_twice_is_skipped_and_the_others_are_done():
    results = dict(map_tasks(die_on_row_three, [6, 2], workers=1))
    assert results == {6: [0, 1, 2, 4, 5], 2: [0, 1]}


def test_one_death_costs_a_retry_and_no_row(tmp_path):
    assert list(map_tasks(die_once, [str(tmp_path / "died")], workers=1)) == [(str(tmp_path / "died"), [])]


def test_a_worker_killed_while_idle_is_replaced():
    results = map_tasks(own_process, range(3), workers=1)
    _, victim = next(results)
    os.kill(victim, signal.SIGKILL)
    while os.path.exists(f"/proc/{victim}"):
        time.sleep(0.01)
    assert [task for task, process in results if process != victim] == [1, 2]


def test_a_task_that_keeps_dying_is_named_after_the_others_are_done():
    seen = []
    with pytest.raises(WorkerError, match=r"shard 7: its worker died 6 times, the last time before its first row"):
        for task, _ in map_tasks(die_at_once, [7], workers=1, name=lambda task: f"shard {task}"):
            seen.append(task)
    assert seen == []


def test_a_task_that_raises_does_not_stop_the_others():
    seen = []
    with pytest.raises(WorkerError, match="2 failed: ValueError: two is too much"):
        for task, _ in map_tasks(raise_on_two, [1, 2, 3], workers=2):
            seen.append(task)
    assert sorted(seen) == [1, 3]


def test_tasks_are_drawn_only_when_a_worker_is_free():
    drawn = []

    def tasks():
        for task in range(10):
            drawn.append(task)
            yield task

    results = map_tasks(square, tasks(), workers=2)
    next(results)
    assert len(drawn) <= 4
    results.close()


def test_closing_the_results_stops_the_workers_at_once():
    results = map_tasks(sleep_or_go, [0, 30], workers=2)
    next(results)
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < 5


def sleep_or_go(seconds, attempt):
    time.sleep(seconds)
    return seconds


def test_workers_see_the_environment_of_now(monkeypatch):
    monkeypatch.setenv("MMFR_TEST_WORD", "first")
    assert list(map_tasks(read_word, [0], workers=1)) == [(0, "first")]
    monkeypatch.setenv("MMFR_TEST_WORD", "second")
    assert list(map_tasks(read_word, [0], workers=1)) == [(0, "second")]


def read_word(task, attempt):
    return os.environ["MMFR_TEST_WORD"]
