"""Pictures of the pages that need a story first: a project from a file, a session, functions, one item, corrections, changes.

In: a browser, a served copy of the demonstration. Out: PNG files, each page in light, in dark and on a phone. Never: a figure that
no run of the product made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect
from sklearn.datasets import load_digits

from goldseam.edge.cli.digits import CROWD
from goldseam.edge.runner import functions_set, guarding
from tests.browser.desk import Desk
from tests.browser.house import House, Person
from tests.browser.server import Server
from tests.browser.test_pages_create import drop, table
from tests.walk import small
from tests.walk import test_functions as story
from tests.walk import test_guard as guard

WIDE = {"viewport": {"width": 1280, "height": 860}}
NARROW = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", **WIDE},
    "dark": {"color_scheme": "dark", **WIDE},
    "narrow": {"color_scheme": "light", **NARROW},
}
TITLE = "Loops, open and closed"
Save = Callable[[Desk, Path], None]
Show = Callable[[Desk], None]


class Camera:
    """Takes a page in every look; `show` brings it on screen in each."""

    def __init__(self, browser: Browser, house: House, server: Server, target: Path, save: Save) -> None:
        self.browser, self.house, self.server, self.target, self.save = browser, house, server, target, save

    def desk(self, person: Person | None = None, *, project: str = "", **look: Any) -> Desk:
        name = project or self.house.digits.facts.name
        context = self.browser.new_context(reduced_motion="reduce", **(look or LOOKS["light"]))
        made = Desk(context, self.server.url, self.house.facts(name).id)
        made.enter(self.house.code(person))
        return made

    def take(self, name: str, show: Show, person: Person | None = None, project: str = "") -> None:
        for look, options in LOOKS.items():
            one = self.desk(person, project=project, **options)
            show(one)
            one.page.wait_for_load_state("networkidle")
            self.save(one, self.target / f"{name}-{look}.png")
            one.context.close()


def take_stories(camera: Camera, folder: Path) -> None:
    """Take the pages of the demonstration that need a story."""
    path = table(folder / "film_reviews.csv")
    camera.take("new", lambda one: new_project(one, path))
    hold_session(camera)
    camera.take("sessions", one_session)
    camera.take("item", one_item)
    camera.take("me", lambda one: one.open("/me", "main .figure, main dl, main table"), busiest(camera))


def busiest(camera: Camera) -> Person:
    """Return somebody of the demonstration's crowd, who has answered and was measured."""
    named = {one.name: one.id for one, _ in camera.house.digits.people()}
    name = CROWD.names[0]
    return Person(named[name], name)


def truth() -> dict[str, str]:
    """Return the digit of each image of the demonstration, by its file's name."""
    return {f"{number:04d}.png": str(digit) for number, digit in enumerate(load_digits().target)}


def new_project(desk: Desk, path: Path) -> None:
    desk.page.goto(f"{desk.origin}/new")
    desk.page.get_by_role("heading", name="New project").wait_for()
    drop(desk.page, path)
    desk.page.get_by_label("What people are asked").fill("Does the writer like the film?")
    desk.page.get_by_label("Definition of label 1").fill("More praise than blame.")
    desk.page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")


def one_item(desk: Desk) -> None:
    desk.open("/items?where=state%3Dsettled&order=confidence", "main a[href*='/items/'] img")
    desk.page.locator("main a[href*='/items/']").first.click()
    desk.page.wait_for_url("**/items/*")
    desk.page.locator("main h2").first.wait_for()


def one_session(desk: Desk) -> None:
    desk.open("/sessions", "main a[href*='/sessions/']")
    desk.page.locator("main a[href*='/sessions/']").first.click()
    desk.page.locator("main article img").first.wait_for()
    desk.page.wait_for_load_state("networkidle")
    desk.page.locator("main article").first.evaluate("(one) => { one.scrollIntoView(); scrollBy(0, -120); }")


