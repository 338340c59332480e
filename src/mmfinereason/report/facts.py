"""What a report says, asked of the run's tables in SQL: numbers only, no drawing and no page.

Every query aggregates inside DuckDB, so a run of two million rows is reported in the memory of a few thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmfinereason.recipe import Recipe, parse
from mmfinereason.report.money import StageCost, costs
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Manifest, Run, StageStatus, overview
from mmfinereason.store.query import connect
from mmfinereason.trace import token_method

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LENGTH_SAMPLE = 20_000
"""Token lengths drawn for one curve: enough that a curve of all rows would look the same."""

TWINS = (Reason.DUPLICATE_ID, Reason.DUPLICATE, Reason.NEAR_DUPLICATE)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Token lengths of one kind of text: the columns of the paper's Table 1."""

    dataset: str
    text: str
    count: int
    total: float
    mean: float
    median: float
    std: float
    min: float
    max: float
    p25: float
    p75: float
    p95: float


@dataclass(frozen=True, slots=True)
class SourcePassRates:
    """Pass rates of one source: the share of its rows at each rate, and their mean."""

    source: str
    rows: int
    mean: float
    shares: dict[float, float]


@dataclass(frozen=True, slots=True)
class Consistency:
    """Verdicts of one source's rows."""

    source: str
    consistent: int
    inconsistent: int
    undecided: int

    @property
    def rows(self) -> int:
        return self.consistent + self.inconsistent + self.undecided

    @property
    def share(self) -> float:
        """Consistent rows among all that have a trace."""
        return self.consistent / self.rows


@dataclass(frozen=True, slots=True)
class Share:
    """Rows of one source in one domain."""

    domain: str
    source: str
    rows: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from raw rows to subsets."""

    name: str
    rows: int
    left: dict[str, int]
    """Rows that left here, by reason, most frequent first."""
    kind: str = "stage"
    """`stage`, or `subset` for one of the ends of the way."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that wrote into the run."""

    role: str
    name: str
    prompt: str
    replies: int | None
    """None where the tables do not tell."""


@dataclass(frozen=True)
class Facts:
    """Everything a report draws from. Parts whose stage has not run are empty."""

    name: str
    recipe: Recipe
    stages: tuple[StageStatus, ...]
    steps: list[Step]
    edits: list[tuple[str, int]]
    """Cleaning rules and how many rows each changed."""
    composition: list[Share]
    consistency: list[Consistency]
    methods: list[tuple[str, dict[str, int]]]
    """How verdicts were reached: method, and rows by outcome."""
    pass_rates: list[SourcePassRates]
    rollouts: dict[str, int]
    """Rollouts by outcome."""
    trace_lengths: dict[str, list[float]]
    """Tokens of standing traces by domain, sorted, at most LENGTH_SAMPLE of each."""
    caption_lengths: list[float]
    lengths: list[Lengths]
    categories: dict[str, int]
    models: list[Model]
    costs: list[StageCost]
    manifests: list[Manifest]
    """Of the finished stages."""

    def ran(self, stage: Stage) -> bool:
        return next(one for one in self.stages if one.stage is stage).state != "not started"

    @property
    def unfinished(self) -> list[str]:
        """Stages that are not complete, as a user calls them."""
        return [one.stage.command for one in self.stages if one.state == "unfinished"]

    @property
    def pretended(self) -> list[str]:
        """Names of the models that were simulated or replayed."""
        return sorted({one.name for one in self.models if one.name.startswith(("simulated", "replay"))})

    @property
    def subsets(self) -> list[Step]:
        return [one for one in self.steps if one.kind == "subset"]

    @property
    def token_method(self) -> str:
        return token_method(self.recipe.distill.tokenizer)


