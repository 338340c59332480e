"""Other evaluators on the same items and the same replies: VLMEvalKit's code and lmms-eval agree with ours.

They live in an environment of their own (`make evaluators`). The lab server gives every one of them the recorded reply
of an item, whatever the prompt, so that only the grading can differ.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.evaluate import drawn as puzzles

from mmfinereason.answers import agree
from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.evaluate import evaluate
from mmfinereason.evaluate.items import LETTERS, Item, rotations
from mmfinereason.evaluate.rows import CIRCLE
from mmfinereason.evaluate.run import results_folder
from mmfinereason.evaluate.score import Mark, units
from mmfinereason.store import Folder
from mmfinereason.store.table import read_parquet

HERE = Path(__file__).parent
PYTHON = Path(os.environ.get("MMFR_EVALUATORS", HERE.parents[1] / ".venv-evaluators")) / "bin" / "python"

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not PYTHON.exists(), reason=f"no evaluators at {PYTHON}: make evaluators"),
]


def run(folder, *words):
    """`python -m WORDS` in the evaluators' environment, or a script of this folder."""
    environment = os.environ | {
        "LMUData": str(folder / "lmu"),
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "OPENAI_API_KEY": "none",
        "PYTHONPATH": str(HERE.parent / "interop" / "cpu_builds"),
    }
    program = [str(PYTHON), *([] if str(words[0]).endswith(".py") else ["-m"]), *map(str, words)]
    done = subprocess.run(
        program, cwd=folder, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture
def ours(context):
    """Our verdict on every item: index to whether it is right."""
    evaluate(context, "student", open_benchmark(context.recipe.evaluate.benchmarks[0]))
    kept = read_parquet(Folder(f"{results_folder(context)}/student/ours"), "items.parquet", ["id", "correct"])
    return {row["id"]: row["correct"] for row in kept.to_pylist()}


def test_vlmevalkit_agrees_on_every_item_but_those_with_an_answer_tag(tmp_path, tsv, server, ours, rows):
    """Its exact matching does not read `<answer>C</answer>`: it needs its own judge there, or the tag cut away."""
    (tmp_path / "lmu").mkdir()
    shutil.copy(tsv, tmp_path / "lmu" / "OURS.tsv")
    model = ("--model", "replay-teacher", "--base-url", server.url, "--temperature", "0")
    run(tmp_path, "vlmeval.run", "--data", "OURS", *model, "--judge", "exact_matching", "--work-dir", "out")
    script = (
        "import pandas, sys; table = pandas.read_excel(sys.argv[1]);"
        "print(table[['index', 'prediction', 'hit']].to_json(orient='records'))"
    )
    (graded,) = (tmp_path / "out" / "replay-teacher").glob("*_exact_matching_result.xlsx")
    printed = subprocess.run([str(PYTHON), "-c", script, str(graded)], capture_output=True, text=True, check=True)
    theirs = json.loads(printed.stdout)
    assert [one["prediction"] for one in theirs] == [row.reply for row in rows]
    differing = {one["index"] for one in theirs if bool(one["hit"]) != ours[str(one["index"])]}
    tagged = {i for i, row in enumerate(rows) if "<answer>" in row.reply and row.chosen == row.answer}
    assert differing == tagged


def test_lmms_eval_agrees_on_every_item(tmp_path, server, ours, rows):
    puzzles.write_parquet(tmp_path / "ours.parquet", rows)
    task = shutil.copytree(HERE / "lmms_task", tmp_path / "task")
    config = task / "ours.yaml"
    config.write_text(config.read_text().replace("OURS_PARQUET", str(tmp_path / "ours.parquet")))
    model = f"model_version=replay-teacher,base_url={server.url},api_key=none,num_concurrent=2"
    options = ("--batch_size", "1", "--output_path", "out", "--log_samples", "--include_path", task)
    run(tmp_path, "lmms_eval", "--model", "openai", "--model_args", model, "--tasks", "ours", *options)
    (samples,) = (tmp_path / "out").glob("**/*_samples_ours.jsonl")
    theirs = [json.loads(line) for line in samples.read_text().splitlines()]
    assert len(theirs) == len(rows)
    assert {str(one["doc_id"]): bool(one["accuracy"]) for one in theirs} == ours


def test_circular_eval_counts_the_questions_that_vlmevalkit_counts(tmp_path, rows):
    marks, lines = [], []
    for place, row in enumerate(rows[:12]):
        item = Item(str(place), row.question, row.answer, b"", row.options, kind="option")
        for turn, turned in enumerate(rotations(item)):
            right = place % 4 != 3 or turn != 1  # every fourth question is wrong in one rotation
            said = turned.reference if right else next(letter for letter in "ABC" if letter != turned.reference)
            options = dict(zip(LETTERS, turned.options, strict=False))
            index = place + turn * CIRCLE
            lines.append(
                {"index": index, "question": row.question, "answer": turned.reference, "prediction": said, **options}
            )
            marks.append(Mark(str(index), str(place), by_letter(turned, said), {}))
    (tmp_path / "in.json").write_text(json.dumps(lines))
    run(tmp_path, HERE / "circular_by_vlmevalkit.py", "in.json", "out.json")
    ours = units(marks, "circular")
    assert json.loads((tmp_path / "out.json").read_text()) == dict(zip(ours.names, map(bool, ours.right), strict=True))
    assert ours.right.sum() == 9


def by_letter(item, said):
    return agree(item.reference, said, options=item.options).outcome == "equal"