def hold_session(camera: Camera) -> None:
    """Have two people answer four items blindly, and not quite alike."""
    people = [camera.house.person(login) for login in ("vera", "wim")]
    owner = camera.desk()
    owner.open("/sessions", "main h1")
    page = owner.page
    page.get_by_role("button", name="Start a session").click()
    page.get_by_label("What it is about").fill(TITLE)
    page.get_by_role("combobox", name="Items").select_option("random")
    page.get_by_label("How many").fill("4")
    for one in people:
        page.get_by_label(one.login).check()
    page.get_by_role("button", name="Start the session").click()
    page.get_by_text("Once all have answered").wait_for()
    session = owner.get("/calibrations")[0]["id"]
    held = {one["number"]: one["item"]["id"] for one in owner.get(f"/calibrations/{session}")["items"]}
    known = truth()
    digits = {number: known[owner.get(f"/items/{item}/trace")["key"]] for number, item in held.items()}
    odd = {number: str((int(digits[number]) + 3) % 10) for number in sorted(digits)[:2]}
    answer_session(camera.desk(people[0]), digits, "As the guideline says.")
    answer_session(camera.desk(people[1]), digits | odd, "The lower half is open.")


def answer_session(desk: Desk, digits: Mapping[int, str], reason: str) -> None:
    desk.open("/sessions", "main a[href*='/sessions/']")
    desk.page.get_by_role("link", name=TITLE).click()
    for number in sorted(digits):
        expect(desk.page.get_by_text(f"Item {number} of {len(digits)}")).to_be_visible()
        desk.page.wait_for_timeout(1_200)  # nobody looks for less
        desk.press(digits[number])
        desk.page.get_by_label("Why, in a few words").fill(reason)
        desk.press("Enter")
    expect(desk.page.get_by_text(f"Item {len(digits)} of {len(digits)}")).to_have_count(0)
    desk.context.close()


def take_corrections(camera: Camera) -> None:
    """Rule on what people disagreed on, publish, and take what those who were overruled read, and what changed."""
    project = camera.house.digits
    known = truth()
    for found in project.disagreements(1_000):
        item: Any = found["item"]
        project.rule(item["id"], known[item["origin"]["key"]], "Looked at once more, twice as large.")
    crowd = [Person(one.id, one.name) for one, _ in project.people() if one.name in CROWD.names]
    most = max(crowd, key=lambda one: len(asked(camera, one, "/corrections")["corrections"]))
    camera.take("corrections", lambda one: one.open("/corrections", "main article"), most)
    camera.house.run("digits")
    newest = project.releases()[0]["number"]
    camera.take("changes", lambda one: changes(one, int(str(newest))))


def asked(camera: Camera, person: Person, path: str) -> Any:
    """Return what the server says to somebody."""
    one = camera.desk(person)
    try:
        return one.get(path)
    finally:
        one.context.close()


def changes(desk: Desk, newest: int) -> None:
    desk.open(f"/releases/{newest}", "main table")
    desk.page.wait_for_load_state("networkidle")
    desk.page.get_by_role("heading", name="What changed").first.evaluate(
        "(one) => { one.scrollIntoView(); scrollBy(0, -80); }"
    )


def write_functions(folder: Path) -> None:
    """Make a project of texts whose functions suggest labels, one of them wrong, and of which somebody follows all."""
    policies = {
        "route": {"redundancy": 2},
        "sample": {"strategy": "random", "batch": 120},
        "guard": {"planted_share": 0.5},
    }
    with story.made(folder, 120, blind=0.4, **policies) as project:
        story.changed(project, 'return "pos" if "wonderful "', 'return "neg" if "wonderful "')
        functions_set.apply(project.world, project.facts, project.me)
        small.run(project)
        for name, follows in (("Fay", True), ("Tom", False)):
            guard.answer(project, small.member(project, name), follows=follows)
        guarding.measure(project.world, project.facts, project.me)


def take_functions(camera: Camera) -> None:
    def opened(one: Desk) -> None:
        one.open("/functions", "table")
        one.page.get_by_role("button", name="wonderful").click()
        one.page.locator(".inside li").first.wait_for()

    camera.take("functions", opened)
    camera.take("suggestions", lambda one: one.open("/people?tab=suggestions", "table"))
