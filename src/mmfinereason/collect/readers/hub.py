"""Datasets on the hub, read as a file system: nothing is downloaded but the parts that are read.

A branch moves, so a revision is pinned to a commit before anything is read.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Any

from mmfinereason.collect.readers.files import EVERYTHING, File, Place
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import HubSettings

COMMIT = re.compile(r"[0-9a-f]{40}")


def pinned(hub: HubSettings) -> HubSettings:
    """The same repository at a commit. Asks the hub unless the revision is one already; raises SourceError."""
    if hub.revision and COMMIT.fullmatch(hub.revision):
        return hub
    return hub.model_copy(update={"revision": commit_of(hub.id, hub.revision)})


def hub_place(hub: HubSettings) -> Place:
    """Where the repository's files are."""
    at = pinned(hub)
    return Place(file_system(), f"datasets/{at.id}@{at.revision}", at.files or EVERYTHING)


def belongs(file: File, hub: HubSettings) -> bool:
    """Whether a file is of the wanted config and split; a glob in `files` has already decided."""
    if hub.files:
        return True
    folders, _, name = file.name.rpartition("/")
    parts = folders.split("/")
    in_config = hub.config is None or hub.config in parts
    in_split = hub.split is None or hub.split in parts or fnmatch(name, f"{hub.split}[-.]*")
    return in_config and in_split


def file_system() -> Any:
    """The hub as an fsspec file system."""
    return _library().HfFileSystem()


def commit_of(id: str, revision: str | None) -> str:
    """The commit a branch or tag stands for now; raises SourceError."""
    library = _library()
    try:
        commit = library.HfApi().dataset_info(id, revision=revision).sha
    except failures() as error:
        at = f" at {revision!r}" if revision else ""
        raise SourceError(f"cannot open {id!r}{at} on the hub: {error}", "check `hub` of this source") from error
    if not commit:
        raise SourceError(f"the hub gives no commit for {id!r}", "give a commit as `hub.revision`")
    return str(commit)


def failures() -> tuple[type[Exception], ...]:
    """What reading may raise: faults of the system, and of the HTTP client that the hub library uses."""
    try:
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        return (OSError,)
    return (OSError, *(base for base in HfHubHTTPError.__bases__ if base is not Exception))


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise SourceError("reading from the hub needs the `hub` extra", 'pip install "mmfinereason[hub]"') from error
    return huggingface_hub
