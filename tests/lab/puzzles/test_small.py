"""The small world: what holds for its puzzles, answers computed again from the scene, short traces and captions."""

import hashlib
import re
from functools import cache

import pytest

from mmfinereason.answers import agree, extract_answer
from mmfinereason.lab.puzzles import FAMILIES, SMALL, generate
from mmfinereason.lab.puzzles.short import short_caption, short_trace
from mmfinereason.recipe.distill import ScreenSettings
from mmfinereason.schema import CATEGORIES, Domain
from mmfinereason.trace.caption import parse_caption
from mmfinereason.trace.parse import parse
from mmfinereason.trace.screen import screen

LEVELS = (1, 2, 3)
PLACES = {"left": 0, "middle": 1, "right": 2, "top": 0, "bottom": 2}


@cache
def free(family, count=120):
    """`count` free-form puzzles of each level."""
    return [
        generate(family, seed=5, index=i, level=level, multiple_choice=False) for level in LEVELS for i in range(count)
    ]


def numbers(text):
    return [int(n) for n in re.findall(r"\d+", text)]


@pytest.fixture(params=list(SMALL))
def family(request):
    return request.param


# what holds for every puzzle


def test_a_puzzle_is_complete_and_short(family):
    for puzzle in free(family):
        assert puzzle.domain in set(Domain)
        assert puzzle.category in CATEGORIES
        assert puzzle.answer == str(int(puzzle.answer))
        assert 0 <= int(puzzle.answer) <= 27
        assert len(puzzle.question.split()) <= 14
        assert len(puzzle.facts) == 3
        assert len(puzzle.steps) >= 3
        assert len(" ".join(puzzle.facts + puzzle.steps).split()) <= 72
        assert max(numbers(" ".join(puzzle.facts + puzzle.steps))) <= 27
        assert re.search(r"[\u4e00-\u9fff]{2}", puzzle.chinese)
        assert all(sentence.endswith(".") for sentence in (*puzzle.facts, *puzzle.steps))


def test_the_world_needs_few_words():
    texts = " ".join(" ".join((p.question, *p.facts, *p.steps)) for name in SMALL for p in free(name))
    assert len(set(re.findall(r"[A-Za-z]+", texts))) < 220


def test_wrong_answers_are_wrong(family):
    for puzzle in free(family):
        assert len(set(puzzle.wrong_answers)) == len(puzzle.wrong_answers) >= 3
        assert puzzle.answer not in puzzle.wrong_answers


def test_options_hold_the_answer_once(family):
    for plain in free(family, 30):
        choice = generate(family, seed=5, index=plain.index, level=plain.level, multiple_choice=True)
        assert choice.options["ABCDE".index(choice.answer)] == plain.answer
        assert len(set(choice.options)) == len(choice.options) >= 4
        assert choice.steps[:-1] == plain.steps


def test_the_same_numbers_give_the_same_puzzle_and_picture(family):
    drawn = generate(family, seed=2, index=5)
    again = generate(family, seed=2, index=5, level=drawn.level, multiple_choice=bool(drawn.options))
    assert again == drawn
    assert again.draw().tobytes() == drawn.draw().tobytes()


def test_pictures_have_the_size_asked_for(family):
    puzzle = generate(family, seed=1, index=1)
    assert puzzle.draw().size == (96, 96)
    assert [puzzle.draw(size).size for size in (64, 128)] == [(64, 64), (128, 128)]
    assert puzzle.draw().mode == "RGB"


def test_all_content_stays_inside_the_picture(family):
    for puzzle in free(family)[::4]:
        image = puzzle.draw()
        edge = {image.getpixel((x, y)) for x in range(96) for y in (0, 95)}
        edge |= {image.getpixel((x, y)) for x in (0, 95) for y in range(96)}
        assert len(edge) == 1, (puzzle.level, puzzle.index)


def test_a_higher_level_is_harder(family):
    means = [sum(p.difficulty for p in free(family) if p.level == level) for level in LEVELS]
    assert means == sorted(means)