def gather_facts(run: Run) -> Facts:
    """All facts of a run. Raises StoreError when it holds no recipe."""
    recipe = parse(run.recipe_text())
    stages = tuple(overview(run))
    with connect(run) as ask:
        return Facts(
            name=recipe.name,
            recipe=recipe,
            stages=stages,
            steps=_steps(ask, stages, recipe),
            edits=_rows(ask, "SELECT unnest(edits) AS edit, count(*) FROM samples GROUP BY 1 ORDER BY 2 DESC, 1"),
            composition=[Share(*row) for row in _rows(ask, _COMPOSITION)],
            consistency=[Consistency(*row) for row in _rows(ask, _CONSISTENCY)],
            methods=_methods(ask),
            pass_rates=_pass_rates(ask),
            rollouts=dict(_rows(ask, _ROLLOUTS)),
            trace_lengths=_trace_lengths(ask),
            caption_lengths=[row[0] for row in _rows(ask, _CAPTION_LENGTHS)],
            lengths=_lengths(ask),
            categories=dict(_rows(ask, _CATEGORIES)),
            models=_models(ask, recipe),
            costs=costs(run, stages),
            manifests=[found for one in run.tables() if (found := one.manifest()) is not None],
        )


_COMPOSITION = """
SELECT coalesce(domain, 'unknown'), source, count(*) FROM samples GROUP BY ALL ORDER BY 3 DESC, 2
"""

_CONSISTENCY = """
SELECT s.source,
    count(*) FILTER (v.is_consistent), count(*) FILTER (NOT v.is_consistent),
    count(*) FILTER (v.is_consistent IS NULL)
FROM verdicts v JOIN samples s USING (id) WHERE v.chosen GROUP BY 1 ORDER BY 1
"""

_ROLLOUTS = """
SELECT one.outcome, count(*) FROM (SELECT unnest(rollouts) AS one FROM rollouts) WHERE NOT one.blind
GROUP BY 1 ORDER BY 2 DESC, 1
"""

_STANDING = """
SELECT t.id, t.tokens, coalesce(s.domain, 'unknown') AS domain FROM traces t JOIN samples s ON s.id = t.id
LEFT JOIN verdicts v ON v.id = t.id AND v.candidate = t.candidate
WHERE t.last AND t.status = 'ok' AND t.tokens IS NOT NULL AND coalesce(v.chosen, true)
"""

_CAPTION_LENGTHS = f"""
SELECT completion_tokens::DOUBLE AS n FROM captions
WHERE status = 'ok' AND completion_tokens IS NOT NULL
QUALIFY row_number() OVER (ORDER BY hash(id), id) <= {LENGTH_SAMPLE} ORDER BY n
"""

