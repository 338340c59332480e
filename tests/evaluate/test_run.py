import shutil
from dataclasses import replace

import orjson
import pytest
from tests.evaluate import drawn as puzzles
from tests.evaluate.conftest import context_of

from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.cli.evaluate import remarks
from mmfinereason.errors import SettingsChanged
from mmfinereason.evaluate import Overlaps, evaluate, models
from mmfinereason.evaluate.run import results_folder
from mmfinereason.lab.launch import start
from mmfinereason.models import Request
from mmfinereason.models.payload import compose
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.store import Folder
from mmfinereason.store.table import read_parquet


def run(context, **options):
    benchmark = open_benchmark(context.recipe.evaluate.benchmarks[0])
    return evaluate(context, "student", benchmark, **options)


def table(context):
    return read_parquet(Folder(f"{results_folder(context)}/student/ours"), "items.parquet").to_pylist()


def test_every_item_is_kept_with_its_reply_and_its_verdict(context, rows):
    result = run(context)
    kept = table(context)
    right = sum(row.chosen == row.answer for row in rows)
    assert result.score.value == right / len(rows) == 0.75
    assert [one["correct"] for one in kept] == [row.chosen == row.answer for row in rows]
    assert [one["reply"] for one in kept] == [row.reply for row in rows]
    assert all(one["reasoning"].startswith("It could be A") for one in kept)
    assert all("\\boxed{}" in one["prompt"] and one["request_key"] for one in kept)
    assert {one["extraction"] for one in kept} >= {"answer_tag", "boxed", "phrase", "bare"} - {"bare"}


def test_a_result_says_how_its_number_can_be_had_again(context):
    result = run(context)
    model = result.settings["model"]
    asked = {name: model[name] for name in ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens")}
    assert asked == {"temperature": 0.0, "top_p": 1.0, "top_k": -1, "repetition_penalty": 1.05, "max_tokens": 32768}
    assert (model["min_pixels"], model["max_pixels"]) == (1024, 2048 * 2048)
    assert result.settings["system_prompt"] is None
    assert result.settings["verifier"]["judges"] == []
    assert result.served_as == ["replay-teacher"] and result.simulated
    assert result.outcomes["correct"] == 18 and result.questions == 24
    assert set(result.by["category"]) == {"geometry_angles", "counting_scene", "bar_chart", "maze"}
    assert result.tokens.mean > 0 and result.complete


def test_table_10_is_what_is_sent(context, rows):
    sent = compose(models(context)["student"], Request("student", "Which?", image=rows[0].image), run_seed=0)
    body = orjson.loads(sent.body())
    assert {name: body[name] for name in ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens")} == {
        "temperature": 0.0,
        "top_p": 1.0,
        "top_k": -1,
        "repetition_penalty": 1.05,
        "max_tokens": 32_768,
    }
    assert [message["role"] for message in body["messages"]] == ["user"]


def test_a_second_start_sends_nothing(context, server):
    first = run(context)
    before = len(server.entries())
    again = run(context)
    assert len(server.entries()) == before
    assert again.model_dump(exclude={"finished", "cost"}) == first.model_dump(exclude={"finished", "cost"})


def test_a_torn_evaluation_asks_only_for_what_it_lost(context, server):
    run(context)
    journal = Folder(f"{results_folder(context)}/student/ours")
    lines = journal.read("journal.jsonl").splitlines(keepends=True)
    journal.write("journal.jsonl", b"".join(lines[:-5]) + lines[-5][:40])
    before = len(server.entries())
    assert run(context).score.value == 0.75
    assert len(server.entries()) - before == 5


def test_other_settings_never_mix_with_an_old_result(recipe_text):
    run(context_of(recipe_text))
    warmer = context_of(recipe_text, ["evaluate.temperature=0.7"])
    with pytest.raises(SettingsChanged, match="temperature"):
        run(warmer)
    assert run(warmer, redo=True).settings["model"]["temperature"] == 0.7


def test_a_models_own_sampling_wins(recipe_text):
    context = context_of(recipe_text, ["student.temperature=0.6", "evaluate.repetition_penalty=null"])
    role = models(context)["student"]
    assert (role.temperature, role.repetition_penalty, role.top_p) == (0.6, None, 1.0)


def test_a_server_that_fails_owes_its_replies(recipe_text, rows, tmp_path):
    puzzles.write_replies(tmp_path / "replies.parquet", rows)
    faults = LabOptions(faults={"server_error": 0.5})
    with start("replay", [tmp_path / "replies.parquet"], faults) as failing:
        overrides = [f"student.endpoints=[{{url: '{failing.url}'}}]", "student.retries.tries=1"]
        result = run(context_of(recipe_text, overrides))
    assert 0 < result.owed == result.outcomes["failed"] < 24
    assert not result.complete
    assert run(context_of(recipe_text)).score.value == 0.75


def test_items_of_the_training_run_are_counted_and_scored_apart(context, rows):
    wrong = next(str(i) for i, row in enumerate(rows) if row.chosen != row.answer)
    result = run(context, overlaps=Overlaps("runs/train", {wrong: "puzzles/x, by image"}))
    assert result.overlap.items == 1
    assert result.overlap.score_without.value == pytest.approx(18 / 23)
    assert [one["overlap"] for one in table(context) if one["id"] == wrong] == ["puzzles/x, by image"]


def test_suspected_items_are_counted_apart_and_stay_in_the_score(context):
    result = run(context, overlaps=Overlaps("runs/train", {}, {"2": "puzzles/x, an image like it"}))
    assert (result.overlap.items, result.overlap.score_without, result.overlap.suspected) == (0, None, 1)
    assert result.overlap.suspicions == ["2: puzzles/x, an image like it"]
    assert [one["suspected"] for one in table(context) if one["id"] == "2"] == ["puzzles/x, an image like it"]
    (said,) = [one for one in remarks(result) if "suspected" in one]
    assert "1 items are suspected" in said and "WARNING" not in said


def test_two_items_of_one_id_are_not_taken_for_variants(context):
    whole = open_benchmark(context.recipe.evaluate.benchmarks[0])
    items = list(whole.items())
    result = evaluate(context, "student", replace(whole, read=lambda: [*items, items[3]]))
    assert result.questions == result.items == 24
    assert result.left_out == {"duplicate_id": ["3"]}


def test_a_lab_server_can_play_the_model_on_any_file(recipe_text, tsv, tmp_path):
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    text = recipe_text.replace("model: replay-teacher", "lab: {mode: simulated, skill: 1.0}")
    text = "\n".join(line for line in text.splitlines() if "endpoints" not in line)
    result = run(context_of(text))
    assert result.simulated
    assert result.score.value > 0.9
