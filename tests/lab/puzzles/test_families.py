"""Every family: what holds for all puzzles, and answers computed again from the scene by other means."""

import math
import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise, product

import pytest

from mmfinereason.answers import agree
from mmfinereason.lab.puzzles import FAMILIES, generate
from mmfinereason.lab.puzzles.families import circuit, sudoku
from mmfinereason.schema import CATEGORIES, Domain

LEVELS = (1, 2, 3)


def some(family, count=25, **fixed):
    """`count` puzzles of each level."""
    return [generate(family, seed=11, index=i, level=level, **fixed) for level in LEVELS for i in range(count)]


def free(family, count=40):
    return some(family, count, multiple_choice=False)


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return request.param


# what holds for every puzzle


def test_a_puzzle_is_complete(family):
    for puzzle in some(family):
        assert puzzle.question.strip() == puzzle.question
        assert puzzle.domain in set(Domain)
        assert puzzle.category in CATEGORIES
        assert len(puzzle.facts) >= 2
        assert puzzle.steps
        assert 0 <= puzzle.difficulty <= 1
        assert all(sentence.endswith((".", "?")) for sentence in (*puzzle.facts, *puzzle.steps))
        assert re.search(r"[\u4e00-\u9fff]{2}", puzzle.chinese)


def test_the_last_step_names_the_answer(family):
    assert [p for p in some(family) if p.answer not in p.steps[-1]] == []


def test_wrong_answers_are_wrong_and_at_least_three(family):
    for puzzle in some(family):
        assert len(set(puzzle.wrong_answers)) == len(puzzle.wrong_answers) >= 3
        assert puzzle.answer not in puzzle.wrong_answers


def test_no_wrong_answer_agrees_with_the_answer(family):
    for puzzle in some(family, 5, multiple_choice=False):
        verdicts = [agree(puzzle.answer, wrong) for wrong in puzzle.wrong_answers]
        assert "equal" not in {verdict.outcome for verdict in verdicts}, puzzle.answer


def test_the_letter_points_at_the_free_form_answer(family):
    pairs = zip(free(family), some(family, 40, multiple_choice=True), strict=True)
    for plain, choice in pairs:
        assert choice.options["ABCDEFGH".index(choice.answer)] == plain.answer
        assert len(set(choice.options)) == len(choice.options) >= 4
        lines = [f"{letter}. {text}" for letter, text in zip("ABCDEFGH", choice.options, strict=False)]
        assert choice.question == "\n".join([plain.question, *lines])
        assert plain.options == ()


def test_a_higher_level_is_harder(family):
    means = [sum(p.difficulty for p in some(family) if p.level == level) for level in LEVELS]
    assert means == sorted(means)


def test_puzzles_rarely_collide(family):
    seen = Counter((p.question, p.scene) for p in some(family, 150))
    assert sum(seen.values()) - len(seen) <= 3


def test_wording_varies(family):
    assert len({re.sub(r"[\d.]+", "#", p.question) for p in free(family)}) >= 6


def test_nothing_is_cut_by_the_edge_of_the_picture(family):
    for puzzle in some(family, 6):
        image = puzzle.draw(256)
        right, low = image.width - 1, image.height - 1
        edge = {image.getpixel((x, y)) for x in range(image.width) for y in (0, low)}
        edge |= {image.getpixel((x, y)) for x in (0, right) for y in range(image.height)}
        assert len(edge) == 1, (puzzle.level, puzzle.index)


def test_the_picture_has_the_size_asked_for(family):
    puzzle = generate(family, seed=1, index=1)
    assert max(puzzle.draw().size) == 448
    assert max(puzzle.draw(128).size) == 128
    assert puzzle.draw(96).mode == "RGB"


def test_giving_what_would_have_been_drawn_changes_nothing(family):
    drawn = generate(family, seed=2, index=5)
    assert generate(family, seed=2, index=5, level=drawn.level, multiple_choice=bool(drawn.options)) == drawn


