"""Traces in, verdicts out."""

from dataclasses import replace

import pytest

from mmfinereason.errors import SettingsChanged, StoreError
from mmfinereason.schema import Stage
from mmfinereason.select.verify import verify
from mmfinereason.store import Plan

from .conftest import FakeModel, sample, trace

SHORT = ("id", "candidate", "chosen", "extracted_answer", "outcome", "method", "is_consistent")


def verdicts(lab, shard=0, columns=SHORT):
    return [tuple(row[name] for name in columns) for row in lab.rows(Stage.VERIFY, shard)]


def two_tables(lab, samples, traces):
    lab.put(Stage.COLLECT, samples)
    lab.put(Stage.DISTILL, traces)


def test_rules_decide_and_say_how(lab):
    two_tables(
        lab,
        [sample("s/1"), sample("s/2", answer="B", question="Which? A. cat B. dog"), sample("s/3", answer="1/2")],
        [trace("s/1", "12"), trace("s/2", "A"), trace("s/3", "0.5")],
    )
    manifest = verify(lab.context())
    assert verdicts(lab) == [
        ("s/1", 0, True, "12", "equal", "exact", True),
        ("s/2", 0, True, "A", "different", "option", False),
        ("s/3", 0, True, "0.5", "equal", "number", True),
    ]
    assert manifest.rows == 3
    assert manifest.figures == {"equal": 2, "different": 1, "judge_calls": 0, "cost": 0.0}


def test_only_the_last_attempt_counts_and_a_failed_one_is_no_trace(lab):
    two_tables(
        lab,
        [sample("s/1"), sample("s/2")],
        [
            trace("s/1", "13", last=False, status="repetition"),
            trace("s/1", "12", attempt=1),
            trace("s/2", status="truncated", answer_text=None),
        ],
    )
    verify(lab.context())
    assert verdicts(lab) == [
        ("s/1", 0, True, "12", "equal", "exact", True),
        ("s/2", 0, False, None, "no_trace", "none", None),
    ]
    assert lab.rows(Stage.VERIFY)[1]["detail"] == "truncated"


@pytest.mark.parametrize("values", [{"fixed_answer": False}, {"answer": None}, {"answer": " "}])
def test_a_row_without_a_right_answer_passes_by_rule_and_is_marked(lab, values):
    two_tables(lab, [sample("s/1", **values)], [trace("s/1", "anything")])
    verify(lab.context())
    assert verdicts(lab) == [("s/1", 0, True, "anything", "not_checked", "no_fixed_answer", True)]


def test_a_trace_that_ends_with_its_thoughts_has_no_answer(lab):
    two_tables(lab, [sample("s/1")], [trace("s/1", answer_text="  ")])
    verify(lab.context())
    assert verdicts(lab) == [("s/1", 0, True, None, "no_answer", "none", False)]


@pytest.mark.parametrize(("prefer", "chosen"), [("shortest", 2), ("longest", 3), ("first", 1)])
def test_the_best_candidate_is_consistent_first_then_as_the_recipe_prefers(lab, prefer, chosen):
    two_tables(
        lab,
        [sample("s/1")],
        [
            trace("s/1", "13", 0, tokens=1),
            trace("s/1", "12", 1, tokens=50),
            trace("s/1", "12", 2, tokens=40),
            trace("s/1", "12", 3, tokens=60),
        ],
    )
    verify(lab.context(verify={"prefer": prefer}))
    assert [row[1] for row in verdicts(lab) if row[2]] == [chosen]


def test_an_inconsistent_trace_stands_for_its_row_when_there_is_none_better(lab):
    two_tables(lab, [sample("s/1")], [trace("s/1", "14", 0, tokens=9), trace("s/1", "13", 1, tokens=7)])
    verify(lab.context())
    assert [(row[1], row[6]) for row in verdicts(lab) if row[2]] == [(1, False)]


def undecided_tables(lab):
    question = "What does the picture show?"
    two_tables(
        lab,
        [sample("s/1", question=question, answer="an old lighthouse on the coast"), sample("s/2")],
        [trace("s/1", "a lighthouse that is old, by the sea"), trace("s/2")],
    )


def test_without_a_judge_what_rules_cannot_say_stays_undecided(lab):
    undecided_tables(lab)
    verify(lab.context())
    assert (verdicts(lab)[0][4], verdicts(lab)[0][6]) == ("undecided", None)


