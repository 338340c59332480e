"""Overlays: exactly the rows a variant asks for, by the ordinary select and export."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mmfinereason.ablate import variants
from mmfinereason.errors import RecipeError
from mmfinereason.store.query import connect


def rows(context, name):
    """Ids, and sources of the rows that a variant's trainer reads."""
    variants.check(context)
    made = variants.prepare(context, name)
    subset = context.recipe.ablate.data[name].subset
    folder = Path(context.run.folder.path(f"ablate/data/{name}/exports/trl"))
    table = pq.ParquetDataset(folder / "sft" / subset).read() if (folder / "sft" / subset).exists() else None
    ids = table["id"].to_pylist() if table else []
    assert made.rows == len(ids)
    return set(ids), table


def asked(context, query):
    return {row[0] for row in connect(context.run).execute(query).fetchall()}


FULL = "SELECT id FROM selection WHERE list_contains(subsets, 'full')"


def of(run_of, **variant):
    return run_of(
        f"ablate.data={{full: full, v: {{subset: full, {', '.join(f'{k}: {v}' for k, v in variant.items())}}}}}"
    )


def test_a_subset_alone_is_that_subset(run_of):
    context = run_of()
    assert rows(context, "full")[0] == asked(context, FULL)
    drawn = run_of("ablate.data={few: few}")
    assert rows(drawn, "few")[0] == asked(drawn, "SELECT id FROM selection WHERE list_contains(subsets, 'few')")


def test_a_source_alone_and_left_out(run_of):
    alone, left = rows(of(run_of, only="[mazes]"), "v")[0], rows(of(run_of, without="[mazes]"), "v")[0]
    context = run_of()
    assert alone == asked(context, f"{FULL} AND starts_with(id, 'mazes/')")
    assert left == asked(context, f"{FULL} AND NOT starts_with(id, 'mazes/')")
    assert alone and left


def test_samples_are_drawn_and_nested(run_of):
    four, seven = rows(of(run_of, samples=4), "v")[0], rows(of(run_of, samples=7), "v")[0]
    assert len(four) == 4 and len(seven) == 7
    assert four < seven < rows(run_of(), "full")[0]


def test_traces_of_one_prompt_alone(run_of):
    context = of(run_of, prompts="[two]")
    written = asked(context, "SELECT id FROM traces WHERE last AND starts_with(prompt, 'two@')")
    assert rows(context, "v")[0] == asked(context, FULL) & written != set()


def test_the_caption_comes_first(run_of):
    _, table = rows(of(run_of, caption="true"), "v")
    plain = rows(run_of(), "full")[1]
    texts, before = (one["completion"].to_pylist()[0][0]["content"] for one in (table, plain))
    assert "### Image" in texts and "### Image" not in before


def test_smaller_images_in_training_and_evaluation(run_of):
    context = of(run_of, max_pixels=4096)
    made = variants.prepare(context, "v")
    assert made.recipe.export.tokens.max_pixels == made.recipe.evaluate.max_pixels == 4096


def test_gspo_keeps_its_rows_whatever_the_variant(run_of):
    text = "ablate.training={a: {}, b: {rl: {}, after: a}}"
    context = run_of("ablate.data={v: {subset: full, only: [mazes]}}", text)
    rows(context, "v")
    table = pq.ParquetDataset(context.run.folder.path("ablate/data/v/exports/trl/rl/rl")).read()
    assert set(table["id"].to_pylist()) == asked(context, "SELECT id FROM selection WHERE list_contains(subsets, 'rl')")


def test_what_the_run_does_not_have_is_named_with_what_it_has(run_of):
    context = run_of(
        "ablate.data={a: nosuch, b: {subset: full, only: [moon]}, c: {subset: full, prompts: [three]}, d: rl}"
    )
    with pytest.raises(RecipeError) as caught:
        variants.check(context)
    said = str(caught.value)
    for sentence in (
        "`ablate.data.a`: no subset nosuch; the run has few, full, rl",
        "`ablate.data.b`: no source moon; the run has clocks, mazes",
        "`ablate.data.c`: no prompt three; the run has one, one@",
        "`ablate.data.d`: subset rl is for RL",
    ):
        assert sentence in said


def test_an_overlay_is_made_once_and_anew_when_its_settings_change(run_of):
    context = run_of()
    variants.prepare(context, "full")
    export = Path(context.run.folder.path("ablate/data/full/exports/trl/export.json"))
    before = export.stat().st_mtime_ns
    variants.prepare(context, "full")
    assert export.stat().st_mtime_ns == before
    variants.prepare(run_of("ablate.data={full: {subset: full, samples: 3}}"), "full")
    assert variants.known_rows(run_of("ablate.data={full: full}"), "full") == 3