def test_another_process_makes_the_same_puzzles():
    code = (
        "import hashlib, mmfinereason.lab.puzzles as m;"
        "made = [m.generate(f, seed=3, index=i) for f in m.FAMILIES for i in range(3)];"
        "print(hashlib.sha256(repr([(p, p.draw(128).tobytes()) for p in made]).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_an_unknown_family_gets_a_suggestion():
    with pytest.raises(ValueError, match="did you mean 'maze'"):
        generate("maz", seed=0, index=0)
    with pytest.raises(ValueError, match="levels 1 to 3"):
        generate("maze", seed=0, index=0, level=4)


# answers computed again


def number(text):
    return float(re.sub(r"[^\d.\-]", "", text))


def test_angles_can_be_measured_in_the_figure():
    for puzzle in free("geometry_angles"):
        at = dict(puzzle.scene.points)
        a, corner, b = (at[name] for name in puzzle.scene.angles[-1][0])
        arms = [math.atan2(p[1] - corner[1], p[0] - corner[0]) for p in (a, b)]
        measured = math.degrees(arms[0] - arms[1]) % 360
        assert min(measured, 360 - measured) == pytest.approx(number(puzzle.answer), abs=2.1)
        if "Quadrilateral" not in puzzle.facts[0]:
            assert min(measured, 360 - measured) == pytest.approx(number(puzzle.answer), abs=0.01)


def test_lengths_can_be_measured_in_the_figure():
    for puzzle in free("pythagoras"):
        at = dict(puzzle.scene.points)
        one, two = re.search(r"So (\w)(\w) =", puzzle.steps[-1]).groups()
        outside, root = re.fullmatch(r"(\d*)(?:√(\d+))? \w+", puzzle.answer).groups()
        assert math.dist(at[one], at[two]) == pytest.approx(int(outside or 1) * math.sqrt(int(root or 1)))


def test_areas_can_be_measured_in_the_figure():
    for puzzle in free("geometry_areas"):
        figure = puzzle.scene
        at = dict(figure.points)
        area = sum(shoelace([at[name] for name in names]) for names, _ in figure.fills)
        discs = sorted((radius for _, radius, _ in figure.discs), reverse=True)
        ring = discs.pop(0) ** 2 * math.pi if len(discs) == 2 else 0
        holes = sum(r**2 * math.pi for r in discs) + sum(r**2 * math.pi / 4 for _, r, *_ in figure.slices)
        value = puzzle.answer.rsplit(" ", 1)[0].strip("()")
        told = sum(term(part) for part in value.replace(" - ", " + -").split(" + "))
        assert area + ring - holes == pytest.approx(told)


def term(text):
    return float(text.replace("π", "") or 1) * (math.pi if "π" in text else 1)


def shoelace(points):
    following = [*points[1:], points[0]]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, following, strict=True))) / 2


def test_the_resistances_follow_ohms_law():
    for puzzle in free("circuit"):
        scene = puzzle.scene
        parallel = 1 / sum(Fraction(1, b) for b in scene.branches) if scene.branches else 0
        total = sum(scene.series) + parallel
        amount, unit = puzzle.answer.split(" ")
        expected = {"Ω": total, "A": (scene.volts or 0) / total, "V": (scene.volts or 0) * parallel / total}[unit]
        assert int(amount) == expected
    assert circuit._parallel((3, 6)) == 2


def test_the_sudoku_has_one_solution_by_brute_force():
    for puzzle in [p for p in free("sudoku_like", 25) if p.level < 3]:
        clues, asked = puzzle.scene.clues, puzzle.scene.asked
        rows = [
            [
                row
                for row in product((1, 2, 3, 4), repeat=4)
                if len(set(row)) == 4 and agrees(row, clues[4 * r : 4 * r + 4])
            ]
            for r in range(4)
        ]
        grids = [sum(grid, ()) for grid in product(*rows) if valid(sum(grid, ()))]
        assert len(grids) == 1
        assert sum(grids[0][cell] for cell in asked) == int(puzzle.answer)


def agrees(row, clues):
    return all(clue in (0, value) for clue, value in zip(clues, row, strict=True))


def valid(grid):
    columns = [grid[c::4] for c in range(4)]
    blocks = [grid[i : i + 2] + grid[i + 4 : i + 6] for i in (0, 2, 8, 10)]
    return all(len(set(cells)) == 4 for cells in columns + blocks)


def test_the_hardest_sudokus_have_one_solution_too():
    for puzzle in [p for p in free("sudoku_like") if p.level == 3]:
        (grid,) = sudoku.solutions(puzzle.scene.clues)
        assert valid(grid)
        assert sum(grid[cell] for cell in puzzle.scene.asked) == int(puzzle.answer)


def test_the_maze_is_solved_by_flooding_from_the_goal():
    for puzzle in free("maze"):
        maze = puzzle.scene
        assert len(maze.passages) == maze.size**2 - 1
        far, edge = {maze.goal: 0}, [maze.goal]
        while edge:
            cell = edge.pop(0)
            for pair in maze.passages:
                if cell in pair:
                    other = pair[0] if pair[1] == cell else pair[1]
                    if other not in far:
                        far[other] = far[cell] + 1
                        edge.append(other)
        assert len(far) == maze.size**2
        way = [maze.start]
        while way[-1] != maze.goal:
            way.append(next(c for c in far if maze.open(way[-1], c) and far[c] == far[way[-1]] - 1))
        turns = sum(a[0] != c[0] and a[1] != c[1] for a, c in zip(way, way[2:], strict=False))
        asked = "star" if "star" in puzzle.question else "turn" if re.search("direction|turns", puzzle.question) else ""
        expected = {"star": len(set(way) & set(maze.stars)), "turn": turns, "": far[maze.start]}[asked]
        assert int(puzzle.answer) == expected


