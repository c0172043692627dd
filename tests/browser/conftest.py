"""One Chromium and one house for all tests of this folder; a window of their own for everybody in a story."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House, Person, build
from tests.browser.server import Server
from tests.browser.windows import Window, Windows
from tests.conftest import ROOT

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PAGE = ROOT / "src" / "goldseam" / "edge" / "server" / "page" / "index.html"


def missing() -> str:
    """Say why the page cannot be shown here; nothing if it can."""
    if shutil.which("chromium") is None:
        return "Chromium is not here: install Debian's package chromium"
    if not PAGE.is_file():
        return "the page is not compiled: make web"
    return ""


# A package's scope, not the session's: Playwright keeps an event loop running in this thread, which other tests may not share.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if why := missing():
        pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house as it was built, once for all workers of a test run; nobody opens this one."""
    if why := missing():
        pytest.skip(why)
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if base.name.startswith("popen-") else base) / "browser-house"
    with (shared.parent / "browser-house.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            half = shared.with_name("browser-house-half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            build(half)
            half.rename(shared)
    return shared


@pytest.fixture(scope="package")
def house(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(built, folder, dirs_exist_ok=True)
    made = House(folder)
    yield made
    made.close()


@pytest.fixture(scope="package")
def server(house: House) -> Iterator[Server]:
    made = Server(house.folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="package")
def windows(chromium: Browser) -> Windows:
    return Windows(chromium)


@pytest.fixture
def desk(windows: Windows, house: House, server: Server) -> Iterator[OpenDesk]:
    """A maker of windows: `desk(person, project)`. What goes wrong unseen in any of them fails the test at its end."""
    opened: list[tuple[Window, Desk]] = []

    def open_desk(
        person: Person | None = None, project: str = "digits", *, signed_in: bool = True, **options: Any
    ) -> Desk:
        window = windows.open(options)
        made = Desk(window.context, server.url, house.facts(project).id)
        opened.append((window, made))
        if signed_in:
            made.enter(house.code(person))
        else:
            made.watch.expect("status of 401")  # the page asks who is there, and is told: nobody
        return made

    yield open_desk
    unseen = [line for _, one in opened for line in one.watch.unexpected]
    for window, one in opened:
        one.watch.leave(one.context)
        windows.take_back(window, server.url)
    assert not unseen, "the browser said:\n" + "\n".join(unseen)
