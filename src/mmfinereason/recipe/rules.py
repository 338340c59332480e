"""The language of subset rules: one boolean SQL expression over the columns below, and nothing more.

A rule stands in a recipe that may come from somebody else, and it is put into a query. It is therefore taken apart by
DuckDB's own parser, and only comparisons, logic, arithmetic and the functions listed here are let through: no subquery,
no window, no function that opens a file. Problems are found when the recipe is read, long before a row is selected.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmfinereason.schema import Stage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class RuleColumn:
    """A column that rules may use."""

    type: str
    """As DuckDB names it."""
    stage: Stage
    """The stage whose table must be there."""
    meaning: str


_COLLECT, _CAPTION, _TRACE = Stage.COLLECT, Stage.CAPTION, Stage.DISTILL
_VERIFY, _PROBE = Stage.VERIFY, Stage.PROBE

COLUMNS: dict[str, RuleColumn] = {
    "id": RuleColumn("VARCHAR", _COLLECT, "`<source>/<id in the source>`"),
    "source": RuleColumn("VARCHAR", _COLLECT, "name of the source"),
    "domain": RuleColumn("VARCHAR", _COLLECT, "Mathematics, Science, Puzzle/Game or General/OCR"),
    "licence": RuleColumn("VARCHAR", _COLLECT, "SPDX identifier or the publisher's words"),
    "language": RuleColumn("VARCHAR", _COLLECT, "ISO 639-1 of the original question"),
    "question": RuleColumn("VARCHAR", _COLLECT, "the cleaned question"),
    "answer": RuleColumn("VARCHAR", _COLLECT, "the short reference answer"),
    "options": RuleColumn("VARCHAR[]", _COLLECT, "option texts; empty for free-form questions"),
    "fixed_answer": RuleColumn("BOOLEAN", _COLLECT, "whether the source's questions have one right answer"),
    "width": RuleColumn("INTEGER", _COLLECT, "of the image, in pixels"),
    "height": RuleColumn("INTEGER", _COLLECT, "of the image, in pixels"),
    "format": RuleColumn("VARCHAR", _COLLECT, "image format: PNG, JPEG, ..."),
    "byte_size": RuleColumn("BIGINT", _COLLECT, "of the image"),
    "edits": RuleColumn("VARCHAR[]", _COLLECT, "cleaning rules that changed the row"),
    "extra": RuleColumn("JSON", _COLLECT, "the source's further fields, as in `extra->>'$.puzzle.level' = '3'`"),
    "published_pass_rate": RuleColumn("DOUBLE", _COLLECT, "pass rate the source came with"),
    "published_consistent": RuleColumn("BOOLEAN", _COLLECT, "consistency the source came with"),
    "category": RuleColumn("VARCHAR", _CAPTION, "image category"),
    "known_category": RuleColumn("BOOLEAN", _CAPTION, "whether the category is one of the 27"),
    "caption_words": RuleColumn("INTEGER", _CAPTION, "words of the caption"),
    "words": RuleColumn("INTEGER", _TRACE, "words of the chosen trace"),
    "tokens": RuleColumn("BIGINT", _TRACE, "tokens of the chosen trace"),
    "flags": RuleColumn("VARCHAR[]", _TRACE, "screens the chosen trace failed"),
    "teacher": RuleColumn("VARCHAR", _TRACE, "model that wrote the chosen trace"),
    "prompt": RuleColumn("VARCHAR", _TRACE, "prompt of the chosen trace with its hash, `distill@1a2b3c4d`"),
    "is_consistent": RuleColumn("BOOLEAN", _VERIFY, "verdict on the chosen trace; null while undecided"),
    "outcome": RuleColumn("VARCHAR", _VERIFY, "equal, different, undecided, no_answer or not_checked"),
    "method": RuleColumn("VARCHAR", _VERIFY, "how the verdict was reached"),
    "extracted_answer": RuleColumn("VARCHAR", _VERIFY, "the chosen trace's answer"),
    "candidates": RuleColumn("BIGINT", _VERIFY, "traces that could be verified"),
    "consistent_candidates": RuleColumn("BIGINT", _VERIFY, "how many of them are consistent"),
    "pass_rate": RuleColumn("DOUBLE", _PROBE, "correct / (correct + wrong) of the prober"),
    "pass_low": RuleColumn("DOUBLE", _PROBE, "lower end of its 95 % interval"),
    "pass_high": RuleColumn("DOUBLE", _PROBE, "upper end of its 95 % interval"),
    "correct": RuleColumn("INTEGER", _PROBE, "correct rollouts"),
    "wrong": RuleColumn("INTEGER", _PROBE, "wrong rollouts"),
    "truncated": RuleColumn("INTEGER", _PROBE, "rollouts cut off by their length"),
    "error": RuleColumn("INTEGER", _PROBE, "rollouts that brought no reply"),
    "unparsable": RuleColumn("INTEGER", _PROBE, "rollouts without a readable answer"),
    "undecided": RuleColumn("INTEGER", _PROBE, "rollouts nobody could judge"),
    "blind_pass_rate": RuleColumn("DOUBLE", _PROBE, "pass rate without the image"),
    "image_not_needed": RuleColumn("BOOLEAN", _PROBE, "solved blind"),
    "reference_suspect": RuleColumn("BOOLEAN", _PROBE, "the reference itself looks wrong"),
}
"""Every column of a rule. All are nullable; a rule that comes out null does not match."""

FUNCTIONS = frozenset(
    {
        *("+", "-", "*", "/", "//", "%", "abs", "round", "floor", "ceil", "least", "greatest"),
        *("||", "length", "len", "lower", "upper", "trim", "contains", "starts_with", "ends_with", "prefix", "suffix"),
        *("~~", "!~~", "~~*", "!~~*", "regexp_matches", "regexp_full_match"),  # LIKE, ILIKE, SIMILAR TO
        *("list_value", "list_contains", "list_has", "list_has_any", "list_has_all", "->>"),
    }
)
"""Functions and operators beside comparisons, AND/OR/NOT, IN, BETWEEN, IS NULL, CASE, CAST and COALESCE."""

_CLASSES = frozenset(
    {"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "BETWEEN", "FUNCTION", "CASE", "CAST", "TYPE"}
)


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What is to be said about a rule: the columns it uses, and why it cannot be used."""

    columns: frozenset[str]
    problems: tuple[str, ...]

    @property
    def stages(self) -> frozenset[Stage]:
        """Stages whose tables the rule reads."""
        return frozenset(COLUMNS[name].stage for name in self.columns)


