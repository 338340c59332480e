"""Reads school mathematics into a small tree: numbers, variables, roots, fractions, powers, functions.

The reader is strict: whatever it does not know for certain (`1/2x`, `f(x)`, words, sums, integrals) is `Unreadable`,
and the answer goes on to the computer algebra or to a judge. Tokens and depth of nesting bound the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from mmfinereason.answers.tokens import Token, Unreadable, names_points, tokens_of

__all__ = ["Expression", "Node", "Unreadable", "number_of", "read_expression"]

MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Node:
    """`op` over `parts`; leaves are `number` (with `value`) and `name` (with `name`)."""

    op: str
    parts: tuple[Node, ...] = ()
    value: Fraction = Fraction(0)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula, its variables, and whether one of its symbols has two usual meanings (`log`, `i`)."""

    root: Node
    names: frozenset[str]
    doubtful: bool = False


_OPENING = {"(": ")", "{": "}", "[": "]"}


def read_expression(text: str) -> Expression:
    """The formula in cleaned `text`, or `Unreadable`."""
    reader = _Reader(tokens_of(text))
    root = reader.sum()
    if reader.kind:
        raise Unreadable(f"unexpected {reader.text!r}")
    return Expression(root, frozenset(reader.names), reader.doubtful or names_points(reader.tokens))


def number_of(text: str) -> Fraction:
    """The value of one number token: `1,234.5`, `2e3`, `.5`."""
    if text.isdigit() and len(text) <= 400:
        return Fraction(int(text))
    mantissa, _, exponent = text.replace(",", "").lower().partition("e")
    if len(mantissa) > 400 or len(exponent) > 4:
        raise Unreadable("a number of too many digits")
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)


