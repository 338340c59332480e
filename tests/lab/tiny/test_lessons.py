"""Lessons are what a small world holds, drawn the same way everywhere, and never of the test part."""

from mmfinereason.lab.puzzles import SMALL
from mmfinereason.lab.puzzles.parts import part_of
from mmfinereason.lab.tiny import lessons
from mmfinereason.lab.tiny.lessons import CAPTION_PROMPT, Course, words


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


def test_the_words_hold_every_lesson_of_the_world():
    known = set(" ".join(words()).split())
    for number in range(40):
        lesson = Course({"caption": 1, "trace": 1}, seed=9).lesson(number)
        assert {word for word in lesson.reply.split() if word.isalpha()} <= known
