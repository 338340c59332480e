import pytest

from mmfinereason.errors import ExportError
from mmfinereason.export import export
from mmfinereason.export.push import push


@pytest.fixture
def hub(monkeypatch):
    """The hub's client with its network calls written down instead."""
    hub = pytest.importorskip("huggingface_hub")
    calls = []
    monkeypatch.setattr(hub.HfApi, "create_repo", lambda self, name, **how: calls.append(("create", name, how)))
    monkeypatch.setattr(hub.HfApi, "upload_folder", lambda self, **how: calls.append(("upload", how)))
    return calls


def test_a_dry_run_lists_every_file_and_sends_nothing(context, hub):
    export(context)
    pushed = push(context.run.url, "me/data", dry_run=True)
    assert [name for name, _ in pushed.files] == [
        "README.md",
        "export.json",
        "full/train-00000.parquet",
        "rl/train-00000.parquet",
    ]
    assert pushed.size > 1000
    assert hub == []


def test_a_push_makes_a_private_repository_and_sends_the_folder(context, hub):
    export(context)
    push(context.run.url, "me/data")
    assert hub == [
        ("create", "me/data", {"repo_type": "dataset", "private": True, "exist_ok": True}),
        (
            "upload",
            {"repo_id": "me/data", "repo_type": "dataset", "folder_path": f"{context.run.url}/exports/dataset"},
        ),
    ]


def test_an_unfinished_export_is_not_pushed(context):
    with pytest.raises(ExportError, match="has no finished dataset export"):
        push(context.run.url, "me/data", dry_run=True)
