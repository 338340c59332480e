import json

from mmfinereason.train.local import curves, metrics


def test_logs_are_kept_under_our_names_and_what_was_not_measured_is_left_out():
    logs = {"loss": 1.5, "mean_token_accuracy": 0.25, "reward": None, "clip_ratio/region_mean": 0.5, "other": 3}
    assert metrics.line(7, 0.25, logs) == {
        "step": 7, "seconds": 0.25, "loss": 1.5, "token_accuracy": 0.25, "clipped": 0.5,
    }  # fmt: skip


def test_a_torn_last_line_and_steps_that_will_be_done_again_are_forgotten(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for step in (1, 2, 3):
        metrics.append(path, {"step": step, "loss": step})
    with path.open("ab") as file:
        file.write(b'{"step":4,"lo')
    metrics.keep_until(path, 2)
    assert path.read_bytes() == b'{"step":1,"loss":1}\n{"step":2,"loss":2}\n'


def test_a_summary_compares_the_first_tenth_with_the_last():
    lines = [{"step": i, "loss": float(i)} for i in range(20)]
    assert metrics.summary(lines, ("loss", "reward")) == {"loss_first": 0.5, "loss_last": 18.5}


def test_a_running_mean_is_narrower_at_the_ends():
    assert curves.running_mean([1.0, 3.0, 5.0, 7.0], 1) == [2.0, 3.0, 5.0, 6.0]


def test_curves_are_pictures_also_where_nothing_was_measured(tmp_path):
    lines = [{"step": i, "loss": 2 / i, "learning_rate": 1e-3} for i in range(1, 60)]
    assert [path.name for path in curves.draw(lines, "sft", tmp_path)] == ["loss.png"]
    assert [path.name for path in curves.draw(lines, "rl", tmp_path)] == ["loss.png", "reward.png"]
    assert (tmp_path / "reward.png").read_bytes().startswith(b"\x89PNG")


def test_a_line_is_json(tmp_path):
    metrics.append(tmp_path / "m", {"step": 1, "loss": 0.5})
    assert json.loads((tmp_path / "m").read_text()) == {"step": 1, "loss": 0.5}
