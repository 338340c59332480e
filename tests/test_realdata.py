"""The whole job on real rows: published ones by replay, two sources in their native form with simulated models."""

import os
from pathlib import Path

import pytest

from mmfinereason import pipeline
from mmfinereason.recipe import parse
from mmfinereason.store.query import connect

DATA = Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real rows at {DATA}; set MMFR_REAL_DATA to where they are"),
]

PUBLISHED = f"""
name: published
sources:
  - use: MMFineReason
    path: {DATA}/mmfinereason/rows.parquet
collect: {{shard_rows: 50}}
models:
  teacher: &replay {{lab: {{mode: replay, file: {DATA}/mmfinereason/rows.parquet}}, max_tokens: 32768}}
  captioner: *replay
  judge: *replay
verify: {{undecided: published}}
probe: {{take: published, only_consistent: false}}
select:
  subsets: [full, 1.8M, 586K, 123K]
"""

NATIVE = f"""
name: native
sources:
  - {{use: PuzzleQA, path: {DATA}/puzzlevqa}}
  - {{use: GameQA-140K, path: {DATA}/gameqa}}
models:
  teacher: {{lab: {{wrong: 0.1}}, max_tokens: 32768}}
  captioner: {{lab: simulated}}
  judge: {{lab: simulated}}
  prober: {{lab: simulated}}
probe: {{rollouts: 2}}
select:
  subsets: [full, 1.8M, 123K, {{name: rl, rule: is_consistent, draw: uniform, size: 100}}]
"""


def whole(text, folder):
    context = pipeline.prepare(parse(text, overrides=[f"run={folder}/run"]))
    pipeline.run_all(context)
    ask = connect(context.run)
    return context, lambda query: ask.execute(query).fetchall()


def test_published_rows_by_replay_come_back_with_their_traces_and_verdicts(tmp_path):
    context, ask = whole(PUBLISHED, tmp_path)
    assert ask("SELECT count(*) FROM samples") == [(126,)]
    assert ask("SELECT reason, count(*) FROM rejects WHERE stage = 'collect' GROUP BY 1") == [("missing_image", 6)]
    # two published traces say that they cannot see the image: read by eye, both do
    assert ask("SELECT id, reason FROM rejects WHERE stage = 'distill' ORDER BY id") == [
        ("FineVision-raven/2", "blind_reply"),
        ("GameQA-140K/75812", "blind_reply"),
    ]
    same = """
        SELECT count(*) FROM traces t JOIN samples s USING (id) WHERE t.last AND t.status = 'ok'
        AND trim(t.answer_text, E' \\n') = trim(split_part(s.published.trace, '</think>', 2), E' \\n')
    """
    assert ask(same) == [(124,)]
    other_rates = """
        SELECT count(*) FROM rollouts r JOIN samples s USING (id)
        WHERE r.pass_rate IS DISTINCT FROM s.published.pass_rate
    """
    assert ask(other_rates) == [(0,)]
    agreement = """
        SELECT count(*) FILTER (v.is_consistent = s.published.is_consistent), count(*) FILTER (v.is_consistent IS NULL),
            list(v.id) FILTER (v.is_consistent <> s.published.is_consistent)
        FROM verdicts v JOIN samples s USING (id) WHERE v.chosen AND v.outcome <> 'no_trace'
    """
    # the one that differs: the published judge solved the problem itself and rejected its reference
    assert ask(agreement) == [(123, 0, ["Euclid30K/23546"])]
    assert (Path(context.run.url) / "exports/dataset/export.json").is_file()


def test_two_sources_in_their_native_form_go_through_the_whole_job(tmp_path):
    context, ask = whole(NATIVE, tmp_path)
    kept, left = ask("SELECT (SELECT count(*) FROM samples), (SELECT count(*) FROM rejects WHERE stage = 'collect')")[0]
    assert kept + left == 800 + 402
    assert kept >= 1_190
    wrong = ask("SELECT avg((NOT is_consistent)::INT) FROM verdicts WHERE chosen AND is_consistent IS NOT NULL")
    assert 0.05 < wrong[0][0] < 0.16
    for name in ("dataset", "llamafactory", "verl", "trl"):
        assert (Path(context.run.url) / "exports" / name / "export.json").is_file()
