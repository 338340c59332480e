"""Draws rows for a subset: pure functions on arrays, the same rows for the same ids, whatever the order of the shards.

Every row has a ticket, a 64-bit number hashed from seed, subset and id; a draw takes the lowest tickets. So a larger
size of the same draw contains the smaller one, and nothing depends on how many threads read the tables.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Tickets = npt.NDArray[np.uint64]
Groups = npt.NDArray[np.int32]
Taken = npt.NDArray[np.bool_]


def uniform(tickets: Tickets, size: int) -> Taken:
    """The `size` rows with the lowest tickets; all of them when there are fewer."""
    taken = np.zeros(len(tickets), dtype=np.bool_)
    if size >= len(tickets):
        taken[:] = True
    elif size > 0:
        taken[np.argpartition(tickets, size - 1)[:size]] = True
    return taken


def stratified(tickets: Tickets, groups: Groups, size: int) -> Taken:
    """`size` rows, every group with the share it has among all: exact by largest remainder (Hamilton)."""
    counts = np.bincount(groups)
    return _by_quota(tickets, groups, stratified_quota(counts, size))


def balanced(tickets: Tickets, groups: Groups, size: int) -> Taken:
    """`size` rows, equal numbers of every group; what a small group cannot give is shared by the others."""
    return _by_quota(tickets, groups, balanced_quota(np.bincount(groups), size))


def token_budget(tickets: Tickets, tokens: npt.NDArray[np.int64], budget: int) -> Taken:
    """Rows in the order of their tickets for as long as their tokens fit the budget."""
    order = np.argsort(tickets, kind="stable")
    taken = np.zeros(len(tickets), dtype=np.bool_)
    taken[order[np.cumsum(tokens[order]) <= budget]] = True
    return taken


def stratified_quota(counts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Rows of each group; they add up to `size`, or to all rows when there are fewer."""
    total = int(counts.sum())
    if size >= total:
        return counts.copy()
    exact = [size * int(count) for count in counts]  # in Python integers: no rounding
    quota = np.array([value // total for value in exact], dtype=np.int64)
    remainders = [value % total for value in exact]
    largest = sorted(range(len(counts)), key=lambda group: (-remainders[group], group))
    quota[largest[: size - int(quota.sum())]] += 1
    return quota


def balanced_quota(counts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Rows of each group, as equal as the groups allow; they add up to `size`, or to all rows."""
    quota = np.zeros(len(counts), dtype=np.int64)
    left = min(size, int(counts.sum()))
    ascending = sorted(range(len(counts)), key=lambda group: (counts[group], group))
    for position, group in enumerate(ascending):
        quota[group] = min(int(counts[group]), left // (len(ascending) - position))
        left -= int(quota[group])
    return quota


def _by_quota(tickets: Tickets, groups: Groups, quota: npt.NDArray[np.int64]) -> Taken:
    """The lowest tickets of each group, as many as its quota."""
    order = np.lexsort((tickets, groups))
    counts = np.bincount(groups, minlength=len(quota))
    starts = np.cumsum(counts) - counts
    ordered = groups[order]
    rank = np.arange(len(order)) - starts[ordered]
    taken = np.zeros(len(tickets), dtype=np.bool_)
    taken[order[rank < quota[ordered]]] = True
    return taken
