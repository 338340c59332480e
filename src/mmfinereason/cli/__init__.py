"""The command `mmfr`. Commands only translate: parse, call one library function, print.

Results go to stdout, progress and errors to stderr. A user's mistake is a sentence and the next step, never a
traceback.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of `mmfr`."""
    from mmfinereason.cli.app import app

    app()
