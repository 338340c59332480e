"""The models of the package see, reason and err, without torch."""

import json

import pytest

from mmfinereason.answers import extract_answer
from mmfinereason.lab.engines import load
from mmfinereason.lab.engines.base import Sampling, Wanted
from mmfinereason.lab.puzzles import SMALL, generate
from mmfinereason.lab.puzzles.short import short_caption
from mmfinereason.lab.tiny.curriculum import NAMES, SHIPPED
from mmfinereason.lab.tiny.lessons import CAPTION_PROMPT
from mmfinereason.lab.tiny.school import FILE
from mmfinereason.lab.tiny.shipped import shipped

PUZZLES = [
    generate(family, seed=41, index=index, level=1 + index % 3, multiple_choice=False, part="test")
    for family in SMALL
    for index in range(12)
]


def replies(name, prompts):
    engine = load(str(shipped() / name), "numpy")
    wanted = [
        Wanted(
            [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt}]}],
            (puzzle.draw(),),
            Sampling(temperature=0, max_tokens=256),
        )
        for puzzle, prompt in zip(PUZZLES, prompts, strict=True)
    ]
    return [one.text for _, one in sorted(engine.write(wanted))]


@pytest.fixture(scope="module")
def answers():
    return {name: replies(name, [puzzle.question for puzzle in PUZZLES]) for name in NAMES}


def right(texts):
    found = [extract_answer(text) for text in texts]
    return sum(one is not None and one.text == puzzle.answer for one, puzzle in zip(found, PUZZLES, strict=True))


def test_the_teacher_errs_the_prober_more_and_the_base_most(answers):
    teacher, prober, base = (right(answers[name]) for name in ("tiny-teacher", "tiny-prober", "tiny-base"))
    assert 0 < base < prober < teacher < len(PUZZLES)


def test_the_base_answers_at_once_and_the_others_reason(answers):
    thoughts = {name: sum("<think>" in text for text in texts) for name, texts in answers.items()}
    assert thoughts == {"tiny-base": 0, "tiny-prober": len(PUZZLES), "tiny-teacher": len(PUZZLES)}


def test_the_teacher_describes_most_pictures_without_a_mistake():
    captions = replies("tiny-teacher", [CAPTION_PROMPT] * len(PUZZLES))
    exact = sum(text == short_caption(puzzle) for text, puzzle in zip(captions, PUZZLES, strict=True))
    assert exact > len(PUZZLES) / 2


@pytest.mark.parametrize("name", NAMES)
def test_each_says_how_it_was_made_and_is_small(name):
    made = json.loads((shipped() / name / FILE).read_text())
    terms = SHIPPED.terms(seed=made["seed"])
    assert made["term"]["steps"] == terms[name].steps and made["term"]["batch"] == terms[name].batch
    assert (shipped() / name / "model.safetensors").stat().st_size < 2_000_000
