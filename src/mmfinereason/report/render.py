"""Templates to HTML: one file that needs nothing else.

Values from the data pass through the template's escaping or through `math.to_html`, and the page itself forbids scripts
and every outside address (Content-Security-Policy), so hostile text can do no more than look odd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmfinereason.recipe import dump_deciding
from mmfinereason.report import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from mmfinereason.report.examples import Example
    from mmfinereason.report.facts import Facts
    from mmfinereason.report.figures.beside import Pair
    from mmfinereason.report.page import Section, Tile

LONGEST_RECIPE = 200_000
"""Characters of the recipe."""


def render(facts: Facts, sections: Sequence[Section], tiles: Sequence[Tile]) -> str:
    """The page of a run."""
    from markupsafe import escape

    template = _environment().get_template("report.html.j2")
    return template.render(
        facts=facts,
        sections=sections,
        tiles=tiles,
        recipe=escape(texts.shortened(dump_deciding(facts.recipe), LONGEST_RECIPE)),
        finished=max((one.finished for one in facts.manifests), default=None),
    )


def render_pair(pair: Pair, sections: Sequence[Section]) -> str:
    """The page on two runs."""
    return _environment().get_template("compare.html.j2").render(pair=pair, sections=sections)


def render_page(template: str, **values: object) -> str:
    """Any other page of the same look; `values` hold at least its `sections`."""
    return _environment().get_template(template).render(**values)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mmfinereason.report"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=texts.plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["text"] = texts.Room().text
    environment.filters["cell"] = texts.cell
    environment.filters["words"] = lambda name: name.replace("_", " ")
    environment.filters["outcome"] = _outcome
    environment.tests["numeric"] = lambda column: bool(column.form)
    return environment


def _outcome(example: Example) -> str:
    """The CSS class of a row's verdict."""
    return {True: "good", False: "bad", None: "open"}[example.consistent]
