"""A source that changes after it was collected is told of, and never read again by itself."""

import json
import shutil

import pytest

from mmfinereason import pipeline
from mmfinereason.collect.source_files import FILE
from mmfinereason.execute import Silent
from mmfinereason.recipe import parse
from mmfinereason.schema import Stage

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"


class Ear(Silent):
    def __init__(self):
        self.heard = []

    def say(self, line):
        self.heard.append(line)


@pytest.fixture
def rows(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("a", "b"):
        write(folder / f"{name}.jsonl", name)
    return folder


def write(path, name, count=2):
    lines = [
        {"id": f"{name}{i}", "question": f"How many dots in {name}{i}?", "answer": "1", "picture": PIXEL}
        for i in range(count)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def start(tmp_path, rows):
    ear = Ear()
    recipe = parse(
        f"""
        name: mine
        run: {tmp_path}/run
        sources:
          - name: mine
            path: {rows}
            columns: {{id: id, question: question, answer: answer, image: picture}}
        execute: {{workers: 0}}
        """
    )
    context = pipeline.prepare(recipe, progress=ear)
    pipeline.run(context, [Stage.COLLECT])
    return ear.heard, context.table(Stage.COLLECT).manifest()


def test_files_that_stay_are_not_mentioned(tmp_path, rows):
    assert [start(tmp_path, rows)[0] for _ in range(2)] == [[], []]


def test_a_changed_a_new_and_a_missing_file_are_named_with_the_command(tmp_path, rows):
    _, before = start(tmp_path, rows)
    write(rows / "a.jsonl", "a", count=3)
    write(rows / "c.jsonl", "c")
    (rows / "b.jsonl").unlink()
    heard, after = start(tmp_path, rows)
    assert after == before
    (line,) = heard
    assert line.startswith(
        "mine: changed since it was collected: a.jsonl, b.jsonl, c.jsonl; to read it again: mmfr run"
    )
    assert "--redo collect" in line


def test_a_source_that_was_put_away_is_not_mentioned(tmp_path, rows):
    start(tmp_path, rows)
    shutil.rmtree(rows)
    assert start(tmp_path, rows)[0] == []


def test_a_run_that_was_collected_before_this_was_kept_goes_on_without(tmp_path, rows):
    start(tmp_path, rows)
    (tmp_path / "run" / FILE).unlink()
    assert start(tmp_path, rows)[0] == [] and not (tmp_path / "run" / FILE).exists()
