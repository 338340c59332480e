"""The wall around computer algebra: it may hang, swell or die, and the caller only sees `undecided`."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading

import pytest

from mmfinereason.answers import SymbolicWorker, agree

INTEGRAL = (r"\int_0^1 x^2 dx", r"\frac{1}{3}")


@pytest.fixture(scope="module")
def worker():
    worker = SymbolicWorker()
    yield worker
    worker.close()


def test_importing_answers_loads_neither_sympy_nor_arrow_and_starts_no_process():
    code = (
        "import sys, mmfinereason.answers as a; a.agree('1/2', '0.5'); "
        "heavy = {'sympy', 'math_verify', 'pyarrow', 'aiohttp', 'pydantic', 'numpy'} & sys.modules.keys(); "
        "sys.exit(bool(heavy) or a.cascade.SHARED.asked)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_worker_decides_what_the_reader_does_not_know(worker):
    assert worker.compare(*INTEGRAL).outcome == "equal"
    assert worker.compare(INTEGRAL[0], r"\frac{1}{4}").outcome == "different"
    assert worker.compare(r"\frac{1}{2004!}", r"\frac{1}{2006!}").outcome != "equal"


def test_a_hanging_question_is_given_up_and_the_next_one_answered():
    worker = SymbolicWorker(seconds=3.0)
    assert worker.compare(*INTEGRAL).outcome == "equal"
    worker.seconds = 0.3
    assert worker.compare(r"\int_0^1 \sin(x^{x^{x}})^{77} e^{x^7} dx", "1").outcome == "undecided"
    assert worker.restarts == 1
    worker.seconds = 10.0
    assert worker.compare(r"\int_0^3 x^2 dx", "9").outcome == "equal"
    worker.close()


def test_a_killed_child_is_replaced(worker):
    assert worker.compare(*INTEGRAL).outcome == "equal"
    assert worker._child is not None
    worker._child.kill()
    worker._child.wait()
    assert worker.compare(r"\int_0^2 x^2 dx", r"\frac{8}{3}").outcome == "equal"


def test_the_same_question_is_asked_once(worker):
    worker.compare(*INTEGRAL)
    asked = worker.asked
    assert worker.compare(*INTEGRAL).outcome == "equal"
    assert worker.asked == asked


def test_a_child_that_lacks_memory_leaves_the_pair_undecided():
    worker = SymbolicWorker(memory=1 << 24)
    assert worker.compare(*INTEGRAL).outcome == "undecided"
    worker.close()


def test_threads_share_one_worker(worker):
    found = []
    threads = [threading.Thread(target=lambda: found.append(worker.compare(*INTEGRAL).outcome)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["equal"] * 4


def _in_child(queue: multiprocessing.Queue) -> None:
    queue.put(agree(*INTEGRAL).outcome)


def test_a_daemonic_process_can_use_it():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_in_child, args=(queue,), daemon=True)
    process.start()
    assert queue.get(timeout=120) == "equal"
    process.join()


def test_a_forked_process_starts_its_own_child(worker):
    assert worker.compare(*INTEGRAL).outcome == "equal"
    pid = os.fork()
    if pid == 0:
        os._exit(0 if worker.compare(r"\int_0^4 x dx", "8").outcome == "equal" else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert worker.compare(r"\int_0^5 x dx", "12.5").outcome == "equal"


def test_without_a_worker_algebra_is_left_out():
    assert agree(*INTEGRAL, symbolic=None).outcome == "undecided"
