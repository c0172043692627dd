"""A project made in the browser: a file is dropped, its columns are recognized, a question is asked, people are invited."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from goldseam.edge.runner import projects
from tests.browser.desk import ITEM, Desk, OpenDesk
from tests.browser.house import House
from tests.browser.test_access import axe, violations  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser


def table(path: Path, n_rows: int = 40) -> Path:
    """Write reviews of films, two of which cannot be labeled."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review_id", "review", "sentiment", "site"])
        for n in range(n_rows):
            mood = ("positive", "negative")[n % 2]
            verdict = ("a quiet wonder, worth the walk home", "as long as its title says, and duller")[n % 2]
            writer.writerow([f"r{n}", f"Film number {n} is {verdict}.", mood, ("web", "shop")[n % 3 == 0]])
        writer.writerow(["r90", "   ", "positive", "web"])
        file.write("r91,too,many,cells,here\n")
    return path


def drop(page: Page, path: Path) -> None:
    """Drop a file where files are dropped."""
    handle = page.evaluate_handle(
        """([name, text]) => { const held = new DataTransfer(); held.items.add(new File([text], name)); return held; }""",
        [path.name, path.read_text(encoding="utf-8")],
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": handle})


def opened(desk: OpenDesk) -> Desk:
    one = desk()
    one.page.goto(f"{one.origin}/")
    one.page.get_by_role("link", name="New project").click()
    one.page.get_by_role("heading", name="New project").wait_for()
    return one


def test_a_dropped_table_is_a_project_with_people_in_it_in_one_sitting(
    desk: OpenDesk,
    house: House,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    axe: str,  # noqa: F811 - a fixture is asked for by its name
) -> None:
    began = time.monotonic()
    mara = opened(desk)
    page = mara.page
    assert violations(page, axe) == []
    drop(page, table(tmp_path / "film_reviews.csv"))

    expect(page.get_by_label("What people read")).to_have_value("review")
    expect(page.get_by_label("Its own id")).to_have_value("review_id")
    expect(page.get_by_label("Labels it has already")).to_have_value("sentiment")
    expect(page.get_by_role("region", name="The first rows").locator("tbody tr")).to_have_count(10)
    expect(page.locator(".verdict")).to_contain_text("2 rows would be refused of the 42")
    page.get_by_text("Which, and why").click()
    expect(page.locator(".verdict li")).to_have_count(2)
    expect(page.locator(".verdict")).to_contain_text("it has 5 cells, the header has 4")

    expect(page.get_by_label("Name", exact=True)).to_have_value("film reviews")
    expect(page.get_by_label("Label 1", exact=True)).to_have_value("positive")
    page.get_by_label("What people are asked").fill("Does the writer like the film?")
    page.get_by_label("Definition of label 2").fill("More blame than praise.")
    page.get_by_label("Key of label 2").fill("n")
    preview = page.get_by_role("complementary", name="As annotators will have it")
    expect(preview).to_contain_text("Film number 0 is a quiet wonder")
    expect(preview).to_contain_text("More blame than praise.")
    preview.get_by_role("button", name=re.compile("negative")).click()
    expect(preview.get_by_role("status")).to_have_text("Answered: negative")
    page.get_by_label("Rules, in Markdown").fill("# Irony\n\nCounts as what it *means*. <script>window.hit=1</script>")
    rules = page.get_by_role("region", name="Guideline as people will read it")
    expect(rules.get_by_role("heading", name="Irony")).to_be_visible()
    assert page.evaluate("window.hit") is None
    assert violations(page, axe) == []

    page.get_by_role("button", name="Create the project").click()
    expect(page.get_by_role("heading", name="film reviews is ready", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("40 accepted, 0 duplicate, 2 refused")).to_be_visible()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label(re.compile("For one person")).input_value()
    assert "/join#invitation=" in link
    assert violations(page, axe) == []
    with capsys.disabled():
        print(f"\na project from a dropped table: {time.monotonic() - began:.1f} s (a person has two minutes)")

    facts = projects.by_name(house.world, "film reviews")
    assert (facts.n_items, facts.schema.main.prompt) == (40, "Does the writer like the film?")
    nina = desk(signed_in=False)
    for status in ("401", "422"):
        nina.watch.expect(f"status of {status}")
    nina.page.goto(link)
    expect(nina.page.locator("main")).to_contain_text("To film reviews, as an annotator")
    assert violations(nina.page, axe) == []
    nina.page.get_by_label("Your name").fill("Nina")
    nina.page.get_by_label("Login").fill("nina")
    nina.page.get_by_label(re.compile("Password")).fill("a river in spring")
    nina.page.get_by_role("button", name="Make an account and begin").click()
    nina.page.get_by_role("link", name="Annotate").first.click()
    nina.page.locator(ITEM).wait_for()
    expect(nina.page.get_by_role("button", name=re.compile("negative"))).to_contain_text("N")


def test_a_folder_of_images_is_shown_as_its_annotators_will_see_it(
    desk: OpenDesk, house: House, tmp_path: Path
) -> None:
    folder = tmp_path / "tiles"
    folder.mkdir()
    for n in range(3):
        Image.new("RGB", (40, 30), (60 * n, 120, 90)).save(folder / f"tile-{n}.png")
    (folder / "broken.png").write_bytes(b"no image")
    (folder / "notes.txt").write_text("left aside")
    mara = opened(desk)
    page = mara.page
    page.get_by_label("Choose a folder").set_input_files(folder)
    expect(page.locator(".verdict")).to_contain_text("1 file would be refused of the 4")
    expect(page.locator("main")).to_contain_text("1 files that are no images were left aside.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("tiles")
    page.get_by_label("What people are asked").fill("Is it green?")
    page.get_by_label("Label 1", exact=True).fill("yes")
    expect(page.get_by_role("button", name="Create the project")).to_be_disabled()
    page.get_by_label("Label 2", exact=True).fill("no")
    expect(page.get_by_role("complementary").locator("img")).to_be_visible()
    page.get_by_role("button", name="Create the project").click()
    expect(page.get_by_role("heading", name="tiles is ready", exact=True)).to_be_visible(timeout=30_000)
    assert projects.by_name(house.world, "tiles").n_items == 3


def test_what_cannot_be_used_is_said_with_what_can(desk: OpenDesk, house: House, tmp_path: Path) -> None:
    mara = opened(desk)
    wrong = tmp_path / "report.csv"
    wrong.write_text("", encoding="utf-8")
    mara.watch.expect(r"status of 422")
    drop(mara.page, wrong)
    expect(mara.page.locator(".bad")).to_contain_text("The file is empty; its first line should name the columns.")
    taken = table(tmp_path / "films.csv", 4)
    mara.watch.expect(r"status of 409")
    drop(mara.page, taken)
    mara.page.get_by_label("What people are asked").fill("Liked?")
    mara.page.get_by_label("Name", exact=True).fill("films")
    mara.page.get_by_role("button", name="Create the project").click()
    expect(mara.page.locator("footer")).to_contain_text("A project named 'films' exists already")

    sam = desk(house.person("sam-who-labels", "films"), "films")
    sam.page.goto(f"{sam.origin}/")
    sam.page.locator(".card").first.wait_for()
    expect(sam.page.get_by_role("link", name="New project")).to_have_count(0)
    sam.page.goto(f"{sam.origin}/new")
    expect(sam.page.locator("main")).to_contain_text("Ask an owner to make it with you")
