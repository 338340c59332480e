"""Computer algebra behind a wall: a child process with a clock and a memory limit, killed and replaced when it hangs.

The child is a plain subprocess with a line protocol, so it works from threads, from daemonic processes and from cluster
workers. It starts with the first question and ends with its parent.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmfinereason.answers.verdict import Verdict, undecided

MAX_CHARS = 400
_SCRIPT = Path(__file__).with_name("symbolic_worker.py")
_START_SECONDS = 60.0
_REMEMBERED = 4_096  # rollouts repeat each other's answers


class _Died(Exception):
    """The child hung, broke off or could not start."""


@dataclass(slots=True)
class SymbolicWorker:
    """Asks one child process; `seconds` of wall clock a question, `memory` bytes of address space."""

    seconds: float = 5.0
    memory: int = 1 << 30
    asked: int = 0
    restarts: int = 0
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _owner: int = 0
    _known: dict[tuple[str, str], Verdict] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def compare(self, reference: str, answer: str) -> Verdict:
        """Whether two formulas agree; undecided when the child cannot say in time."""
        if max(len(reference), len(answer)) > MAX_CHARS:
            return undecided("symbolic", "too long for computer algebra")
        with self._lock:
            known = self._known.get((reference, answer))
            if known is not None:
                return known
            self.asked += 1
            try:
                reply = self._ask({"reference": reference, "answer": answer})
            except _Died as death:
                self._stop()
                self.restarts += 1
                return undecided("symbolic", str(death))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            verdict = Verdict(reply["outcome"], "symbolic", reply["detail"])
            self._known[reference, answer] = verdict
        return verdict

    def close(self) -> None:
        """End the child; the next question starts another."""
        with self._lock:
            self._stop()

    def _ask(self, question: dict[str, str]) -> dict[str, Any]:
        child = self._running()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(question).encode() + b"\n")
            child.stdin.flush()
        except OSError as error:
            raise _Died(f"the algebra process is gone: {error}") from error
        return self._read(child, self.seconds)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            self._child = None  # after a fork the child is another process's
        if self._child is None or self._child.poll() is not None:
            self._child = self._start()
            self._owner = os.getpid()
            self._read(self._child, _START_SECONDS)
        return self._child

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        command = [sys.executable, "-P", str(_SCRIPT), str(self.memory), str(self.seconds)]
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": path},
            )
        except OSError as error:
            raise _Died(f"the algebra process did not start: {error}") from error

    def _read(self, child: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
        assert child.stdout is not None
        ready, _, _ = select.select([child.stdout], [], [], seconds)
        if not ready:
            raise _Died(f"no answer within {seconds:g} s")
        line = child.stdout.readline()
        if not line.endswith(b"\n"):
            raise _Died("the algebra process died")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


SHARED = SymbolicWorker()
"""One worker a process, used by `agree` unless told otherwise. Nothing starts before its first question."""

atexit.register(SHARED.close)
