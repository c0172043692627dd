"""The pages on which a project is led: its rules, sessions, releases, models, ledger, findings and settings."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from goldseam.edge.client import new_id
from goldseam.edge.runner import people, proposals
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.proposals import Wish
from goldseam.vocab.people import Act, Role
from goldseam.vocab.talk import About, ProposalId
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House, Person
from tests.browser.test_access import axe, violations  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser


def go(desk: Desk, path: str, name: str | re.Pattern[str]) -> None:
    desk.page.goto(f"{desk.origin}/p/{desk.project}{path}")
    desk.page.get_by_role("heading", name=name).first.wait_for()


def permit(house: House, project: str, act: Act, person: Person) -> people.Permit:
    return people.permit(house.world, Principal(person.id, person.login), house.facts(project).id, act)


def test_a_proposal_becomes_the_next_version_of_the_rules_and_its_words_are_marked(
    desk: OpenDesk, house: House
) -> None:
    ulla = house.person("ulla", "shared queue")
    wish = Wish(
        ProposalId(new_id()),
        About.CLAUSE,
        "- Irony counts as blame.",
        "- Irony counts as what it means.",
        why="Clearer.",
    )
    proposals.propose(house.world, permit(house, "shared queue", Act.ANNOTATE, ulla), wish)
    mara = desk(house.person("mara-of-rules", "shared queue", role=Role.MANAGER), "shared queue")
    page = mara.page
    go(mara, "/guideline", "Guideline")
    expect(page.locator(".prose")).to_contain_text("Irony counts as what it means.")
    page.get_by_role("link", name=re.compile("^Proposals")).click()
    card = page.locator("article").filter(has_text="Because: Clearer.")
    expect(card.locator("ins")).to_contain_text("blame")
    card.get_by_label("Reason, which its author reads").fill("Agreed on Monday.")
    card.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="Put it into the guideline").click()
    expect(page.get_by_role("textbox", name="Rules, in Markdown")).to_have_value(re.compile("Irony counts as blame."))
    page.get_by_role("button", name="Add a worked example").click()
    page.get_by_label("Text", exact=True).fill("Late ferry is as long as its title says.")
    page.get_by_role("combobox", name="Label", exact=True).select_option("does not")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text("Late ferry")
    facts = house.facts("shared queue")
    assert (facts.guideline_version, facts.guideline.worked_examples[0].label) == (2, "does not")

    page.get_by_role("link", name="Changes", exact=True).click()
    changes = page.get_by_role("region", name="What changed from version 1 to version 2")
    expect(changes.locator("del")).to_contain_text(["what it means"])
    expect(changes.locator("ins").first).to_contain_text("blame")

    own = desk(ulla, "shared queue")
    go(own, "/guideline?tab=proposals", "Guideline")
    expect(own.page.locator("article")).to_contain_text("accepted")
    expect(own.page.locator("article")).to_contain_text("It stands in the guideline now.")
    expect(own.page.get_by_role("link", name="Write")).to_have_count(0)


def test_of_two_who_write_rules_at_once_the_second_sees_the_first(desk: OpenDesk, house: House) -> None:
    name, logins = "tied for good", ("mara-first", "lena-second")
    mara, lena = (desk(house.person(one, name, role=Role.MANAGER), name) for one in logins)
    for one, login in zip((mara, lena), logins, strict=True):
        go(one, "/guideline?tab=write", "Guideline")
        one.page.get_by_role("textbox", name="Rules, in Markdown").fill(f"Judge as {login} does.")
    mara.page.get_by_role("button", name=re.compile("^Publish version")).click()
    expect(mara.page.get_by_text("is in force.")).to_be_visible()
    lena.watch.expect("status of 409")
    lena.page.get_by_role("button", name=re.compile("^Publish version")).click()
    expect(lena.page.locator(".bad")).to_contain_text("was made meanwhile")
    expect(lena.page.get_by_role("region", name="What changes for people").locator("del").first).to_contain_text(
        "mara-first"
    )


def held_back(page: Page, words: str) -> Callable[[], None]:
    """Hold back the page's files with these words in them; the function returned lets them come."""
    held: list[Route] = []
    free: list[bool] = []

    def pass_on(route: Route) -> None:
        reply = route.fetch()
        if words in reply.text() and not free:
            held.append(route)
        else:
            route.fulfill(response=reply)

    def come() -> None:
        free.append(True)
        while held:
            held.pop().continue_()

    page.route("**/_app/**/*.js", pass_on)
    return come


