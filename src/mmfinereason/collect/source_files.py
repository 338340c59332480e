"""Whether the local files of the sources are still those that collect has read.

Settings name files and say nothing of what is in them. So sizes and times are kept when collect begins, and later
starts tell which files differ. They do not refuse: a file that was only copied has another time and the same rows.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from mmfinereason.collect.readers.which import files_of
from mmfinereason.context import Context
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import PUZZLES, SourceSettings
from mmfinereason.schema import Stage

FILE = "samples/source_files.json"
NAMED = 5
"""Changed files named in one sentence."""

Listing = dict[str, list[int]]
"""Size in bytes and time of the last change in nanoseconds, by name."""


def watch(context: Context) -> None:
    """Keep what the files look like when collect begins; later, say what has changed since."""
    folder, sources = context.run.folder, context.recipe.sources
    if folder.exists(FILE):
        known: list[Listing] = orjson.loads(folder.read(FILE))
        for source, before in zip(sources, known, strict=True):
            if changed := _changed(before, listing(source)):
                more = f" and {len(changed) - NAMED} more" if changed[NAMED:] else ""
                context.progress.say(
                    f"{source.name or source.use}: changed since it was collected: {', '.join(changed[:NAMED])}{more}; "
                    f"to read it again: {context.redo_command(Stage.COLLECT)}"
                )
    elif context.table(Stage.COLLECT).manifest() is None:
        folder.write(FILE, orjson.dumps([listing(source) for source in sources]))


def listing(source: SourceSettings) -> Listing:
    """The local files with the rows of a source; none where it lies elsewhere, or is gone."""
    if source.use == PUZZLES or source.path is None or source.hub is not None:
        return {}
    try:
        local = [file for file in files_of(source) if "file" in (file.system.protocol, *file.system.protocol)]
        stats = {file.name: Path(file.path).stat() for file in local}
    except (SourceError, FileNotFoundError):
        return {}
    return {name: [one.st_size, one.st_mtime_ns] for name, one in stats.items()}


def _changed(known: Listing, now: Listing) -> list[str]:
    """Names of files that differ, came or went; a source that is gone as a whole cannot be compared."""
    return sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name)) if now else []