_CATEGORIES = """
SELECT category, count(*) FROM captions WHERE category IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""

_STATISTICS = """
count(n), sum(n), avg(n), median(n), stddev_samp(n), min(n), max(n),
quantile_cont(n, 0.25), quantile_cont(n, 0.75), quantile_cont(n, 0.95)
"""


def _rows(ask: DuckDBPyConnection, query: str) -> list[Any]:
    rows: list[Any] = ask.execute(query).fetchall()
    return rows


def _count(ask: DuckDBPyConnection, query: str) -> int:
    return int(_rows(ask, query)[0][0])


def _methods(ask: DuckDBPyConnection) -> list[tuple[str, dict[str, int]]]:
    query = "SELECT coalesce(method, 'none'), outcome, count(*) FROM verdicts WHERE chosen GROUP BY ALL ORDER BY ALL"
    found: dict[str, dict[str, int]] = {}
    for method, outcome, count in _rows(ask, query):
        found.setdefault(method, {})[outcome or "unknown"] = count
    return sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0]))


def _pass_rates(ask: DuckDBPyConnection) -> list[SourcePassRates]:
    query = """
    SELECT s.source, round(r.pass_rate, 3) AS rate, count(*) FROM rollouts r JOIN samples s USING (id)
    WHERE r.pass_rate IS NOT NULL GROUP BY ALL ORDER BY ALL
    """
    by_source: dict[str, dict[float, int]] = {}
    for source, rate, count in _rows(ask, query):
        by_source.setdefault(source, {})[float(rate)] = count
    found = []
    for source, counts in by_source.items():
        rows = sum(counts.values())
        mean = sum(rate * count for rate, count in counts.items()) / rows
        found.append(SourcePassRates(source, rows, mean, {rate: count / rows for rate, count in counts.items()}))
    return sorted(found, key=lambda one: (-one.mean, one.source))


def _trace_lengths(ask: DuckDBPyConnection) -> dict[str, list[float]]:
    query = f"""
    SELECT domain, tokens FROM ({_STANDING})
    QUALIFY row_number() OVER (PARTITION BY domain ORDER BY hash(id), id) <= {LENGTH_SAMPLE} ORDER BY domain, tokens
    """
    found: dict[str, list[float]] = {}
    for domain, tokens in _rows(ask, query):
        found.setdefault(domain, []).append(float(tokens))
    return found


def _lengths(ask: DuckDBPyConnection) -> list[Lengths]:
    queries = {
        "CoT": f"SELECT tokens AS n FROM ({_STANDING})",
        "caption": "SELECT completion_tokens AS n FROM captions WHERE status = 'ok'",
    }
    found = []
    for text, query in queries.items():
        (row,) = _rows(ask, f"SELECT {_STATISTICS} FROM ({query})")
        if row[0]:
            found.append(Lengths("this run", text, row[0], *(float(value or 0) for value in row[1:])))
    return found


def _models(ask: DuckDBPyConnection, recipe: Recipe) -> list[Model]:
    """Who wrote captions, traces and rollouts, as the tables say; the other roles as the recipe has them."""
    wrote = {"teacher": "traces", "captioner": "captions"}
    queries = {role: f"SELECT model, prompt FROM {table}" for role, table in wrote.items()}
    queries["prober"] = "SELECT one.model, NULL AS prompt FROM (SELECT unnest(rollouts) AS one FROM rollouts)"
    counted = "SELECT model, prompt, count(*) FROM ({}) WHERE model IS NOT NULL GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    found = [
        Model(role, name, prompt or "", count)
        for role, query in queries.items()
        for name, prompt, count in _rows(ask, counted.format(query))
    ]
    told = {one.role for one in found}
    return found + [Model(role, one.model, "", None) for role, one in recipe.models.roles().items() if role not in told]


def _steps(ask: DuckDBPyConnection, stages: tuple[StageStatus, ...], recipe: Recipe) -> list[Step]:
    """Rows after each stage that can lose rows, with what left there, and the subsets at the end."""
    done = {one.stage: one.books for one in stages if one.state != "not started"}
    steps = []
    if Stage.COLLECT in done:
        books = done[Stage.COLLECT]
        steps.append(Step("sources", books.rows + sum(books.rejects.values()), {}))
        steps.append(Step("collect", books.rows, _by_size(books.rejects)))
    if Stage.DISTILL in done:
        rows = _count(ask, "SELECT count(DISTINCT id) FROM traces WHERE last AND status = 'ok'")
        steps.append(Step("distill", rows, _by_size(done[Stage.DISTILL].rejects)))
    if Stage.VERIFY in done:
        rows = _count(ask, "SELECT count(*) FROM verdicts WHERE chosen AND is_consistent")
        left = "SELECT outcome, count(*) FROM verdicts WHERE chosen AND is_consistent IS NOT TRUE GROUP BY 1"
        steps.append(Step("verify", rows, _by_size(dict(_rows(ask, left)))))
    if Stage.SELECT in done:
        rows = _count(ask, "SELECT count(*) FROM selection WHERE len(subsets) > 0")
        left = "SELECT reason, count(*) FROM selection WHERE reason IS NOT NULL GROUP BY 1"
        steps.append(Step("select", rows, _by_size(dict(_rows(ask, left)))))
        counts = dict(_rows(ask, "SELECT unnest(subsets) AS name, count(*) FROM selection GROUP BY 1"))
        names = [one.name for one in recipe.select.subsets] + sorted(counts)
        steps += [Step(name, counts.get(name, 0), {}, "subset") for name in dict.fromkeys(names)]
    return steps


def _by_size(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
