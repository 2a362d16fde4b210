"""A headless Chromium, pages in it, and when such a page has come to rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "no Chromium found"
LOCALE = "en-US"
SIZE: ViewportSize = {"width": 1280, "height": 1600}
TIMEOUT_MS = 60_000
REST_MS = 250  # so long without a script running, a page is taken to be at rest

# Resolves once no script has run for a while and, where a word is waited for, that word is on the page.
REST = """
([rest, words]) => new Promise((resolve, reject) => {
  const app = () => document.querySelector('[data-testid=stApp]');
  const begin = performance.now();
  let still = null;
  const look = () => {
    const now = performance.now();
    const done = app()?.dataset.testScriptState === 'notRunning'
      && app().dataset.testConnectionState === 'CONNECTED'
      && (!words || app().textContent.includes(words));
    still = done ? (still ?? now) : null;
    if (still !== null && now - still >= rest) resolve();
    else if (now - begin > 60000) reject(new Error('the page did not come to rest'));
    else setTimeout(look, 20);
  };
  look();
})
"""


def find_chromium() -> str | None:
    """Return where a Chromium is, if there is one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """Run a headless Chromium; None where there is none."""
    path = find_chromium()
    if path is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def profiles(count: int) -> Iterator[list[BrowserContext]]:
    """Run headless Chromiums that keep what they have fetched and compiled, as a viewer's does; none without one."""
    path = find_chromium()
    if path is None:
        yield []
        return
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        launch = playwright.chromium.launch_persistent_context
        found = [
            launch(f"{folder}/{i}", executable_path=path, args=list(FLAGS), locale=LOCALE, viewport=SIZE)
            for i in range(count)
        ]
        try:
            for viewer in found:
                viewer.set_default_timeout(TIMEOUT_MS)
            yield found
        finally:
            for viewer in found:
                viewer.close()


def new_viewer(browser: Browser) -> BrowserContext:
    """Begin a browser of its own for a viewer who reads English; each of its pages is a session to the server."""
    viewer = browser.new_context(locale=LOCALE, viewport=SIZE)
    viewer.set_default_timeout(TIMEOUT_MS)
    return viewer


def open_page(viewer: BrowserContext, address: str) -> Page:
    """Begin to open an address, without waiting for what it shows."""
    page = viewer.new_page()
    page.goto(address, wait_until="commit")
    return page


def rest(page: Page, words: str = "") -> None:
    """Wait until a page is at rest, and shows some words if any are given."""
    page.evaluate(REST, [REST_MS, words])
