"""The command `mmfr`. Commands only translate: parse, call one library function, print.

Results go to stdout, progress and errors to stderr. A user's mistake is a sentence and the next step, never a
traceback.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `mmfr`."""
    from mmfinereason.cli.app import app
    from mmfinereason.errors import BudgetReached, MmfrError

    try:
        app()
    except BudgetReached as error:
        print(f"stopped: {error}", file=sys.stderr)
        sys.exit(3)
    except MmfrError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        sys.exit(130)
