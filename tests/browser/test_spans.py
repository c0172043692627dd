"""Marking names in real texts, by mouse and by keyboard alone: what the server has is what was marked, to the code point."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import spans_house
from tests.browser.answering import Plain, own, suggest, told
from tests.browser.desk import Desk, OpenDesk
from tests.browser.house import House
from tests.browser.spans_desk import STATUS, TAGS, click, drag, mark, marking, sent, texts
from tests.browser.spans_house import ACUTE, ASTRAL, FAMILY, HEBREW, HOSTILE, NESTED, PLAIN
from tests.browser.test_access import axe, violations  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

house, server = own(spans_house.build_spans)


def suggested(desk: Desk, spans: list[Plain]) -> None:
    suggest(desk, {"kind": "span", "spans": spans}, "LOC")


def test_a_text_is_marked_by_mouse_and_every_slip_is_taken_back(desk: OpenDesk, house: House) -> None:
    ada = marking(desk(house.person("ada", "plain"), "plain"))
    mark(ada, "Ada Lovelace", "1")
    drag(ada, "harles Babbag")  # snaps to the words
    ada.page.get_by_role("button", name="Person").click()
    expect(ada.page.locator(TAGS)).to_have_count(2)
    click(ada, "London", times=2)
    told(ada, "Selected: “London”")
    ada.press("3", "2")  # the wrong label, and the right one for the word at the caret
    told(ada, "Place: “London”")
    click(ada, "London")
    ada.press("a")
    told(ada, "Place: 2 more “London”")
    expect(ada.page.locator(TAGS)).to_have_count(5)
    ada.press("z")
    expect(ada.page.locator(TAGS)).to_have_count(3)
    ada.press("Shift+Z")
    expect(ada.page.locator(TAGS)).to_have_count(5)
    drag(ada, "ou", alt=True)  # a part of a word, taken as it is
    ada.press("4")
    click(ada, "ou")
    ada.press("Delete")
    told(ada, "Removed: “ou”")
    drag(ada, "London was")  # may not overlap here
    ada.press("1")
    told(ada, "may not overlap")
    answer = sent(ada)
    names = [("Ada Lovelace", "PER"), ("Charles Babbage", "PER"), *[("London", "LOC")] * 3]
    assert texts(answer, PLAIN) == names
    assert "relations" not in answer or not answer["relations"]


def test_a_text_is_marked_without_a_mouse(desk: OpenDesk, house: House) -> None:
    bo = marking(desk(house.person("bo", "keys"), "keys"))
    expect(bo.page.get_by_role("textbox", name="Text to mark")).to_be_focused()
    bo.press("Home", "Shift+ArrowRight", "Shift+ArrowRight", "1")
    told(bo, "Person: “Ada Lovelace”")
    bo.press("ArrowRight", "ArrowRight", "1")  # the caret stands on Charles: its word
    told(bo, "Person: “Charles”")
    bo.press("]", "[")
    told(bo, "Person: “Charles”")
    bo.press("Shift+ArrowRight")
    told(bo, "End moved: “Charles Babbage”")
    bo.press("Alt+Shift+ArrowLeft", "Alt+Shift+ArrowLeft", "z", "z", "z", "Shift+Z")
    told(bo, "Done again: End moved: “Charles Babbage”")
    bo.press("Escape", "Control+End", "ArrowLeft", "2")
    told(bo, "Place: “London”")
    bo.press("[", "a")
    told(bo, "Place: 2 more “London”")
    bo.press("Tab", "Shift+Tab", "Shift+Tab")
    told(bo, "Place: “London”")
    bo.press("t")
    rows = bo.page.get_by_role("region", name="Spans as a table").get_by_role("row")
    expect(rows).to_have_count(6)
    bo.page.get_by_label("End of Ada Lovelace").fill("3")
    bo.press("Tab")
    told(bo, "Moved: “Ada”")
    bo.page.get_by_role("textbox", name="Text to mark").focus()
    answer = sent(bo)
    names = [("Ada", "PER"), ("Charles Babbage", "PER"), *[("London", "LOC")] * 3]
    assert texts(answer, PLAIN) == names


@pytest.mark.parametrize(
    ("project", "text", "words"),
    [
        ("astral", ASTRAL, [f"Rene{ACUTE}", FAMILY, "Paris", "\N{THUMBS UP SIGN}\U0001f3fd"]),
        ("hebrew", HEBREW, ["\u05d3\u05d5\u05d3 \u05d1\u05df \u05d2\u05d5\u05e8\u05d9\u05d5\u05df", "Haifa"]),
        ("hostile", HOSTILE, ["Mallory", "Rome"]),
    ],
)
def test_places_count_code_points_whatever_the_script(
    desk: OpenDesk, house: House, project: str, text: str, words: list[str]
) -> None:
    cy = marking(desk(house.person(f"cy-{project}", project), project))
    for one in words:
        mark(cy, one, "1")
    if project == "hebrew":  # the arrow to the left leads on where the text runs to the left
        cy.press("Escape", "Home", "ArrowLeft", "Shift+ArrowLeft")
        told(cy, f"Selected: “{words[0].split()[1]}”")
        cy.press("Escape")
    kept = cy.page.locator(TAGS).count()
    cy.page.reload()  # what was marked is there again: nothing was sent yet
    cy.page.locator(".gs-label").first.wait_for()
    cy.press("1")
    expect(cy.page.locator(TAGS)).to_have_count(kept)
    assert (
        cy.page.evaluate("[...document.querySelectorAll('.gs-line')].map((line) => line.textContent).join('\\n')")
        == text
    )
    assert cy.page.evaluate("window.hit") is None
    answer = sent(cy)
    assert sorted(texts(answer, text)) == sorted((one, "PER") for one in words)


def test_nested_spans_are_joined_in_two_clicks_and_a_key_and_by_keyboard(desk: OpenDesk, house: House) -> None:
    di = marking(desk(house.person("di", "nested"), "nested"))
    for words, key in (("University of Cambridge", "3"), ("Cambridge", "2"), ("England", "2"), ("Alan Turing", "1")):
        mark(di, words, key)
    expect(di.page.locator(TAGS)).to_have_count(4)
    for label, lane in {"Organization": "1", "Place": "0", "Person": "0"}.items():
        expect(di.page.locator(f"{TAGS}[data-words={label}]").last).to_have_css("--lane", lane)
    click(di, "Cambridge")
    click(di, "England", holding="Shift")
    told(di, "which relation?")
    di.press("1")
    told(di, "Joined: “Cambridge” is in “England”")
    di.press("Escape", "Home", "]")
    told(di, "Organization: “University of Cambridge”")
    di.press("r", "]", "]", "]", "r", "1")
    told(di, "is in joins")  # a person is no place
    di.press("2")
    told(di, "Joined: “University of Cambridge” knows “Alan Turing”")
    expect(di.page.locator(".gs-arc")).to_have_count(2)
    di.press("z", "Shift+Z")
    answer = sent(di)
    of = {span.get("id"): NESTED[span["start"] : span["end"]] for span in answer["spans"]}
    joined = {(of[one["head"]], one["label"], of[one["tail"]]) for one in answer["relations"]}
    assert joined == {("Cambridge", "in", "England"), ("University of Cambridge", "knows", "Alan Turing")}


def test_a_sitting_on_newspaper_by_keyboard_and_an_undo_across_items(desk: OpenDesk, house: House) -> None:
    ivo = marking(desk(house.person("ivo", "news"), "news"))
    shown: dict[str, str] = {}
    for turn in range(3):
        if turn:
            ivo.page.locator(".gs-label").first.wait_for()
            ivo.press("1")
            ivo.page.locator(".gs-text").wait_for()
        item = ivo.item
        assert item is not None
        shown[item] = ivo.page.locator(".gs-text").inner_text()
        ivo.press("Home", "2")
        expect(ivo.page.locator(TAGS)).to_have_count(1)
        ivo.press("Enter")
        ivo.changes_from(item)
    before = ivo.item
    assert before is not None
    ivo.page.locator(".gs-label").first.wait_for()
    ivo.press("z")
    ivo.changes_from(before)
    last = ivo.item
    assert last == list(shown)[-1]
    ivo.press("1")
    expect(ivo.page.locator(TAGS)).to_have_count(1)  # what was sent is marked again
    ivo.press("[", "1", "Enter")
    ivo.changes_from(last)
    ivo.all_sent()
    kept = [one for one in ivo.get("/history") if one["question"] == "names" and not one["withdrawn"]]
    assert {one["item"] for one in kept} == set(shown)
    for one in kept:
        (span,) = one["answer"]["spans"]
        assert shown[one["item"]].startswith(shown[one["item"]][span["start"] : span["end"]])
        assert span["label"] == ("PER" if one["item"] == last else "LOC")


def test_a_finger_selects_with_handles_and_taps_a_label(desk: OpenDesk, house: House) -> None:
    jan = desk(house.person("jan", "shown"), "shown", has_touch=True, viewport={"width": 390, "height": 844})
    marking(jan)
    jan.page.evaluate(
        """() => {
          const line = document.querySelector('.gs-line').firstChild;
          const start = line.data.indexOf('ambridge');
          getSelection().setBaseAndExtent(line, start, line, start + 4);
        }"""
    )
    expect(jan.page.locator(STATUS)).to_contain_text("18–27")
    jan.page.get_by_role("button", name="Place").tap()
    told(jan, "Place: “Cambridge”")
    jan.page.locator(".gs-span").tap()
    expect(jan.page.get_by_role("button", name="Place")).to_have_attribute("aria-pressed", "true")


def test_suggestions_look_different_one_is_rejected_and_enter_takes_the_rest(desk: OpenDesk, house: House) -> None:
    el = desk(house.person("el", "suggested"), "suggested")
    wanted = [("Ada Lovelace", "PER", 0.9), ("Charles", "PER", 0.4), ("London", "LOC", 0.8)]
    suggested(el, [_span(PLAIN, *one) for one in wanted])
    marking(el)
    expect(el.page.locator(f"{TAGS}[data-kind=suggested]")).to_have_count(3)
    expect(el.page.locator(".gs-proposed-words")).to_have_text("3 suggested · 84 % sure · tagger")
    expect(el.page.locator(STATUS)).to_have_text("0 marked")
    el.press("]", "]")
    told(el, "Person: “Charles”, suggested, 40 % sure")
    el.press("x")
    told(el, "Rejected: “Charles”")
    click(el, "Ada Lovelace")
    told(el, "Accepted: Person: “Ada Lovelace”")
    answer = sent(el)
    assert texts(answer, PLAIN) == [("Ada Lovelace", "PER"), ("London", "LOC")]


def _span(text: str, words: str, label: str, confidence: float) -> dict[str, Any]:
    start = text.index(words)
    return {"start": start, "end": start + len(words), "label": label, "confidence": confidence}


def test_a_text_without_names_takes_two_presses_so_that_none_is_said_by_slip(desk: OpenDesk, house: House) -> None:
    flo = marking(desk(house.person("flo", "none"), "none"))
    flo.press("Enter")
    told(flo, "Nothing is marked. Enter again")
    assert sent(flo) == {"kind": "span", "spans": [], "relations": []} or not sent_spans(flo)


def sent_spans(desk: Desk) -> list[Any]:
    found: list[Any] = next(one["answer"]["spans"] for one in desk.get("/history") if one["question"] == "names")
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_a_marked_text(desk: OpenDesk, house: House, axe: str, width: int) -> None:  # noqa: F811 - a fixture is asked for by its name
    gil = desk(house.person(f"gil-{width}", "shown"), "shown", viewport={"width": width, "height": 844})
    suggested(gil, [_span(NESTED, "Alan", "PER", 0.9)])
    marking(gil)
    mark(gil, "England", "2")
    gil.press("[", "t")
    expect(gil.page.get_by_role("region", name="Spans as a table")).to_be_visible()
    found = violations(gil.page, axe)
    assert not found, "\n".join(found)
    assert gil.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"


OPENED = """() => new Promise((done) => {
  const pressed = performance.now();
  const look = () => {
    if (!document.querySelector('.gs-line')) return requestAnimationFrame(look);
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now() - pressed);
      port2.postMessage(null);
    });
  };
  document.querySelector('.gs-label').click();
  look();
})"""
PRESSED = """() => {
  window.took = [];
  addEventListener('keydown', () => {
    const pressed = performance.now();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.took.push(performance.now() - pressed);
      port2.postMessage(null);
    });
  }, true);
}"""
WALK = (
    "ArrowRight",
    "Shift+ArrowRight",
    "1",
    "[",
    "Shift+ArrowRight",
    "ArrowRight",
    "2",
    "]",
    "Control+End",
    "ArrowLeft",
    "3",
    "z",
)


@pytest.mark.slow
@pytest.mark.parametrize(("project", "n_spans"), [("million", 0), ("dense", 5_000)])
def test_a_million_characters_and_five_thousand_spans_open_and_answer_every_key(
    desk: OpenDesk, house: House, capsys: pytest.CaptureFixture[str], project: str, n_spans: int
) -> None:
    hal = desk(house.person("hal", project), project)
    text = spans_house.long_text(1_000_000 if project == "million" else 500_000)
    if n_spans:
        starts = [n for n in range(len(text)) if text.startswith(("Berlin", "Maria Koch", "Genoa"), n)][:n_spans]
        assert len(starts) == n_spans
        suggested(hal, [{"start": n, "end": n + 5, "label": "LOC", "confidence": 0.9} for n in starts])
    hal.annotate()
    opened = hal.page.evaluate(OPENED)
    assert hal.page.evaluate("document.querySelector('.gs-text').textContent.length") > 490_000
    hal.page.evaluate(PRESSED)
    for key in WALK:
        hal.press(key)
        hal.page.wait_for_timeout(40)
    hal.page.wait_for_function("(n) => window.took.length >= n", arg=len(WALK))
    took = sorted(hal.page.evaluate("window.took"))
    if n_spans:
        expect(hal.page.locator(".gs-proposed-words")).to_contain_text("suggested")
    with capsys.disabled():
        print(
            f"\n{len(text):,} characters, {n_spans:,} spans: open {opened:.0f} ms, a key at most {took[-1]:.0f} ms, median {took[len(took) // 2]:.0f} ms"
        )
