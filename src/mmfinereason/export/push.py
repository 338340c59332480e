"""The dataset export on the hub, by the hub's own client."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.errors import ExportError
from mmfinereason.store import Run

FOLDER = "exports/dataset"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What went, or would go."""

    files: list[tuple[str, int]]
    """Path in the repository and bytes."""

    @property
    def size(self) -> int:
        return sum(size for _, size in self.files)


def push(url: str, repository: str, *, public: bool = False, dry_run: bool = False) -> Pushed:
    """Upload the dataset export of the run at `url`; a new repository is private unless `public`.

    The token is the one the hub's client finds (`HF_TOKEN`, or its own login). Raises ExportError when there is no
    finished export or the upload fails.
    """
    run = Run.open(url)
    if not run.folder.exists(f"{FOLDER}/export.json"):
        raise ExportError(f"{url} has no finished dataset export", "mmfr export RECIPE")
    pushed = Pushed(_files(run))
    if not dry_run:
        _upload(run, repository, public)
    return pushed


def _files(run: Run) -> list[tuple[str, int]]:
    root = run.folder.path(FOLDER)
    found = [str(path) for path in run.folder.filesystem.find(root)]
    names = sorted(path[len(root) :].lstrip("/") for path in found)
    return [(name, run.folder.size(f"{FOLDER}/{name}")) for name in names]


def _upload(run: Run, repository: str, public: bool) -> None:
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise ExportError("uploading needs the `hub` extra", "pip install 'mmfinereason[hub]'") from error
    if not run.folder.local:
        raise ExportError("the hub's client uploads from a disk", f"copy {run.url}/{FOLDER} to this machine first")
    api = HfApi()
    try:
        api.create_repo(repository, repo_type="dataset", private=not public, exist_ok=True)
        api.upload_folder(repo_id=repository, repo_type="dataset", folder_path=run.folder.path(FOLDER))
    except (HfHubHTTPError, OSError) as error:
        raise ExportError(f"the upload to {repository} failed: {error}", "check HF_TOKEN and the repository") from error
