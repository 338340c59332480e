"""Whatever stands in the data, the page stays a page: nothing from it acts, and it stays small."""

import pyarrow as pa
import pytest
from tests.report.conftest import RECIPE, make_run, png, sample, write
from tests.report.parsing import elements

from mmfinereason.report import compare, report
from mmfinereason.schema import TABLES, Reason, Stage
from mmfinereason.store import Reject, Run

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title></textarea></svg></math><iframe src=javascript:alert(1)>",
    "$\\text{<script>alert(1)</script>}$ \\(\\href{javascript:alert(1)}{x}\\)",
    "{{ 7777 * 7777 }}{% raw %} <!-- --> ]]> &lt;b&gt; $\\style{x}{y}$",
    "\x00\x1b[31m'\"`<svg/onload=alert(1)>",
]

ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "link", "base", "audio", "video", "a:data"}


def hostile_value(type_, number):
    text = HOSTILE[number % len(HOSTILE)]
    if pa.types.is_string(type_):
        return text
    if pa.types.is_list(type_):
        return [hostile_value(type_.value_type, number + step) for step in range(3)]
    if pa.types.is_struct(type_):
        return {field.name: hostile_value(field.type, number) for field in type_}
    if pa.types.is_boolean(type_):
        return number % 2 == 0
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return number + 1
    return png() if pa.types.is_binary(type_) else None


def hostile_row(stage, number, **kept):
    return {field.name: hostile_value(field.type, number) for field in TABLES[stage]} | kept


@pytest.fixture
def hostile(tmp_path):
    run = Run(str(tmp_path / "hostile"))
    run.save_recipe(RECIPE.format(name="hostile"))
    ids = [f"{text}/{number}" for number, text in enumerate(HOSTILE)]
    rejects = [Reject(id + "x", reason, text, text, text, text) for reason in (Reason.LEAK, Reason.DUPLICATE)
               for id, text in zip(ids, HOSTILE, strict=True)]  # fmt: skip
    rejects += [Reject("y", Reason.DUPLICATE, f"same image and question as {ids[0]}", "s", "o", HOSTILE[1])]
    standing = {Stage.DISTILL: {"candidate": 0, "last": True, "status": "ok"}, Stage.VERIFY: {"candidate": 0}}
    always = {Stage.VERIFY: {"chosen": True}, Stage.PROBE: {"pass_rate": 0.5}, Stage.CAPTION: {"status": "ok"}}
    for stage in Stage:
        kept = standing.get(stage, {}) | always.get(stage, {})
        rows = [hostile_row(stage, number, id=id, **kept) for number, id in enumerate(ids)]
        write(run, stage, rows, rejects if stage is Stage.COLLECT else ())
    return run


def check(html):
    found = elements(html)
    tags = {tag for tag, _ in found}
    assert not tags & ACTIVE
    for tag, attributes in found:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#")
        assert attributes.get("src", "data:image/webp;base64,").startswith("data:image/webp;base64,")
        assert "javascript" not in attributes.get("style", "")
        assert tag != "img" or set(attributes) <= {"src", "alt", "loading"}
    assert sum(tag == "style" for tag, _ in found) == 1
    assert sum(tag == "html" for tag, _ in found) == 1
    assert "60481729" not in html


def test_text_from_every_column_stays_text(hostile):
    report(hostile)
    page = hostile.folder.read("report/index.html").decode()
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 20
    check(page)


def test_text_from_every_column_stays_text_beside_another_run(hostile, tmp_path):
    other = make_run(tmp_path / "tame", [sample(n) for n in range(3)], name="tame")
    check(hostile.folder.read(compare(hostile, other).removeprefix(f"{hostile.url}/")).decode())


def test_the_page_forbids_scripts_and_addresses_itself(reported):
    page = reported.folder.read("report/index.html").decode()
    assert "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"" in page
    assert "http://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_page_stays_small_whatever_the_rows_hold(tmp_path):
    long = "$\\frac{1}{2}$ and a word, " * 1500
    rows = [sample(n, f"source {n % 12} " + "long " * 60, question=long, original_question=long + "!", answer=long,
                   options=[long] * 8) for n in range(24)]  # fmt: skip
    run = make_run(tmp_path / "long", rows, recipe="report: {examples: 20}\n")
    report(run)
    assert run.folder.size("report/index.html") < 8_000_000
