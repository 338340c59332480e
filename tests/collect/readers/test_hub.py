"""A hub repository is read as a file system, at a commit."""

import fsspec
import pytest

from mmfinereason.collect.locate import locate
from mmfinereason.collect.readers import RawRow, hub, read, root_of
from mmfinereason.collect.sources import pin
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import Columns, SourceSettings

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def repository(monkeypatch):
    """A hub with one dataset of two configs and splits, in memory; counts what it is asked."""
    asked = []
    files = fsspec.filesystem("memory")
    root = f"/datasets/maths/figures@{COMMIT}"
    for name, row in {
        "easy/train-0.jsonl": b'{"id": 1}',
        "easy/test-0.jsonl": b'{"id": 2}',
        "hard/train-0.jsonl": b'{"id": 3}',
        "images/7.png": b"png",
        "README.md": b"card",
    }.items():
        files.pipe(f"{root}/{name}", row)

    def commit_of(id, revision):
        asked.append((id, revision))
        return COMMIT

    class AtRoot:
        """The hub's file system takes paths without a leading slash."""

        protocol = "memory"

        def glob(self, path, **options):
            return {name.lstrip("/"): facts for name, facts in files.glob(f"/{path}", **options).items()}

        def find(self, path, **options):
            return {name.lstrip("/"): facts for name, facts in files.find(f"/{path}", **options).items()}

        def open(self, path, mode):
            return files.open(f"/{path}", mode)

        def unstrip_protocol(self, path):
            return f"memory://{path}"

    monkeypatch.setattr(hub, "commit_of", commit_of)
    monkeypatch.setattr(hub, "file_system", AtRoot)
    return asked


def settings(**of_hub) -> SourceSettings:
    columns = Columns(question="question", image="image")
    return SourceSettings(name="own", columns=columns, hub={"id": "maths/figures", **of_hub})


def origins(**of_hub) -> list[str]:
    return [item.origin for item in read(settings(**of_hub))]


def test_config_split_and_files_choose_the_files(repository):
    assert origins() == ["easy/test-0.jsonl#0", "easy/train-0.jsonl#0", "hard/train-0.jsonl#0"]
    assert origins(split="train") == ["easy/train-0.jsonl#0", "hard/train-0.jsonl#0"]
    assert origins(config="easy", split="train") == ["easy/train-0.jsonl#0"]
    assert origins(files="*/test-*.jsonl") == ["easy/test-0.jsonl#0"]
    with pytest.raises(SourceError, match="no file to read"):
        origins(config="medium")


def test_a_branch_is_pinned_to_its_commit_once(repository):
    pinned = pin(settings(revision="main"))
    assert pinned.hub.revision == COMMIT
    assert repository == [("maths/figures", "main")]
    assert next(iter(read(pinned))) == RawRow({"id": 2}, "easy/test-0.jsonl#0")
    assert pin(pinned) == pinned
    assert repository == [("maths/figures", "main")]


def test_images_are_found_in_the_repository_at_that_commit(repository):
    root = root_of(pin(settings()))
    assert root == f"memory://datasets/maths/figures@{COMMIT}"
    assert locate("images/7.png", root=root) == b"png"


def test_a_known_source_is_read_from_its_publisher(repository):
    pinned = pin(SourceSettings(use="MMK12"))
    assert (pinned.hub.id, pinned.hub.revision, pinned.hub.files) == ("FanqingM/MMK12", COMMIT, "data/train-*.parquet")
    assert pin(SourceSettings(use="VisualSphinx")).hub.revision == "2d6dccaef5e72ac12569fd977dc37dc048870176"


def test_a_source_that_has_to_be_unpacked_says_what_and_where(repository):
    with pytest.raises(SourceError, match="LLaVA-CoT cannot be read straight from the hub") as caught:
        pin(SourceSettings(use="LLaVA-CoT"))
    assert "image.zip.part-aa" in str(caught.value)
    with pytest.raises(SourceError, match="straight from the hub") as caught:
        pin(SourceSettings(use="PuzzleVQA"))
    assert "github.com/declare-lab" in str(caught.value)


def test_reading_a_known_source_that_was_not_pinned_is_refused():
    with pytest.raises(SourceError, match="neither `path` nor `hub`"):
        read(SourceSettings(use="MMK12"))


def test_a_hub_that_cannot_be_reached_is_one_sentence(monkeypatch):
    huggingface_hub = pytest.importorskip("huggingface_hub")

    class Unreachable:
        def dataset_info(self, id, revision):
            raise hub.failures()[-1]("name or service not known")

    monkeypatch.setattr(huggingface_hub, "HfApi", Unreachable)
    with pytest.raises(SourceError, match="cannot open 'maths/figures' at 'main' on the hub: name or service"):
        pin(settings(revision="main"))


def test_a_connection_that_breaks_while_reading_ends_the_run_with_a_sentence(repository, monkeypatch):
    from mmfinereason.collect.readers.files import File

    def broken(self):
        raise ConnectionResetError("connection reset by peer")

    monkeypatch.setattr(File, "open", broken)
    with pytest.raises(SourceError, match=r"easy/test-0.jsonl cannot be read: connection reset"):
        list(read(settings()))