@dataclass(slots=True)
class _Reader:
    """Recursive descent over tokens; each method reads one level of precedence."""

    tokens: list[Token]
    at: int = 0
    depth: int = 0
    names: set[str] = field(default_factory=set)
    doubtful: bool = False
    inside_function: bool = False

    @property
    def kind(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    @property
    def text(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        text = self.text
        if not self.kind or (wanted and text != wanted):
            raise Unreadable(f"expected {wanted or 'more'}")
        self.at += 1
        return text

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("nested too deeply")
        node = self.product()
        while self.kind == "op" and self.text in "+-":
            node = Node("+" if self.take() == "+" else "-", (node, self.product()))
        self.depth -= 1
        return node

    def product(self) -> Node:
        node = self.signed()
        divided = False
        while True:
            if self.kind == "op" and self.text in "*/":
                if divided and self.text == "/":
                    raise Unreadable("a/b/c may be a date")
                divided = self.take() == "/"
                node = Node("/" if divided else "*", (node, self.signed()))
            elif self.starts_atom():
                if divided:
                    raise Unreadable("a/b c has two readings")
                node = Node("*", (node, self.neighbour(node)))
            else:
                return node

    def signed(self) -> Node:
        if self.kind == "op" and self.text in "+-":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Unreadable("too many signs")
            sign, inner = self.take(), self.signed()
            self.depth -= 1
            return inner if sign == "+" else Node("neg", (inner,))
        return self.power()

    def neighbour(self, left: Node) -> Node:
        """The right side of a product without a sign; two numbers side by side are not a product."""
        if self.kind == "number" and (left.op == "number" or self.at == 0 or left.op != "group"):
            raise Unreadable("two numbers side by side")
        return self.power()

    def starts_atom(self) -> bool:
        return self.kind in ("number", "name", "function") or (self.kind == "op" and self.text in ("(", "{", "["))

    def power(self) -> Node:
        node = self.postfix(self.mixed())
        if self.kind == "op" and self.text == "^":
            self.take()
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Unreadable("too many powers")
            node = Node("^", (node, self.signed()))
            self.depth -= 1
        return self.postfix(node)

    def postfix(self, node: Node) -> Node:
        while self.kind == "op" and self.text in "!%°":
            sign = self.take()
            if sign == "%":
                raise Unreadable("a percent sign inside a formula")
            if sign == "°":
                self.doubtful |= not self.inside_function
                node = Node("degrees", (node,))
            else:
                node = Node("!", (node,))
        return node

    def mixed(self) -> Node:
        """An atom, or a mixed number: `3\\frac{1}{2}`, `3 1/2`, `3(1/2)` is not one."""
        start = self.at
        whole = self.atom()
        if whole.op != "number" or whole.value.denominator != 1 or self.tokens[start].kind != "number":
            return whole
        part = self.fraction_after(self.tokens[start].text)
        return Node("number", value=whole.value + part) if part is not None else whole

    def fraction_after(self, whole: str) -> Fraction | None:
        """The proper fraction right after a whole number, consumed; or None."""
        texts = [token.text for token in self.tokens[self.at : self.at + 7]]
        if texts[:1] == ["frac"] and len(texts) == 7:
            top, bottom, length = texts[2], texts[5], 7
        elif texts[1:2] == ["/"] and len(texts) >= 3 and self.tokens[self.at].spaced:
            top, bottom, length = texts[0], texts[2], 3
        else:
            return None
        proper = top.isdigit() and bottom.isdigit() and whole.isdigit() and 0 < int(top) < int(bottom)
        if not proper or (self.at + length < len(self.tokens) and self.tokens[self.at + length].text == "^"):
            return None
        self.at += length
        return Fraction(int(top), int(bottom))

    def atom(self) -> Node:
        if self.kind == "number":
            return Node("number", value=number_of(self.take()))
        if self.kind == "name":
            return self.variable(self.take())
        if self.kind == "function":
            return self.function(self.take())
        if self.kind == "op" and self.text in _OPENING:
            return self.group()
        if self.kind == "op" and self.text == "|":
            self.take()
            inner = self.sum()
            self.take("|")
            return Node("abs", (inner,))
        raise Unreadable(f"unexpected {self.text!r}")

    def variable(self, name: str) -> Node:
        if name in ("f", "g", "h", "F", "G", "P") and self.text == "(":
            raise Unreadable("a function of unknown meaning")
        self.doubtful |= name in ("i", "I", "j") or (name == "e" and self.text != "^")
        if name not in ("π", "e"):
            self.names.add(name)
        return Node("name", name=name)

    def group(self) -> Node:
        closing = _OPENING.get(self.take())
        if closing is None:
            raise Unreadable("a bracket is missing")
        inner = self.sum()
        self.take(closing)
        return inner if inner.op != "number" else Node("group", (inner,))

    def function(self, name: str) -> Node:
        if name == "frac":
            top, start = self.group(), self.at
            bottom = self.group()
            if self.tokens[start + 1].text == "d" and bottom.op == "*":
                raise Unreadable("a derivative")
            return Node("/", (top, bottom))
        if name == "sqrt":
            return self.root()
        exponent = None
        if self.text == "^":
            self.take()
            exponent = self.atom()
            if (exponent.op == "group" and exponent.parts[0].value < 0) or exponent.op == "neg":
                raise Unreadable("sin^-1 has two meanings")
        if name == "log" and self.text == "_":
            return self.logarithm()
        outside, self.inside_function = self.inside_function, True
        node = Node(name, (self.argument(),))
        self.inside_function = outside
        self.doubtful |= name == "log"
        return Node("^", (node, exponent)) if exponent is not None else node

    def logarithm(self) -> Node:
        """`log_2 8` and `log_{2}(8)`, the underscore being next."""
        self.take("_")
        base = self.group() if self.text == "{" else self.atom()
        return Node("/", (Node("ln", (self.argument(),)), Node("ln", (base,))))

    def root(self) -> Node:
        degree = Node("number", value=Fraction(2))
        if self.text == "[":
            degree = self.group()
        return Node("root", (self.group(), degree))

    def argument(self) -> Node:
        """`sin(x)` takes the bracket; `sin 2x cos x` takes `2x`."""
        if self.kind == "op" and self.text in _OPENING:
            return self.group()
        node = self.power()
        while self.kind in ("number", "name") or (self.kind == "function" and self.text in ("frac", "sqrt")):
            node = Node("*", (node, self.neighbour(node)))
        if self.text == "/":
            raise Unreadable("sin x/2 has two readings")
        return node
