"""YAML that remembers where each value stands, so that a problem can be reported with its line."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.reader import ReaderError

from mmfinereason.errors import RecipeError

Path = tuple[str | int, ...]


class Document:
    """The plain values of a YAML text and the line (1-based) of each path in it."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[str] = []
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise RecipeError([f"{name}:{line}: not valid YAML: {error.problem}"]) from error
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            refused = chr(error.character)
            raise RecipeError([f"{name}:{line}: the character {refused!r} may not stand in YAML"]) from error
        self._open: list[yaml.Node] = []
        self.values = self._value(node, ()) if node is not None else {}
        if not isinstance(self.values, dict):
            raise RecipeError([f"{name}:1: a recipe is a mapping of settings, not {type(self.values).__name__}"])

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing that contains it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if node in self._open:
            raise RecipeError([f"{self.name}:{line}: `*` may not stand inside of what it repeats"])
        self._open.append(node)
        try:
            return self._inner(node, path)
        except (ValueError, yaml.constructor.ConstructorError) as error:
            why = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            raise RecipeError([f"{self.name}:{line}: not a value that a recipe can hold: {why}"]) from error
        finally:
            self._open.pop()

    def _inner(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, index)) for index, child in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key_node.tag == "tag:yaml.org,2002:merge":
                self.problems.append(f"{self.name}:{line}: `<<` is not read here; write the settings out")
                continue
            if key in values:
                self.problems.append(f"{self.name}:{line}: `{key}` is given twice")
            self.lines[(*path, key)] = line
            values[key] = self._value(value_node, (*path, key))
        return values


def _scalar(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
