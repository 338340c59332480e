"""Put a run's report into its folder: `report/index.html`, and the tables and figures of the page as files."""

from __future__ import annotations

from collections.abc import Iterable

from mmfinereason.context import Context
from mmfinereason.report import page, sheets
from mmfinereason.report.examples import gather_examples
from mmfinereason.report.facts import gather_facts
from mmfinereason.report.figures import Drawn, draw_all
from mmfinereason.report.render import render
from mmfinereason.report.sheets import Sheet
from mmfinereason.store import Run

FOLDER = "report"


def report(made: Context | Run) -> str:
    """Write the report of a run as far as it has come; returns the URL of its page.

    Raises StoreError when the folder holds no run, RecipeError when its recipe is of another version.
    """
    run = made.run if isinstance(made, Context) else made
    facts = gather_facts(run)
    examples = gather_examples(run, facts.recipe.report.examples)
    figures = draw_all(facts)
    sections = page.sections(facts, examples, figures, sheets.paper(run, published=facts.recipe.report.published))
    for old in ("figures", "tables"):
        run.folder.remove(f"{FOLDER}/{old}")
    keep(run, figures, page.all_sheets(sections))
    run.folder.write(f"{FOLDER}/index.html", render(facts, sections, page.tiles(facts)).encode())
    return f"{run.url}/{FOLDER}/index.html"


def keep(run: Run, figures: Iterable[Drawn], tables: Iterable[Sheet]) -> None:
    """Write figures as SVG and PNG, tables as CSV and Markdown."""
    for figure in figures:
        run.folder.write(f"{FOLDER}/figures/{figure.name}.svg", figure.svg)
        run.folder.write(f"{FOLDER}/figures/{figure.name}.png", figure.png)
    for sheet in tables:
        run.folder.write(f"{FOLDER}/tables/{sheet.name}.csv", f"{sheet.grid.csv()}\n".encode())
        run.folder.write(f"{FOLDER}/tables/{sheet.name}.md", f"{sheet.grid.markdown()}\n".encode())
