"""Two runs compared: who entered, who left, who moved, and the first stage that made the difference."""

import pytest

from mmfinereason.inspect import diff
from mmfinereason.inspect.diff import Cause, Change, Membership
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Reject

from .conftest import make, put, sample


@pytest.fixture
def runs(tmp_path):
    def two(**changes):
        return make(str(tmp_path / "a")), make(str(tmp_path / "b"), **changes)

    return two


def test_equal_runs_have_no_difference(runs):
    found = diff(*runs())
    assert (found.rows, found.causes, found.changes, found.settings) == ((3, 3), (), (), ())
    assert found.subsets == (Membership("1.8M", 2, 2, 0, 0), Membership("full", 2, 2, 0, 0))


def test_a_row_that_entered_tells_which_verdict_changed(runs):
    found = diff(*runs(verdict_of_2="equal"))
    why = "verdict: different by number → equal by number"
    assert found.causes == (Cause("entered", why, 1),)
    assert found.changes == (
        Change(
            "puzzles/2",
            "entered",
            (),
            ("1.8M", "full"),
            why,
            "answer 13 → 12; inconsistent: number: 13 against 12",
        ),
    )
    assert found.subsets[0] == Membership("1.8M", 2, 3, 1, 0)


def test_a_row_that_moved_tells_its_pass_rate(runs):
    found = diff(*runs(correct_of_3=0, hard=("full", "1.8M", "123K")))
    assert found.causes == (Cause("moved", "pass rate: 1.0 → 0.0", 1),)
    assert set(found.changes[0].after) == {"full", "1.8M", "123K"}
    assert found.settings == ('select.subsets (["full","1.8M"] → ["full","1.8M","123K"])',)


def test_where_all_stages_agree_the_draw_made_the_difference(runs):
    found = diff(*runs(hard=("full",)))
    assert found.causes == (Cause("moved", "the subsets are drawn otherwise", 1),)


def test_a_row_that_is_gone_tells_who_rejected_it(runs):
    before, after = runs()
    after.table(Stage.COLLECT).clear()
    gone = Reject("puzzles/1", Reason.BAD_IMAGE, "cannot be opened")
    put(after, Stage.COLLECT, [sample("puzzles/2"), sample("puzzles/3")], [gone])
    after.table(Stage.SELECT).clear()
    put(after, Stage.SELECT, [{"id": "puzzles/2", "subsets": []}, {"id": "puzzles/3", "subsets": ["full", "1.8M"]}])
    assert diff(before, after).causes == (Cause("left", "gone: collect: bad_image", 1),)
    assert diff(after, before).causes == (Cause("entered", "new: collect: bad_image before", 1),)


def test_runs_without_a_selection_are_compared_by_their_rows(runs):
    before, after = runs(selected=False)
    after.table(Stage.COLLECT).clear()
    put(after, Stage.COLLECT, [sample("puzzles/1"), sample("puzzles/9")])
    found = diff(before, after)
    assert {(one.id, one.kind) for one in found.changes} == {
        ("puzzles/2", "left"),
        ("puzzles/3", "left"),
        ("puzzles/9", "entered"),
    }
    assert found.subsets == (Membership("samples", 3, 2, 1, 2),)


def test_all_changes_are_counted_though_few_are_listed(runs):
    before, after = runs(selected=False)
    after.table(Stage.COLLECT).clear()
    put(after, Stage.COLLECT, [sample(f"new/{n}") for n in range(50)])
    found = diff(before, after, limit=5)
    assert len(found.changes) == 5
    assert sum(cause.rows for cause in found.causes) == 53