def test_a_session_is_answered_blindly_talked_about_and_agreed_on(
    desk: OpenDesk,
    house: House,
    axe: str,  # noqa: F811 - a fixture is asked for by its name
) -> None:
    name = "films"
    vera, wim = (house.person(one, name) for one in ("vera", "wim"))
    mara = desk(None, name)
    go(mara, "/sessions", "Calibration sessions")
    mara.page.get_by_role("button", name="Start a session").click()
    mara.page.get_by_label("What it is about").fill("Irony")
    mara.page.get_by_role("combobox", name="Items").select_option("random")
    mara.page.get_by_label("How many").fill("2")
    for one in ("vera", "wim"):
        mara.page.get_by_label(one, exact=True).check()
    mara.page.get_by_role("button", name="Start the session").click()
    expect(mara.page.get_by_text("Once all have answered, the disagreements are shown here.")).to_be_visible()
    for who, keys in ((vera, "11"), (wim, "21")):
        one = desk(who, name)
        go(one, "/sessions", "Calibration sessions")
        come = held_back(one.page, "gs-labels")
        one.page.get_by_role("link", name="Irony").click()
        for nth, key in enumerate(keys, start=1):
            expect(one.page.get_by_text(f"Item {nth} of 2")).to_be_visible()
            assert nth > 1 or not one.page.locator(".gs-label").count(), "the editor is not held back"
            one.press(key)
            come()  # the first key is pressed before there is an editor, and is not lost
            expect(one.page.get_by_role("button", name="Answer and go on")).to_be_enabled()
            one.page.get_by_label("Why, in a few words").fill(f"{who.login} thinks so.")
            one.press("Enter")
    expect(one.page.get_by_text("100 % of pairs disagree")).to_be_visible()
    assert "vera" not in one.page.locator("main").inner_text().replace("vera thinks so.", ""), "names stay covered"
    mara.page.reload()
    card = mara.page.locator("article").first
    expect(card).to_contain_text("vera thinks so.")
    expect(card).to_contain_text("wim,")
    card.get_by_text("Agree on an answer").click()
    card.locator(".gs-label", has_text="likes it").click()
    card.get_by_label(re.compile("^The clause")).fill("Praise that mocks is no praise.")
    card.get_by_role("button", name="Keep what was agreed").click()
    expect(card).to_contain_text("The clause is not in the guideline yet.")
    assert not violations(mara.page, axe)
    mara.page.get_by_role("button", name="End the session").click()
    expect(mara.page.get_by_role("button", name="Measure after")).to_be_visible()


def unfold(page: Page, entry: Locator) -> None:
    """Unfold an entry of the ledger; what other stories did meanwhile stands before it."""
    page.locator("li summary").first.wait_for()
    while not entry.count():
        shown = page.locator("li summary").count()
        page.get_by_role("button", name="Older entries").click()
        expect(page.locator("li summary")).not_to_have_count(shown)
    entry.locator("summary").click()


