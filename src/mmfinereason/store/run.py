"""A run is one folder. This is its front door: which tables it has, and the recipe it was made with."""

from __future__ import annotations

from typing import Self

from mmfinereason.errors import StoreError
from mmfinereason.schema import Stage

from .files import Folder
from .table import Table

RECIPE_FILE = "recipe.yaml"
"""The recipe of a run, resolved, as it ran; what makes a folder a run folder."""


class Run:
    """A run folder, local or in an object store (`runs/demo`, `s3://bucket/runs/demo`, `memory://demo`)."""

    def __init__(self, url: str) -> None:
        self.folder = Folder(url)
        self.url = self.folder.url

    @classmethod
    def open(cls, url: str) -> Self:
        """An existing run. Raises StoreError when there is none at `url`."""
        run = cls(url)
        if not run.folder.exists(RECIPE_FILE):
            raise StoreError(f"{url} is not a run folder: it has no {RECIPE_FILE}", "mmfr run RECIPE makes one")
        return run

    def table(self, stage: Stage) -> Table:
        return Table(self.folder, stage)

    def save_recipe(self, text: str) -> None:
        """Keep the resolved recipe beside the tables; it holds no secrets, only names of environment variables."""
        self.folder.write(RECIPE_FILE, text.encode())

    def recipe_text(self) -> str:
        return self.folder.read(RECIPE_FILE).decode()

    def tables(self) -> list[Table]:
        """The tables that have been started, in the order of the stages."""
        return [table for table in map(self.table, Stage) if table.plan() is not None]
