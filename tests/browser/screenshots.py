"""Takes the pictures of the documentation from the demonstration itself: `python -m tests.browser.screenshots docs/images`.

In: a folder. Out: PNG files there, each under 150 kB. Never: a picture of made-up figures; this is the project that
`goldseam demo` makes.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from sklearn.datasets import load_digits

from goldseam.edge.cli.demo import _answer
from goldseam.edge.cli.digits import CROWD, LABELS, PAIRS
from goldseam.stats.crowd import confused
from goldseam.vocab.people import Role
from tests.browser import more_screenshots as more
from tests.browser.conftest import ARGUMENTS, missing
from tests.browser.desk import ITEM, Desk
from tests.browser.house import SEED, House, Person
from tests.browser.more_screenshots import NARROW, WIDE
from tests.browser.server import Server
from tests.conftest import ROOT

MOST_BYTES = 150_000
N_ANSWERS = 4
PLACES = (
    "items", "map", "guideline", "findings", "releases", "models", "routing", "ledger", "people", "settings",
)  # fmt: skip
"""Pages of a project that are pictured in light and in dark, as its owner sees them."""


def main(target: Path) -> None:
    """Run the demonstration, serve it, and take the pictures."""
    if why := missing():
        sys.exit(f"No pictures: {why}.")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        folder, later = Path(made) / "demo", Path(made) / "later"
        run_demo(folder)
        shutil.copytree(folder, later)
        with served(folder) as (house, server):
            take(browser, house, server, target)
            more.take_stories(more.Camera(browser, house, server, target / "pages", save), folder)
        with served(later) as (house, server):
            disagree(house)
            take_rulings(browser, house, server, target)
            more.take_corrections(more.Camera(browser, house, server, target / "pages", save))
        written = Path(made) / "functions"
        written.mkdir()
        more.write_functions(written)
        with served(written) as (house, server):
            more.take_functions(more.Camera(browser, house, server, target / "pages", save))
        browser.close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[House, Server]]:
    """Serve a project as long as the block lasts."""
    house, server = House(folder), Server(folder)
    server.start()
    try:
        yield house, server
    finally:
        server.stop()
        house.close()


def run_demo(folder: Path) -> None:
    """Make the demonstration's project and its map by their commands."""
    command = [sys.executable, "-c", "from goldseam.edge.cli import main; main()"]
    search = os.pathsep.join(filter(None, [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]))
    for words in (["demo", "--folder", str(folder)], ["map", "--project", str(folder)]):
        subprocess.run(
            [*command, *words, "--json"], env=os.environ | {"PYTHONPATH": search}, check=True, stdout=subprocess.DEVNULL
        )


def take(browser: Browser, house: House, server: Server, target: Path) -> None:
    """Take the pictures of a round in which people are at work."""
    for login, scheme in (("ida", "light"), ("lin", "dark")):
        one = window(browser, house, server, house.person(login), color_scheme=scheme, **WIDE)
        work(one)
        save(one, target / f"annotate-{scheme}.png")
    thumb = window(browser, house, server, house.person("noor"), **NARROW)
    work(thumb)
    save(thumb, target / "annotate-narrow.png")
    out = window(browser, house, server, None, **WIDE)
    out.page.goto(f"{server.url}/sign-in")
    out.page.get_by_label("Login").wait_for()
    save(out, target / "sign-in-light.png")
    lead = house.person("mara", role=Role.MANAGER)
    for scheme in ("light", "dark"):
        mara = window(browser, house, server, lead, color_scheme=scheme, **WIDE)
        mara.open(wait_for=".figure")
        mara.page.wait_for_load_state("networkidle")
        save(mara, target / f"project-{scheme}.png")
    take_places(browser, house, server, target)


def take_places(browser: Browser, house: House, server: Server, target: Path) -> None:
    """Take the pictures of every other page, as the owner sees it."""
    for scheme in ("light", "dark"):
        owner = window(browser, house, server, None, color_scheme=scheme, **WIDE)
        owner.enter(house.code())
        if scheme == "light":
            owner.open("/findings", "main button")
            owner.page.get_by_role("button", name="Look the labels over").click()
            owner.page.locator("main table").first.wait_for(timeout=60_000)
        for place in PLACES:
            owner.open(
                f"/{place}",
                ".chip .number" if place == "items" else "main :is(table, form, article, .sheet, dl, ol, ul)",
            )
            owner.page.wait_for_load_state("networkidle")
            save(owner, target / "pages" / f"{place}-{scheme}.png")
    sal = window(browser, house, server, house.person("sal", role=Role.REVIEWER), color_scheme="light", **WIDE)
    sal.open("/verify", ITEM)
    save(sal, target / "pages" / "verify-light.png")
    sal.open("/sheet", "main button")
    sal.page.wait_for_load_state("networkidle")
    save(sal, target / "pages" / "sheet-light.png")
    sal.page.goto(f"{server.url}/")
    sal.page.locator("main h2").first.wait_for()
    save(sal, target / "pages" / "projects-light.png")
    jana = window(browser, house, server, house.person("jana"), color_scheme="light", locale="de-DE", **WIDE)
    jana.annotate()
    save(jana, target / "pages" / "annotate-german.png")


def take_rulings(browser: Browser, house: House, server: Server, target: Path) -> None:
    """Take the picture of a round in which people disagreed."""
    mara = window(browser, house, server, house.person("mara", role=Role.MANAGER), color_scheme="light", **WIDE)
    mara.open("/adjudicate", ITEM)
    save(mara, target / "adjudicate-light.png")


def window(browser: Browser, house: House, server: Server, person: Person | None, **options: Any) -> Desk:
    """Open a window for somebody; for nobody, one that is signed out."""
    desk = Desk(browser.new_context(reduced_motion="reduce", **options), server.url, house.facts().id)
    if person is not None:
        desk.enter(house.code(person))
    return desk


def work(desk: Desk) -> None:
    """Answer a few items, and come to one that has a suggestion."""
    desk.annotate()
    done = 0
    while done < N_ANSWERS or desk.suggestion is None:
        desk.answer("Enter" if desk.suggestion else "8")
        done += 1
    desk.all_sent()


def disagree(house: House) -> None:
    """Let the demonstration's people answer what is open, this time tired, so that the round waits for rulings."""
    truth = {f"{number:04d}.png": str(digit) for number, digit in enumerate(load_digits().target)}
    people = {person.name: person.id for person, _ in house.digits.people() if person.name in CROWD.names}
    tired = confused(LABELS, dict.fromkeys(CROWD.names, 0.4), PAIRS)
    _answer(house.digits, tired, people, truth, np.random.default_rng(SEED))
    house.run("digits")
    assert house.counts()["escalated"], "nobody disagreed enough"


def save(desk: Desk, path: Path) -> None:
    """Take the picture, and write it with as few colors as it needs to be small."""
    picture = Image.open(io.BytesIO(desk.page.screenshot())).convert("RGB")
    for colors in (256, 128, 64):
        packed = io.BytesIO()
        # By coverage: a label's few pixels keep their own color.
        picture.quantize(colors, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            packed, "PNG", optimize=True
        )
        if packed.tell() < MOST_BYTES:
            break
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed.getvalue())
    print(f"{path.name}: {packed.tell() / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