def test_shapes_are_counted_again():
    for puzzle in free("counting_scene"):
        things, words = puzzle.scene.things, puzzle.question
        shapes = [s for s in ("circle", "square", "triangle", "star", "hexagon", "cross") if s in words]
        colours = [c for c in ("blue", "orange", "green", "pink", "black") if c in words]
        if "differ" in words:
            one, two = (sum(t.shape == s for t in things) for s in shapes)
            expected = abs(one - two)
        elif "neither" in words or "Leave out" in words:
            expected = sum(t.shape != shapes[0] and t.colour != colours[0] for t in things)
        elif "dashed" in words:
            expected = sum(t.colour == colours[0] and (t.x < 50) == ("left" in words) for t in things)
        else:
            size = [big for word, big in (("large", True), ("small", False)) if word in words]
            expected = sum(
                t.shape == shapes[0] and t.colour in (colours or [t.colour]) and t.big in (size or [t.big])
                for t in things
            )
        assert int(puzzle.answer) == expected


def test_shapes_do_not_touch_each_other_or_the_line():
    for puzzle in some("counting_scene", 20):
        things = puzzle.scene.things
        for i, a in enumerate(things):
            assert not puzzle.scene.split or abs(a.x - 50) > 5
            for b in things[i + 1 :]:
                assert math.dist((a.x, a.y), (b.x, b.y)) > sum(5.0 if t.big else 2.9 for t in (a, b))


def test_cubes_are_counted_again_and_all_stacks_can_be_seen():
    for puzzle in free("spatial_scene"):
        heights = puzzle.scene.heights
        cubes = {(r, c, z) for r, row in enumerate(heights) for c, tall in enumerate(row) for z in range(tall)}
        assert all(row == tuple(sorted(row, reverse=True)) for row in [*heights, *zip(*heights, strict=True)])
        box = math.prod(max(axis) + 1 for axis in zip(*cubes, strict=True))
        kind = next(
            (k for k in ("above", "floor", "stacks", "front", "cuboid", "full box") if k in puzzle.question), "total"
        )
        seen = {"front": len({(c, z) for _, c, z in cubes}), "total": len(cubes)}
        seen |= dict.fromkeys(("above", "floor", "stacks"), len({(r, c) for r, c, _ in cubes}))
        seen |= dict.fromkeys(("cuboid", "full box"), box - len(cubes))
        assert int(puzzle.answer) == seen[kind]


def test_pattern_candidates_hold_the_answer_once():
    for puzzle in free("pattern_matrix"):
        matrix = puzzle.scene
        answer = matrix.cells[8]
        if matrix.candidates:
            assert matrix.candidates[int(puzzle.answer) - 1] == answer
            assert len(set(matrix.candidates)) == 6
        else:
            assert puzzle.answer == str(answer)


def test_pattern_rows_follow_one_rule_for_each_property():
    for puzzle in free("pattern_matrix"):
        rows = [puzzle.scene.cells[i : i + 3] for i in (0, 3, 6)]
        for name in ("shape", "colour", "size"):
            values = [[getattr(cell, name) for cell in row] for row in rows]
            distinct = {len(set(row)) for row in values}
            assert distinct in ({1}, {3})
            assert distinct == {1} or len({frozenset(row) for row in values}) == 1
        counts = [[cell.count for cell in row] for row in rows]
        rules = (lambda a, b, c: a == b == c, lambda a, b, c: b - a == c - b == 1, lambda a, b, c: a + b == c)
        assert any(all(rule(*row) for row in counts) for rule in rules)


def test_clock_hands_tell_the_answer():
    for puzzle in [p for p in free("clock_reading") if p.level < 3]:
        hours, minutes = map(int, puzzle.answer.split(":"))
        assert (hours % 12) * 60 + minutes == puzzle.scene.minutes


def test_receipt_totals_are_added_again():
    for puzzle in free("receipt_reading"):
        items = puzzle.scene.items
        total = sum(item.count * item.price for item in items)
        cents = round(number(puzzle.answer) * 100)
        footer = puzzle.scene.footer
        if footer and "Cash" in footer[0]:
            assert cents == round(number(footer[0]) * 100) - total
        elif footer:
            assert cents * 100 == total * (100 - int(number(footer[0])))
        elif puzzle.level == 2:
            assert cents == total


