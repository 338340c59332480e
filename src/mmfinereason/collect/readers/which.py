"""Which files a source means: by its path, its format, its names, its split."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePosixPath

from mmfinereason.collect.readers.files import EVERYTHING, File, Place, place
from mmfinereason.collect.readers.formats import ENDINGS
from mmfinereason.collect.readers.hub import belongs, failures, hub_place
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import SourceSettings

BESIDES = {"state.json", "dataset_info.json", "dataset_dict.json", "dataset_infos.json"}
"""Files beside the data in folders that `datasets` wrote."""


def place_of(settings: SourceSettings) -> Place:
    """Where the source lies. Raises SourceError if that is not said or nothing is there."""
    if settings.path:
        return place(settings.path)
    if settings.hub:
        return hub_place(settings.hub)
    raise SourceError(f"source {settings.use!r} says neither `path` nor `hub`", "give `path`, the folder of its files")


def files_of(settings: SourceSettings) -> list[File]:
    """The files to read, in their order. Raises SourceError if there are none."""
    at = place_of(settings)
    try:
        found = list(at.files())
    except failures() as error:
        raise SourceError(
            f"cannot list the files at {at.url}: {error}", "check `path` or `hub` of this source"
        ) from error
    if at.pattern == EVERYTHING or settings.format == "auto":
        found = [file for file in found if file.suffix in ENDINGS[settings.format] and _is_data(file)]
    if at.pattern == EVERYTHING and settings.files:
        found = [file for file in found if any(_is_named(file, name) for name in settings.files)]
    if settings.hub:
        found = [file for file in found if belongs(file, settings.hub)]
    if not found:
        wanted = ", ".join(settings.files or ENDINGS[settings.format])
        raise SourceError(
            f"no file to read at {at.url}/{at.pattern}", f"looked for {wanted}: check `path` or name a file"
        )
    return found


def _is_data(file: File) -> bool:
    name = PurePosixPath(file.name).name
    return name not in BESIDES and not name.startswith(("cache-", "indices"))


def _is_named(file: File, name: str) -> bool:
    return fnmatch(file.name, name) or fnmatch(PurePosixPath(file.name).name, name)