def test_every_sum_on_the_way_is_right(family):
    sums = [
        match.groups()
        for puzzle in free(family)
        for match in re.finditer(r"(?<![\d+] )(\d+(?: [+-] \d+)+) = (\d+)", " ".join(puzzle.steps))
    ]
    assert len(sums) > 100
    for terms, told in sums:
        assert sum(int(term) for term in terms.replace("- ", "-").replace("+ ", "").split(" ")) == int(told)


# answers computed again


def test_shapes_are_counted_again():
    for puzzle in free("small_shapes"):
        shapes = [content.split(" ") for content in puzzle.scene.cells if content != "none"]
        words = re.findall("red|blue|green|black|circle|square|triangle|star", puzzle.question)
        if "differ" in puzzle.question:
            one, two = (sum(colour == word for colour, _ in shapes) for word in words)
            expected = abs(one - two)
        elif len(words) == 2:
            expected = sum(not set(words) & set(shape) for shape in shapes)
        else:
            expected = sum(colour in (words or [colour]) for colour, _ in shapes)
        assert int(puzzle.answer) == expected
        low, high = {1: (1, 5), 2: (3, 7), 3: (5, 9)}[puzzle.level]
        assert low <= len(shapes) <= high


def test_ways_are_measured_again_by_spreading_from_the_flag():
    for puzzle in free("small_path"):
        cells = {divmod(n, 3): content for n, content in enumerate(puzzle.scene.cells)}
        reached, steps = {cell for cell, content in cells.items() if content == "flag"}, 0
        while not any(cells[cell] == "robot" for cell in reached):
            steps += 1
            reached |= {
                (r + dr, c + dc) for r, c in reached for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))
                if cells.get((r + dr, c + dc), "wall") not in ("wall", "tree")
            }  # fmt: skip
            assert steps < 9
        assert int(puzzle.answer) == steps


def test_trees_never_lengthen_a_way():
    for puzzle in [p for p in free("small_path") if p.level < 3]:
        (r1, c1), (r2, c2) = (divmod(puzzle.scene.cells.index(name), 3) for name in ("robot", "flag"))
        assert int(puzzle.answer) == abs(r1 - r2) + abs(c1 - c2)
        assert (0 in (r1 - r2, c1 - c2)) == (puzzle.level == 1)


def test_walls_are_often_in_the_way():
    walled = [p for p in free("small_path") if p.level == 3]
    detours = 0
    for puzzle in walled:
        (r1, c1), (r2, c2) = (divmod(puzzle.scene.cells.index(name), 3) for name in ("robot", "flag"))
        detours += int(puzzle.answer) > abs(r1 - r2) + abs(c1 - c2)
    assert detours > len(walled) / 2


def test_bars_are_measured_again():
    for puzzle in free("small_bars"):
        bars = dict(zip(puzzle.scene.colours, puzzle.scene.heights, strict=True))
        named = [bars[word] for word in re.findall("red|blue|green|black", puzzle.question)]
        gap = max(bars.values()) - min(bars.values())
        expected = gap if "shortest" in puzzle.question else sum(named or bars.values())
        assert int(puzzle.answer) == expected
        assert gap > 0


def test_digits_are_computed_again():
    for puzzle in free("small_digits"):
        table = [puzzle.scene.cells[i : i + 3] for i in (0, 3, 6)]
        words = re.findall("top|middle|bottom|left|right", puzzle.question)
        if puzzle.level == 1:
            row, column = words if len(words) == 2 else ("middle", "middle")
            expected = table[PLACES[row]][PLACES[column]]
        elif puzzle.level == 2:
            lines = table if "row" in puzzle.question else list(zip(*table, strict=True))
            expected = sum(lines[PLACES[words[0]]])
        elif len(words) == 2:
            one, two = (sum(table[PLACES[word]]) for word in words)
            expected = abs(one - two)
        else:
            expected = max(table[PLACES[words[0]]]) - min(table[PLACES[words[0]]])
        assert int(puzzle.answer) == expected


def test_forces_are_added_again():
    for puzzle in free("small_forces"):
        arrows = [content.split(" ") for content in puzzle.scene.cells if " " in content]
        signed = [int(strength) * {"left": -1, "right": 1}[way] for strength, way in arrows]
        assert int(puzzle.answer) == abs(sum(signed))
        assert len(signed) in {1: (2,), 2: (2,), 3: (3, 4)}[puzzle.level]
        assert (min(signed) * max(signed) > 0) == (puzzle.level == 1)
        assert puzzle.scene.cells[4] == "block"


