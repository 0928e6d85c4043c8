"""The browser of the tests, from a package of npm."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

ROOT = Path(__file__).parents[1]
FIND = (
    'import("@sparticuz/chromium").then(async (m) => console.log(await m.default.executablePath()))'
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; for one folder of tests, since Playwright keeps an event loop meanwhile."""
    found = subprocess.run(
        ["node", "-e", FIND], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=found.stdout.strip(), args=["--no-sandbox", "--headless=shell"]
            )
        except Error as error:
            if "shared libraries" in str(error):
                pytest.skip(f"This machine lacks libraries of Chromium: {error}")
            raise
        expect.set_options(timeout=10_000)
        yield browser
        browser.close()