@functools.lru_cache(maxsize=512)
def check_rule(rule: str) -> RuleCheck:
    """Take a rule apart. Nothing is raised: what is wrong stands in `problems`."""
    import duckdb

    if not rule.strip():
        return RuleCheck(frozenset(), ("an empty rule; write `true` for all rows",))
    with duckdb.connect() as connection:
        parsed = _parse(connection, rule)
        if isinstance(parsed, str):
            return RuleCheck(frozenset(), (parsed,))
        names, problems = _look(parsed)
        if not problems:
            problems = _bind(connection, rule)
    return RuleCheck(frozenset(names & COLUMNS.keys()), tuple(dict.fromkeys(problems)))


def _look(parsed: dict[str, Any]) -> tuple[set[str], list[str]]:
    """The columns an expression names, and what may not stand in it."""
    names, problems = set(), []
    for node in _nodes(parsed):
        kind = node["class"]
        if kind == "COLUMN_REF":
            name = ".".join(node["column_names"])
            names.add(name.lower())
            if name.lower() not in COLUMNS:
                problems.append(_unknown("column", name, COLUMNS))
        elif kind == "FUNCTION" and node["function_name"] not in FUNCTIONS:
            problems.append(_unknown("function", node["function_name"], FUNCTIONS))
        elif kind not in _CLASSES:
            problems.append(f"a rule may not hold a {kind.lower().replace('_', ' ')}")
    return names, problems


def _parse(connection: DuckDBPyConnection, rule: str) -> dict[str, Any] | str:
    """The expression's tree, or a problem."""
    row = connection.execute("SELECT json_serialize_sql(?)", [f"SELECT (\n{rule}\n) AS matches"]).fetchone()
    assert row is not None
    tree = json.loads(row[0])
    if tree["error"]:
        return f"not an expression: {tree['error_message']}"
    node = tree["statements"][0]["node"]
    plain = node["type"] == "SELECT_NODE" and node["from_table"]["type"] == "EMPTY"
    if len(tree["statements"]) != 1 or not plain or len(node["select_list"]) != 1:
        return "a rule is one expression"
    expression: dict[str, Any] = node["select_list"][0]
    return expression


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every expression in a tree; what is not let through is not entered."""
    if isinstance(tree, list):
        for one in tree:
            yield from _nodes(one)
    elif isinstance(tree, dict):
        known = tree.get("class")
        if known is not None:
            yield tree
        if known is None or known in _CLASSES:
            for value in tree.values():
                yield from _nodes(value)


def _bind(connection: DuckDBPyConnection, rule: str) -> list[str]:
    """Whether types fit and the outcome is a boolean; tried on a row of nulls, so that constants are converted."""
    import duckdb

    columns = ", ".join(f'"{name}" {column.type}' for name, column in COLUMNS.items())
    connection.execute("SET disabled_optimizers = 'statistics_propagation'")  # it knows that all is null
    connection.execute(f"CREATE TEMP TABLE features ({columns})")
    connection.execute("INSERT INTO features DEFAULT VALUES")
    try:
        tried = connection.execute(f"SELECT (\n{rule}\n) AS matches FROM features")
    except duckdb.Error as error:
        return [f"not usable: {str(error).splitlines()[0]}"]
    type_name = str(tried.description[0][1])
    return [] if type_name.upper() in ("BOOL", "BOOLEAN") else [f"gives {type_name.lower()}, not true or false"]


def _unknown(what: str, name: str, known: Any) -> str:
    close = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"unknown {what} `{name}`: " + (f"did you mean `{close[0]}`?" if close else "docs/selecting.md lists them")
