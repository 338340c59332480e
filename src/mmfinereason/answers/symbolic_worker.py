"""The child process of computer algebra: one JSON line in, one JSON line out. Started by `symbolic.py`, never imported.

It limits its own memory and processor time, so that it dies alone. math-verify's own time limits use SIGALRM and are
switched off: the parent watches the clock. math-verify reads the formulas; whether they agree is decided here, because
its comparison also calls 1/2004! and 1/2006! equal.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any


def main() -> None:
    """Serve until the parent closes the pipe."""
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not break the protocol
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    import math_verify  # noqa: F401

    _send(answers, {"ready": True})
    for line in sys.stdin:
        _allow_processor_time(seconds)
        query = json.loads(line)
        _send(answers, _answer(query["reference"], query["answer"]))


def _send(stream: Any, message: dict[str, Any]) -> None:
    stream.write(json.dumps(message) + "\n")
    stream.flush()


def _allow_processor_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(reference: str, answer: str) -> dict[str, Any]:
    try:
        a, b = _parse(reference), _parse(answer)
        if a is None or b is None:
            return {"outcome": "undecided", "detail": "not readable as a formula"}
        return {"outcome": _decide(a, b), "detail": "computer algebra"}
    except MemoryError:
        return {"outcome": "undecided", "detail": "out of memory"}
    except Exception as error:  # noqa: BLE001  sympy raises almost anything; here it all means: not understood
        return {"outcome": "undecided", "detail": type(error).__name__}


def _parse(text: str) -> Any:
    from math_verify import LatexExtractionConfig, parse

    wrapped = text if "$" in text or "\\boxed" in text else f"${text}$"
    found = parse(wrapped, [LatexExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=None)
    return found[0] if found and not isinstance(found[0], str) else None


def _decide(a: Any, b: Any) -> str:
    import sympy

    if isinstance(a, sympy.MatrixBase) and isinstance(b, sympy.MatrixBase):
        if a.shape != b.shape:
            return "different"
        return _all(_decide(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, sympy.Eq) and isinstance(b, sympy.Eq):
        return _equations(a, b)
    if isinstance(a, sympy.Expr) and isinstance(b, sympy.Expr):
        return _expressions(a, b)
    return "equal" if a == b and isinstance(a, sympy.Set) else "undecided"


def _all(outcomes: Any) -> str:
    found = set(outcomes)
    return "different" if "different" in found else "undecided" if "undecided" in found else "equal"


def _equations(a: Any, b: Any) -> str:
    import sympy

    ratio = sympy.simplify((a.lhs - a.rhs) / (b.lhs - b.rhs))
    return "equal" if ratio.is_number and ratio != 0 and ratio.is_finite else "undecided"


def _expressions(a: Any, b: Any) -> str:
    import sympy

    if a.free_symbols != b.free_symbols:
        return "undecided"
    if not a.free_symbols:
        return _constants(a, b)
    if sympy.simplify(a - b) == 0:
        return "equal"
    gaps = [_gap(a, b, shift) for shift in range(4)]
    return "different" if all(gap is not None and gap > 1e-6 for gap in gaps) else "undecided"


def _constants(a: Any, b: Any) -> str:
    x, y = a.evalf(40), b.evalf(40)
    if not (x.is_number and y.is_number and x.is_finite and y.is_finite):
        return "undecided"
    scale = max(abs(x), abs(y))
    if scale == 0:
        return "equal"
    gap = abs(x - y) / scale
    if gap < 1e-30 and scale > 1e-30:
        return "equal"
    return "different" if gap > 1e-6 else "undecided"


def _gap(a: Any, b: Any, shift: int) -> float | None:
    import sympy

    symbols = sorted(a.free_symbols, key=str)
    point = {symbol: sympy.Rational(7 + 4 * i + 5 * shift, 6 + i) for i, symbol in enumerate(symbols)}
    x, y = a.subs(point).evalf(30), b.subs(point).evalf(30)
    if not (x.is_number and y.is_number and x.is_finite and y.is_finite):
        return None
    scale = max(abs(x), abs(y))
    return float(abs(x - y) / scale) if scale else 0.0


if __name__ == "__main__":
    main()