@pytest.mark.parametrize(("word", "outcome"), [("EQUIVALENT", "equal"), ("DIFFERENT", "different")])
def test_the_judge_is_asked_only_about_the_undecided(lab, word, outcome):
    undecided_tables(lab)
    model = FakeModel(lambda request: f"Analysis: both name a lighthouse.\nJudgment: {word}")
    verify(lab.context(models=["judge"]), model.connect())
    row = lab.rows(Stage.VERIFY)[0]
    assert len(model.asked) == 1
    assert (row["outcome"], row["method"], row["judge_calls"], row["cost"]) == (outcome, "judge", 1, 0.5)
    assert row["consistency_analysis"] == "both name a lighthouse."
    assert verdicts(lab)[1][4:] == ("equal", "exact", True)
    assert not lab.run.folder.names("verdicts/ruled")


def test_the_judge_sees_the_answer_and_never_the_thoughts(lab):
    undecided_tables(lab)
    model = FakeModel(lambda request: "Analysis: x\nJudgment: DIFFERENT")
    verify(lab.context(models=["judge"]), model.connect())
    assert "a lighthouse that is old" in model.asked[0].text
    assert "Let me count" not in model.asked[0].text


def test_where_no_answer_stands_out_the_judge_sees_the_text_after_the_thoughts(lab):
    text = "The tower has a lamp at its top.\nShips steer by it at night.\nNothing else is to be seen here."
    two_tables(lab, [sample("s/1", answer="a lighthouse")], [trace("s/1", answer_text=text)])
    model = FakeModel(lambda request: "Analysis: it describes one\nJudgment: EQUIVALENT")
    verify(lab.context(models=["judge"]), model.connect())
    assert "Ships steer by it" in model.asked[0].text
    assert verdicts(lab) == [("s/1", 0, True, None, "equal", "judge", True)]


def published(**values):
    known = {"caption": None, "trace": "<think>x</think><answer>the sea</answer>", "pass_rate": 0.5}
    return known | {"is_consistent": False, "consistency_analysis": "It is a lake."} | values


def test_the_published_verdict_decides_what_rules_leave(lab):
    two_tables(
        lab,
        [sample("s/1", answer="a deep lake", published=published()), sample("s/2", published=published())],
        [trace("s/1", "the sea"), trace("s/2", "12")],
    )
    verify(lab.context(verify={"undecided": "published"}))
    assert verdicts(lab) == [
        ("s/1", 0, True, "the sea", "different", "published", False),
        ("s/2", 0, True, "12", "equal", "exact", True),
    ]
    assert lab.rows(Stage.VERIFY)[0]["consistency_analysis"] == "It is a lake."


def test_a_published_verdict_on_another_answer_decides_nothing(lab):
    two_tables(lab, [sample("s/1", answer="a deep lake", published=published())], [trace("s/1", "the ocean")])
    verify(lab.context(verify={"undecided": "published"}))
    assert verdicts(lab)[0][4:] == ("undecided", "none", None)
    assert "about another answer" in lab.rows(Stage.VERIFY)[0]["detail"]


def test_changed_settings_are_refused_with_their_names(lab):
    two_tables(lab, [sample("s/1", answer="100")], [trace("s/1", "103")])
    verify(lab.context())
    changed = lab.context(verify={"tolerance": {"relative": 0.05}})
    with pytest.raises(SettingsChanged, match=r"tolerance.relative"):
        verify(changed)
    changed.table(Stage.VERIFY).clear()
    verify(changed)
    assert verdicts(lab)[0][4] == "equal"


def test_a_finished_table_is_left_alone_and_owed_shards_are_done(lab):
    lab.put(Stage.COLLECT, [sample("s/1")], [sample("s/2")])
    lab.put(Stage.DISTILL, [trace("s/1")], [trace("s/2")])
    first = lab.context()
    assert verify(type(first)(first.run, first.recipe, only=range(1))) is None
    assert lab.run.table(Stage.VERIFY).shards() == [0]
    manifest = verify(first)
    assert manifest.rows == 2
    assert verify(first) == manifest


def test_verify_wants_traces(lab):
    lab.put(Stage.COLLECT, [sample("s/1")])
    with pytest.raises(StoreError, match="traces, which is missing"):
        verify(lab.context())


def test_one_of_several_processes_leaves_shards_whose_traces_are_not_there_yet(lab):
    lab.put(Stage.COLLECT, [sample("s/1")], [sample("s/2")])
    traces = lab.run.table(Stage.DISTILL)
    traces.begin(Plan("distill", {}, {}), "")
    traces.write(1, [dict.fromkeys(traces.schema.names) | trace("s/2")])
    context = replace(lab.context(), only=range(2))
    assert verify(context) is None
    assert lab.run.table(Stage.VERIFY).shards() == [1]
