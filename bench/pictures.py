"""Take the pictures of the README: `python -m bench.pictures`. Needs a Chromium; says which file is too large."""

from __future__ import annotations

import sys
from urllib.parse import urlencode

from playwright.sync_api import Browser, ViewportSize

from bench.browser import LOCALE, MISSING, TIMEOUT_MS, chromium
from bench.server import OURS, ROOT, running

FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 150_000
SIZE: ViewportSize = {"width": 1280, "height": 800}
# The file's name: the page, what its link says, and the element that the picture begins at, if not with the page.
PICTURES: dict[str, tuple[str, dict[str, object], str]] = {
    "training": ("training", {"hidden_size": 16, "step": 40}, ""),
    "shapes": ("shapes", {"cell": "lstm", "num_layers": 2, "seq_len": 6, "batch_size": 2, "task": "same"}, "flow"),
    "trajectories": ("trajectories", {"hidden_size": 16, "space": "pca3"}, "path"),
}
READY = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const charts = [...document.querySelectorAll('.chart')];
  return app?.dataset.testScriptState === 'notRunning' && charts.length > 0
    && charts.every((chart) => chart.classList.contains('js-plotly-plot'));
}"""


def take(browser: Browser, url: str, name: str) -> int:
    """Take one picture; return its size in bytes."""
    page_name, link, begin = PICTURES[name]
    page = browser.new_page(viewport=SIZE, locale=LOCALE, color_scheme="light", reduced_motion="reduce")
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{url}/{page_name}?{urlencode(link)}")
    page.wait_for_function(READY)
    page.wait_for_timeout(2000)  # fonts, and what comes after the script has rested
    if begin:
        page.locator(f".st-key-{begin}").first.evaluate("element => element.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(500)
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    page.close()
    return file.stat().st_size


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running(OURS) as server, chromium() as browser:
        if browser is None:
            sys.exit(MISSING)
        for name in PICTURES:
            size = take(browser, server.url, name)
            print(f"{name}: {size / 1000:.0f} kB{' – too large' * (size > MOST_BYTES)}")


if __name__ == "__main__":
    main()