def test_prices_are_added_again():
    for puzzle in free("small_tags"):
        prices = dict(zip(puzzle.scene.items, puzzle.scene.prices, strict=True))
        total = sum(prices[name] for name in re.findall("[A-Z]{3,}", puzzle.question))
        assert int(puzzle.answer) == (20 - total if puzzle.level == 3 else total)


def test_facts_tell_all_that_is_in_the_scene(family):
    """From the facts alone the scene can be written down again."""
    for puzzle in free(family):
        scene = puzzle.scene
        told = [fact.removesuffix(".").split(": ", 1) for fact in puzzle.facts]
        places = ["Left", "Middle", "Right"] if family == "small_bars" else ["Top", "Middle", "Bottom"]
        assert [place for place, _ in told] == places
        if family == "small_bars":
            shown = [f"{colour} {height}" for colour, height in zip(scene.colours, scene.heights, strict=True)]
        elif family == "small_tags":
            shown = [f"{item} {price}" for item, price in zip(scene.items, scene.prices, strict=True)]
        else:
            comma = " " if family == "small_digits" else ", "
            shown = [comma.join(map(str, scene.cells[i : i + 3])) for i in (0, 3, 6)]
        assert [content for _, content in told] == shown


# parts


def picture(puzzle):
    return hashlib.sha256(puzzle.draw().tobytes()).hexdigest()


def drawn(family, count, part, seed):
    return [generate(family, seed=seed, index=i, part=part) for i in range(count)]


def test_train_and_test_share_neither_scene_nor_picture(family):
    train, test = drawn(family, 300, "train", 1), drawn(family, 300, "test", 2)
    assert not {p.scene for p in train} & {p.scene for p in test}
    shown = [{picture(p) for p in part} for part in (train, test)]
    assert not shown[0] & shown[1]
    assert len(shown[0]) > 225


def test_pictures_vary(family):
    assert len({picture(p) for p in drawn(family, 400, "all", 3)}) >= 300


def test_a_fifth_of_all_scenes_is_for_testing(family):
    scenes = {p.scene for p in drawn(family, 600, "all", 4)}
    tests = scenes & {p.scene for p in drawn(family, 600, "test", 4)}
    first = {p.scene for p in drawn(family, 600, "train", 4)} & scenes
    assert 0.1 < len(tests) / (len(tests) + len(first)) < 0.3


@pytest.mark.parametrize("name", [*FAMILIES, *SMALL])
def test_every_puzzle_stands_in_one_of_the_parts(name):
    whole, train, test = (drawn(name, 20, part, 0) for part in ("all", "train", "test"))
    for puzzle, *parts in zip(whole, train, test, strict=True):
        assert [part == puzzle for part in parts].count(True) == 1
    assert not {p.scene for p in train} & {p.scene for p in test}


# traces and captions


def test_a_short_trace_has_four_phases_and_the_answer(family):
    for puzzle in free(family):
        trace = parse(short_trace(puzzle))
        assert trace.think_parts == 1
        assert [line.split(":")[0] for line in trace.reasoning.splitlines()] == ["See", "Plan", "Work", "Check"]
        found = extract_answer(trace.answer_text)
        assert agree(found.text, puzzle.answer).outcome == "equal"
        assert screen(trace, ScreenSettings(min_words=10)) == ()


def test_a_short_trace_picks_the_option(family):
    for index in range(20):
        puzzle = generate(family, seed=8, index=index, multiple_choice=True)
        text = short_trace(puzzle)
        assert f"Check: {puzzle.steps[-2]} Among the options this is {puzzle.answer}.\n</think>" in text
        assert parse(text).answers == (puzzle.answer,)


def test_only_small_puzzles_have_short_traces():
    with pytest.raises(ValueError, match="no small puzzle"):
        short_trace(generate("maze", seed=0, index=0))


def test_a_short_caption_names_the_category(family):
    puzzle = generate(family, seed=0, index=0)
    caption = parse_caption(short_caption(puzzle))
    assert (caption.category, caption.known) == (puzzle.category, True)
