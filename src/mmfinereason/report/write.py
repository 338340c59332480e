"""Put a run's report into its folder: `report/index.html`, and the tables and figures of the page as files."""

from __future__ import annotations

from mmfinereason.context import Context
from mmfinereason.report import page, sheets
from mmfinereason.report.examples import gather_examples
from mmfinereason.report.facts import gather_facts
from mmfinereason.report.figures import draw_all
from mmfinereason.store import Run

FOLDER = "report"


def report(made: Context | Run) -> str:
    """Write the report of a run as far as it has come; returns the URL of its page.

    Raises StoreError when the folder holds no run, RecipeError when its recipe is of another version.
    """
    run = made.run if isinstance(made, Context) else made
    facts = gather_facts(run)
    examples = gather_examples(run, facts.recipe.report.examples)
    drawn = draw_all(facts)
    parts = page.sections(facts, examples, drawn, sheets.paper(run))
    for figure in drawn:
        run.folder.write(f"{FOLDER}/figures/{figure.name}.svg", figure.svg)
        run.folder.write(f"{FOLDER}/figures/{figure.name}.png", figure.png)
    for sheet in page.all_sheets(parts):
        run.folder.write(f"{FOLDER}/tables/{sheet.name}.csv", f"{sheet.grid.csv()}\n".encode())
        run.folder.write(f"{FOLDER}/tables/{sheet.name}.md", f"{sheet.grid.markdown()}\n".encode())
    run.folder.write(f"{FOLDER}/index.html", page.render(facts, parts).encode())
    return f"{run.url}/{FOLDER}/index.html"
