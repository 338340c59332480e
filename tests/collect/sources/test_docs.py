"""The page on sources says what the catalogue says."""

from pathlib import Path

import pytest

from mmfinereason.collect.readers import READERS
from mmfinereason.collect.sources import SOURCES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "sources.md").read_text()


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_has_its_row(name):
    known = SOURCES[name]
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {name} |")]
    for fact in (
        known.domain.value,
        known.licence,
        known.homepage,
        known.inclusion,
        known.confirmed or "**not confirmed**",
    ):
        assert fact in row
    assert (f"`{known.hub_id}`" in row) == (known.hub_id is not None)
    assert (known.revision or "")[:7] in row


def test_each_format_is_described():
    for format in READERS:
        assert f"`{format}`" in PAGE or f"format: {format}" in PAGE
