"""What docs/scaling.md promises of several machines on one run folder."""

import mmfinereason as mm

RECIPE = """
name: shared
sources: [{use: puzzles, puzzles: {count: 12, seed: 4}}]
collect: {shard_rows: 6}
models:
  teacher: {lab: {wrong: 0.3}}
  judge: {lab: simulated}
  prober: {lab: simulated}
export: {formats: [dataset]}
execute: {workers: 0}
"""


def test_parts_of_the_shards_end_in_the_same_files_as_one_run(tmp_path):
    whole, parts = (mm.parse(RECIPE, overrides=[f"run={tmp_path / name}"]) for name in ("whole", "parts"))
    mm.run(whole)
    mm.run_stage(parts, "collect")
    first = mm.run(parts, shards=range(1))
    assert first.paths == {}, "select waits for the other shards"
    last = mm.run(parts, shards=range(1, 2))
    assert last.paths.keys() == {"dataset", "report"}
    files = {path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("part-*.parquet")}
    assert files == {path.relative_to(tmp_path / "parts") for path in (tmp_path / "parts").rglob("part-*.parquet")}
    for file in files:
        if file.parts[0] == "exports":
            assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "parts" / file).read_bytes()
    rows = [
        mm.open_run(str(tmp_path / name)).sql("FROM selection ORDER BY id").fetchall() for name in ("whole", "parts")
    ]
    assert rows[0] == rows[1]
