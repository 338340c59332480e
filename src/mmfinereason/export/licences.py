"""Which licences clearly allow any use, redistribution included."""

from __future__ import annotations

PERMISSIVE = frozenset(
    {
        "apache-2.0",
        "mit",
        "bsd-2-clause",
        "bsd-3-clause",
        "isc",
        "cc0-1.0",
        "cc-by-4.0",
        "cc-by-3.0",
        "odc-by",
        "odc-by-1.0",
        "pddl",
        "unlicense",
    }
)
"""SPDX identifiers in lower case. Share-alike and non-commercial licences are not among them."""


def is_permissive(licence: str) -> bool:
    """False for anything not known to be permissive, an unknown licence included."""
    return licence.strip().lower() in PERMISSIVE
