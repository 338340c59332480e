"""Draws have exact sizes, are the same whatever the order of rows, and spread as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.select import draw

counts = st.lists(st.integers(0, 40), min_size=1, max_size=8)
sizes = st.integers(0, 200)


def rows(counts, seed=0):
    groups = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    tickets = np.random.default_rng(seed).permutation(len(groups)).astype(np.uint64)
    return tickets, groups


@given(counts, sizes)
def test_every_draw_takes_exactly_its_size_or_all(counts, size):
    tickets, groups = rows(counts)
    wanted = min(size, len(tickets))
    assert draw.uniform(tickets, size).sum() == wanted
    if len(tickets):
        assert draw.stratified(tickets, groups, size).sum() == wanted
        assert draw.balanced(tickets, groups, size).sum() == wanted


@given(counts, sizes, st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(counts, size, seed):
    tickets, groups = rows(counts)
    shuffled = np.random.default_rng(seed).permutation(len(tickets))
    for take in (lambda t, g: draw.uniform(t, size), lambda t, g: draw.stratified(t, g, size)):
        if len(tickets):
            there = take(tickets[shuffled], groups[shuffled])
            assert set(tickets[shuffled][there]) == set(tickets[take(tickets, groups)])


@given(counts, st.integers(0, 60), st.integers(0, 60))
def test_a_larger_uniform_draw_contains_the_smaller(counts, one, other):
    tickets, _ = rows(counts)
    small, large = sorted((one, other))
    assert not (draw.uniform(tickets, small) & ~draw.uniform(tickets, large)).any()


@given(counts.filter(sum), sizes)
def test_stratified_shares_are_off_by_less_than_one_row(counts, size):
    quota = draw.stratified_quota(np.array(counts), size)
    size = min(size, sum(counts))
    assert quota.sum() == size
    assert all(abs(got - size * count / sum(counts)) < 1 for got, count in zip(quota, counts, strict=True))


@given(counts, sizes)
def test_balanced_groups_differ_by_one_row_unless_a_group_is_used_up(counts, size):
    quota = draw.balanced_quota(np.array(counts), size)
    open_groups = [got for got, count in zip(quota, counts, strict=True) if got < count]
    assert quota.sum() == min(size, sum(counts))
    assert not open_groups or max(quota) - min(open_groups) <= 1


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 400))
def test_a_token_budget_is_kept_and_used_in_the_order_of_tickets(tokens, budget):
    tokens = np.array(tokens, dtype=np.int64)
    tickets = np.arange(len(tokens), dtype=np.uint64)[::-1]
    taken = draw.token_budget(tickets, tokens, budget)
    assert tokens[taken].sum() <= budget
    left_out = np.flatnonzero(~taken)
    if len(left_out):
        assert tokens[taken].sum() + tokens[left_out[-1]] > budget


def test_a_group_of_one_is_not_lost_when_its_share_rounds_up():
    assert draw.stratified_quota(np.array([1, 1, 1]), 2).tolist() == [1, 1, 0]
    assert draw.balanced_quota(np.array([1, 10, 10]), 9).tolist() == [1, 4, 4]


@pytest.mark.parametrize("size", [0, 1, 2**40])
def test_nothing_can_be_drawn_from_nothing(size):
    assert draw.uniform(np.array([], dtype=np.uint64), size).tolist() == []