def test_a_stranger_checks_a_release_and_an_entry_in_the_browser_alone(desk: OpenDesk, house: House) -> None:
    mara = desk(None, "digits")
    page = mara.page
    go(mara, "/releases", "Releases")
    page.get_by_role("link", name="Release 1", exact=True).click()
    page.get_by_role("button", name="Check every file here").click()
    expect(page.get_by_text("All 6 files are those that were published.")).to_be_visible()
    page.route("**/files/guideline.md", lambda route: route.fulfill(body="Something else."))
    page.get_by_role("button", name="Check every file here").click()
    expect(page.locator(".bad").first).to_contain_text("differs")
    expect(page.get_by_role("region", name="Its card")).to_contain_text("Krippendorff")
    expect(page.get_by_role("link", name=re.compile("^Round 1"))).to_be_visible()

    page.get_by_role("link", name="Models", exact=True).click()
    champion = page.locator("article").filter(has_text="Champion")
    expect(champion.get_by_role("link", name=re.compile("release 1$"))).to_be_visible()

    go(mara, "/ledger", "Ledger")
    entry = page.locator("li").filter(has_text="published release 1")
    unfold(page, entry)
    entry.get_by_role("button", name="Check it here").click()
    expect(entry.get_by_text("It holds.")).to_be_visible()
    expect(entry.locator("ul")).to_contain_text("The root is signed by the key named above")

    def forged(route: Route) -> None:
        found = route.fetch().json()
        for one in found["entries"]:
            one["canonical"] = one["canonical"].replace('"number":1', '"number":7')
        route.fulfill(json=found)

    page.route("**/ledger/page*", forged)
    page.reload()
    unfold(page, entry)
    entry.get_by_role("button", name="Check it here").click()
    expect(entry.get_by_text("It does not hold.")).to_be_visible()


def test_labels_are_looked_over_and_the_doubtful_sent_to_be_labeled_again(desk: OpenDesk, house: House) -> None:
    mara = desk(None, "digits")
    page = mara.page
    go(mara, "/findings", "Findings")
    page.get_by_role("button", name="Look the labels over").click()
    page.get_by_role("heading", name="Labels that cost the model most").wait_for(timeout=60_000)
    table = page.get_by_role("region", name="Labels that are likely wrong, as a table")
    before = house.counts()["wanted"]
    table.locator("tbody input").first.check()
    page.get_by_role("button", name="Send 1 item to be labeled again").click()
    expect(page.get_by_text("1 item is asked about again.")).to_be_visible()
    expect(table.locator("tbody tr").first).to_contain_text("sent")
    assert house.counts()["wanted"] == before + 1
    page.reload()
    expect(table.locator("tbody tr").first).to_contain_text("sent")

    rev = desk(house.person("rev", role=Role.REVIEWER))
    go(rev, "/findings", "Findings")
    expect(rev.page.locator("main")).to_contain_text("This page is for those who look after its quality")


def test_a_change_of_settings_is_seen_with_its_cost_before_it_is_made(desk: OpenDesk, house: House) -> None:
    owner = desk(None, "tied for good")
    page = owner.page
    go(owner, "/settings", "Settings")
    text = page.get_by_role("textbox", name="Project file, in YAML")
    expect(text).to_have_value(re.compile("redundancy: 2"))
    wanted = text.input_value().replace("redundancy: 2", "redundancy: 3")
    text.fill(wanted.replace("redundancy:", "redundansy:"))
    owner.watch.expect("status of 422")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator(".bad")).to_contain_text("Did you mean 'redundancy'?")
    text.fill(wanted)
    page.get_by_role("button", name="Show what would change").click()
    planned = page.get_by_role("region", name="What would change")
    expect(planned).to_contain_text("route.redundancy: 2 -> 3")
    expect(planned).to_contain_text("A round asks for 24 answers; it was 16.")
    page.get_by_role("button", name="Make it so").click()
    expect(page.get_by_text(re.compile("^✓ It is so now"))).to_be_visible()
    assert house.facts("tied for good").settings.route.redundancy == 3
    page.get_by_label("Find a setting").fill("redundancy")
    expect(page.get_by_role("region", name="Settings, as a table").locator("tbody tr")).to_have_count(1)
