"""The page in a real browser: it is drawn without a complaint, and nothing sticks out on a phone."""

import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-file-access-from-files",
]

PROBE = """<body style="margin:0"><iframe id="page" src="file://{page}" style="width:{width}px;height:4000px"></iframe>
<pre id="found"></pre><script>
document.getElementById("page").onload = event => {{
  const page = event.target.contentDocument, root = page.documentElement;
  const out = [...page.querySelectorAll("body *")].filter(one => !one.closest(".scroll, math, svg, details:not([open])")
    && one.getBoundingClientRect().right > root.clientWidth + 1).map(one => one.tagName + "." + one.className);
  const shown = name => [...page.querySelectorAll(name)].filter(one => one.getBoundingClientRect().height > 0).length;
  document.getElementById("found").textContent = JSON.stringify({{
    wider: root.scrollWidth - root.clientWidth, out, wide: shown(".wide svg"), narrow: shown(".narrow svg"),
    math: shown("math"), images: [...page.images].filter(one => one.complete && one.naturalWidth > 0).length,
    all: page.images.length, back: getComputedStyle(page.body).backgroundColor}});
}};
</script>"""


@pytest.fixture
def look(reported, tmp_path):
    """What a browser finds on the page at a width."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")

    def look_at(width, *flags):
        (tmp_path / "probe.html").write_text(PROBE.format(page=f"{reported.url}/report/index.html", width=width))
        command = [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000",
                   "--dump-dom", f"file://{tmp_path}/probe.html"]  # fmt: skip
        page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        return json.loads(page.partition('id="found">')[2].partition("</pre>")[0])

    return look_at


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_sticks_out(look, width):
    found = look(width)
    assert found["wider"] == 0 and found["out"] == []


def test_a_phone_gets_drawings_of_its_own(look):
    assert look(375)["wide"] == 0 and look(375)["narrow"] == 7
    assert look(1280)["wide"] == 7 and look(1280)["narrow"] == 0


def test_formulas_and_images_are_drawn(look):
    found = look(1280)
    assert found["math"] > 0 and found["images"] == found["all"] > 0


def test_the_page_goes_dark_with_the_browser(look):
    assert look(1280)["back"] == "rgb(255, 255, 255)"
    assert look(1280, "--blink-settings=preferredColorScheme=0")["back"] == "rgb(20, 23, 27)"