def test_plots_pass_through_the_points_that_are_read():
    for puzzle in free("function_plot"):
        graphs = {graph.name: graph for graph in puzzle.scene.graphs}
        read = re.search(r"(\w)\((-?\d+)\)", puzzle.question)
        if "f(g(" in puzzle.question or "Apply g" in puzzle.question:
            x = int(re.search(r"g\((-?\d+)\)", puzzle.steps[0]).group(1))
            assert graphs["f"].at(graphs["g"].at(x)) == pytest.approx(float(Fraction(puzzle.answer)))
        elif read and puzzle.level == 1:
            assert graphs[read.group(1)].at(int(read.group(2))) == pytest.approx(float(Fraction(puzzle.answer)))
        elif "slope" in puzzle.question or "gradient" in puzzle.question:
            (graph,) = graphs.values()
            (x1, y1), (x2, y2) = graph.corners[0], graph.corners[-1]
            assert (y2 - y1) / (x2 - x1) == pytest.approx(float(Fraction(puzzle.answer)))


def test_areas_under_plots_are_integrated_again():
    for puzzle in free("function_plot"):
        if "area" in puzzle.question or "integral" in puzzle.question:
            (graph,) = puzzle.scene.graphs
            low, high = (int(n) for n in re.findall(r"-?\d+", puzzle.question))
            strips = [graph.at(low + (i + 0.5) / 100) / 100 for i in range((high - low) * 100)]
            assert sum(strips) == pytest.approx(float(Fraction(puzzle.answer)), abs=1e-6)


def test_levers_balance():
    for puzzle in free("mechanics"):
        if hasattr(puzzle.scene, "left"):
            moments = sum(weight.arm * number(weight.label) for weight in puzzle.scene.left)
            assert moments == puzzle.scene.right.arm * number(puzzle.answer)


def test_blocks_accelerate_as_newton_says():
    for puzzle in free("mechanics"):
        scene = puzzle.scene
        if hasattr(scene, "labels"):
            left, right = map(number, scene.labels)
            assert number(puzzle.answer.split(" ")[0]) == 10 * abs(left - right) / (left + right)
        elif hasattr(scene, "block"):
            down = 10 * number(scene.block) * scene.rise / scene.length
            pull = 10 * number(scene.hanging) if scene.hanging else 0
            mass = number(scene.block) + (number(scene.hanging) if scene.hanging else 0)
            expected = (pull - down) / mass if scene.hanging else down
            assert number(puzzle.answer.split(" ")[0]) == pytest.approx(expected)


def test_tables_are_read_again():
    for puzzle in free("table_reading"):
        table, words, answer = puzzle.scene, puzzle.question, int(puzzle.answer)
        named = sorted((words.find(c), c) for c in table.columns if c in words)
        columns = [table.column(name) for _, name in named]
        bounds = [int(n) for n in re.findall(r"(?:than|exceeds|above|below) (\d+)", words)]
        if "total of the column" in words or "all the numbers" in words:
            assert answer == sum(columns[0])
        elif puzzle.level == 2 and bounds:
            assert answer == sum(value > bounds[0] for value in columns[0])
        elif puzzle.level == 3 and len(bounds) == 2:
            pairs = zip(*columns, strict=True)
            assert answer == sum(a > bounds[0] and b < bounds[1] for a, b in pairs)
        elif puzzle.level == 3:
            one, two = columns if words.startswith("Consider") else columns[::-1]
            assert answer == sum(b for a, b in zip(one, two, strict=True) if a > bounds[0])


def test_charts_are_read_again():
    for puzzle in [*free("bar_chart"), *free("line_chart")]:
        chart, words, answer = puzzle.scene, puzzle.question, int(puzzle.answer)
        row = chart.values[0]
        named = [value for name, value in zip(chart.names, row, strict=True) if re.search(rf"\b{name}\b", words)]
        gaps = [abs(a - b) for a, b in zip(row, chart.values[-1], strict=True)]
        above = re.search(r"(?:above|higher than) (\d+)\?", words)
        if len(named) == 1:
            assert answer == named[0]
        elif len(named) == 2:
            assert answer == abs(named[0] - named[1])
        elif len(named) == 3:
            assert answer == sum(named)
        elif above:
            assert answer == sum(value > int(above.group(1)) for value in row)
        elif re.search("range|far apart are|longest bar", words):
            assert answer == max(row) - min(row)
        elif re.search("rise|increase|upward", words):
            assert answer == max(b - a for a, b in pairwise(row))
        elif re.search("largest|greatest gap|differ most|farthest", words):
            assert answer == max(gaps)
        elif re.search("Summed|Add up all", words):
            assert answer == abs(sum(row) - sum(chart.values[1]))
        else:
            first, second = chart.values
            assert answer == sum(b for a, b in zip(first, second, strict=True) if a > b)
