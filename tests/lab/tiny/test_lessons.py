"""Lessons are what a small world holds, drawn the same way everywhere, and never of the test part."""

import re

import pytest

from mmfinereason.lab.puzzles import SMALL
from mmfinereason.lab.puzzles.parts import part_of
from mmfinereason.lab.tiny import checkpoint, lessons
from mmfinereason.lab.tiny.lessons import CAPTION_PROMPT, NUMBERS, Course, Lesson, words


def test_a_lesson_is_a_function_of_seed_and_number():
    course = Course({"caption": 1, "answer": 1, "trace": 1}, seed=4)
    first, again, other = course.lesson(7), course.lesson(7), Course(course.kinds, seed=5).lesson(7)
    assert (first.prompt, first.reply) == (again.prompt, again.reply)
    assert first.image.tobytes() == again.image.tobytes() != other.image.tobytes()


def test_lessons_show_training_puzzles_only(monkeypatch):
    drawn = []
    make = lessons.generate
    monkeypatch.setattr(lessons, "generate", lambda *args, **said: drawn.append(make(*args, **said)) or drawn[-1])
    for number in range(60):
        Course({"trace": 1}).lesson(number)
    assert len(drawn) == 60 and {part_of(one.scene) for one in drawn} == {"train"}
    assert {one.family for one in drawn} == set(SMALL) and {one.level for one in drawn} == {1, 2, 3}


def test_each_kind_asks_and_answers_in_its_own_way():
    (caption,) = {Course({"caption": 1}).lesson(i).prompt for i in range(5)}
    assert caption == CAPTION_PROMPT
    trace, answer = Course({"trace": 1}).lesson(3), Course({"answer": 1}).lesson(3)
    assert trace.prompt == answer.prompt
    assert trace.reply.startswith("<think>") and trace.reply.endswith(answer.reply)


def test_a_work_lesson_tells_what_is_seen_and_wants_the_work_of_the_trace():
    trace, work = (Course({kind: 1}, seed=2).lesson(11) for kind in ("trace", "work"))
    seen, done = (next(line for line in trace.reply.split("\n") if line.startswith(name)) for name in ("See", "Work"))
    assert work == Lesson(None, f"{seen.removeprefix('See: ')} {trace.prompt}", done.removeprefix("Work: "))


def test_a_reading_lesson_asks_for_two_of_the_numbers_it_tells():
    for number in range(50):
        lesson = Course({"read": 1}).lesson(number)
        told, _, asked = lesson.prompt.rpartition(". ")
        pairs = re.findall(r"(\w+) (\d+)", told)
        found = re.findall(r"(\w+) (\d+)", lesson.reply)
        assert lesson.image is None and len(found) == 2 and set(found) < set(pairs)
        assert asked == f"{found[0][0]}, {found[1][0]}?" and len(dict(pairs)) == len(pairs) >= 3


def test_the_words_hold_every_lesson_of_the_world():
    known = set(" ".join(words()).split())
    for number in range(40):
        lesson = Course({"caption": 1, "trace": 1}, seed=9).lesson(number)
        assert {word for word in lesson.reply.split() if word.isalpha()} <= known


def test_what_is_reasoned_about_can_be_easy_while_all_pictures_are_described(monkeypatch):
    drawn = []
    make = lessons.generate
    monkeypatch.setattr(lessons, "generate", lambda *args, **said: drawn.append(said["level"]) or make(*args, **said))
    for kind, levels in (("caption", {1, 2, 3}), ("trace", {1})):
        drawn.clear()
        for number in range(40):
            Course({kind: 1}, levels=(1,)).lesson(number)
        assert set(drawn) == levels


def test_pictures_come_in_every_size_of_the_course():
    course = Course({"caption": 1}, sizes=(64, 96, 128))
    assert {course.lesson(number).image.size for number in range(40)} == {(64, 64), (96, 96), (128, 128)}


@pytest.mark.train
def test_a_number_is_one_token_with_the_space_before_it():
    pytest.importorskip("transformers", reason="needs the extra `train`: make test-train")
    tokenizer = checkpoint._tokenizer(words(), 1024)
    for number in NUMBERS:
        assert len(tokenizer(f" {number}")["input_ids"]) == len(tokenizer(str(number))["input_ids"]) == 1
    reply = Course({"trace": 1}, seed=9).lesson(3).reply
    assert tokenizer.decode(tokenizer(reply)["input_ids"]) == reply
