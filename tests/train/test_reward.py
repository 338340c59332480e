import ast
import multiprocessing
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmfinereason
from mmfinereason.answers import Verdict
from mmfinereason.train import reward as module
from mmfinereason.train.reward import NOTHING, compute_score, grade, reward, rewards, well_formed

GOOD = "<think>\nTwo and two.\n</think>\n\nSo it is <answer>4</answer>"
PACKAGE = Path(mmfinereason.__file__).parent


def test_a_right_answer_in_good_form_earns_everything():
    assert compute_score("mmfinereason", GOOD, "4") == {
        "score": 1.0,
        "acc": 1.0,
        "format": 1.0,
        "answered": 1.0,
        "undecided": 0.0,
    }


@pytest.mark.parametrize(
    ("reply", "reference", "score"),
    [
        (GOOD, "5", 0.1),
        ("Thoughts opened by the template\n</think>\n\n<answer>4</answer>", "4", 1.0),
        ("<think>a</think> The answer is 4.", "4", 0.9),
        ("<think>a</think> \\boxed{4}", "4", 0.9),
        ("<think>a</think><answer>3</answer><answer>4</answer>", "4", 0.9),
        ("<think></think><answer>4</answer>", "4", 0.9),
        ("<think>a</think><think>b</think><answer>4</answer>", "4", 0.9),
        ("<think>a</think><answer>x^2-1</answer>", "(x-1)(x+1)", 1.0),
    ],
)
def test_correctness_and_form_add_up(reply, reference, score):
    assert grade(reply, reference).score == pytest.approx(score)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "<answer>4</answer>",
        "<think>\nI am still at it <answer>4</answer>",
        "a</think>",
        "a</think> and then, well,\nI had to think again, and",
    ],
)
def test_no_closed_thoughts_or_no_answer_earns_nothing(reply):
    assert grade(reply, "4") == NOTHING


def test_a_truncated_reply_earns_nothing():
    assert grade(GOOD, "4", truncated=True) == NOTHING
    assert compute_score("mmfinereason", GOOD, "4", {"truncated": True})["score"] == 0


def test_models_without_thoughts_can_be_rewarded_but_open_ones_never():
    assert grade("<answer>4</answer>", "4", thoughts=False).score == 1
    assert grade("<think>a</think><answer>4</answer>", "4", thoughts=False).score == 1
    assert grade("<think> hm <answer>4</answer>", "4", thoughts=False) == NOTHING


def test_thoughts_are_not_graded():
    assert grade("<think>\nIs it <answer>4</answer>? No.\n</think>\n\n<answer>5</answer>", "4").acc == 0


def test_the_question_says_what_an_option_letter_means():
    question = "Which is prime?\nA. 4\nB. 7\nC. 9"
    said = "<think>\nSeven.\n</think>\n\n<answer>7</answer>"
    assert compute_score("mmfinereason", said, "B", {"question": question})["acc"] == 1
    assert compute_score("mmfinereason", said, "C", {"question": question})["acc"] == 0


def test_the_form_counts_for_as_much_as_the_setting_says():
    wrong = "<think>a</think><answer>5</answer>"
    assert compute_score("mmfinereason", wrong, "4", format_weight=0.0)["score"] == 0
    assert compute_score("mmfinereason", wrong, "4", format_weight=0.3)["score"] == pytest.approx(0.3)


def test_options_that_a_trainer_adds_do_not_matter():
    assert compute_score("x", GOOD, "4", {"num_turns": 2}, reward_router_address=None)["score"] == 1


@given(st.text(max_size=200), st.text(max_size=40), st.booleans())
def test_any_text_gets_a_reward_between_nothing_and_everything(reply, reference, thoughts):
    for one in (reply, f"<think>{reply}</think><answer>{reply}</answer>"):
        graded = grade(one, reference, thoughts=thoughts)
        assert 0 <= graded.score <= 1
        assert graded.score <= 0.9 or graded.format == 1
        assert well_formed(one, thoughts) in (True, False)


def test_the_trl_shape_takes_texts_and_conversations_with_columns_by_name():
    conversation = [{"role": "assistant", "content": GOOD}]
    columns = {"ground_truth": ["4", "4", "5"], "question": ["", "", ""], "id": ["a", "b", "c"], "trainer_state": None}
    assert reward([], [GOOD, conversation, GOOD], [[1], [2], [3]], **columns) == [1.0, 1.0, 0.1]
    assert reward([], [GOOD], truncated=[True], ground_truth=["4"]) == [0.0]
    assert [one.acc for one in rewards([GOOD], ["4"], [""], format_weight=0.0)] == [1.0]


# --- threads, forks, limits -------------------------------------------------------------------------------------------

SUM = "\\sum_{k=1}^{n} k"
ALGEBRA = ("<think>a</think><answer>\\frac{n(n+1)}{2}</answer>", SUM)


def test_a_step_that_hangs_is_left_at_the_limit(monkeypatch):
    release = threading.Event()

    def hang(*_):
        release.wait(60)
        return Verdict("equal", "symbolic")

    monkeypatch.setattr(module, "_with_algebra", hang)
    started = time.monotonic()
    graded = grade(*ALGEBRA, seconds=0.2)
    took = time.monotonic() - started
    release.set()
    assert (graded.acc, graded.undecided) == (0.0, 1.0)
    assert took < 5


def test_many_threads_get_the_same_rewards_as_one():
    cases = [
        (GOOD, "4"),
        (GOOD, "5"),
        ALGEBRA,
        ("<think>a</think><answer>" + "9^" * 3000 + "9</answer>", "1"),
        ("<think>a</think>" + "<answer>" * 5000, "4"),
        ("<think>" * 20_000, "4"),
        ("a</think>" + "\\boxed{" * 20_000, "4"),
        ("<think>a</think><answer>12:30</answer>", "12:00"),
        ("<think>a</think><answer>\\int_0^1 x^{x^{x}} dx</answer>", "\\int_0^1 y^{y^{y}} dy + \\sum_{k} k"),
    ]
    alone = [grade(*case, seconds=20) for case in cases]
    assert alone[2].acc == 1
    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(lambda number: grade(*cases[number % len(cases)], seconds=20), range(900)))
    assert together == [alone[number % len(cases)] for number in range(900)]


def _in_a_fork(queue):
    queue.put(grade(*ALGEBRA, seconds=20).acc)


def test_a_forked_worker_has_its_own_helpers():
    assert grade(*ALGEBRA, seconds=20).acc == 1
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_a_fork, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == 1
    child.join(60)
    assert child.exitcode == 0


# --- light enough for a cluster ---------------------------------------------------------------------------------------


def test_the_reward_loads_the_standard_library_only():
    program = (
        "import sys; import mmfinereason.train.reward as r; "
        "print(r.compute_score('x', '<think>a</think><answer>1/2</answer>', '0.5')['acc']); "
        "tops = {name.split('.')[0] for name in sys.modules}; "
        "print(sorted(tops - set(sys.stdlib_module_names) - {'mmfinereason', '__main__'}))"
    )
    command = [sys.executable, "-S", "-c", program]
    out = subprocess.run(command, env={"PYTHONPATH": str(PACKAGE.parent)}, capture_output=True, text=True, check=True)
    assert out.stdout.split("\n")[:2] == ["1.0", "[]"]


def test_the_reward_names_no_module_but_answers():
    imported = {
        node.module
        for node in ast.walk(ast.parse((PACKAGE / "train" / "reward.py").read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mmfinereason")
    }
    assert imported == {"mmfinereason.answers"}
