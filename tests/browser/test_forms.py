"""Every question that is not asked of a text's spans or an image's shapes, answered by mouse and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import forms_house
from tests.browser.answering import LAST, Plain, own, suggest
from tests.browser.desk import Desk, OpenDesk
from tests.browser.forms_desk import BY_KEYS, BY_MOUSE, EDITOR, asking, button, sent
from tests.browser.house import House
from tests.browser.test_access import axe, violations_at  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser

house, server = own(forms_house.build_forms)


@pytest.mark.parametrize("name", BY_KEYS)
def test_a_question_is_answered_without_a_mouse(desk: OpenDesk, house: House, name: str) -> None:
    keys, wanted = BY_KEYS[name]
    ada = asking(desk(house.person(f"ada-{name}", name), name))
    if name in {"text", "fields"}:
        expect(ada.page.locator(".gf-field:focus")).to_have_count(1)  # typing begins at once
    ada.press(*keys)
    assert sent(ada) == wanted


@pytest.mark.parametrize("name", BY_MOUSE)
def test_a_question_is_answered_by_mouse(desk: OpenDesk, house: House, name: str) -> None:
    bo = asking(desk(house.person(f"bo-{name}", name), name))
    wanted = BY_MOUSE[name](bo)
    assert sent(bo) == wanted


@pytest.mark.parametrize("name", ["choices", "strength", "ranking", "rubric", "rating"])
def test_a_thumb_is_enough(desk: OpenDesk, house: House, name: str) -> None:
    size: Plain = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
    jo = asking(desk(house.person(f"jo-{name}", name), name, **size))
    small = jo.page.evaluate(
        "[...document.querySelectorAll('.editor button')].filter((one) => one.offsetParent && (one.offsetWidth < 31 || one.offsetHeight < 44)).map((one) => one.outerHTML)"
    )
    assert not small
    assert jo.page.evaluate("document.querySelector('.desk').scrollWidth <= innerWidth"), "wider than the screen"
    if name == "ranking":
        button(jo, "C one up").tap()
        button(jo, "Submit").tap()
        assert sent(jo) == {"kind": "ranking", "order": [[0], [2], [1]]}
    else:
        wanted = BY_MOUSE[name](jo)
        assert sent(jo) == wanted


@pytest.mark.parametrize("name", ["choices", "taxonomy", "number", "text", "ranking", "rubric", "fields"])
def test_a_suggestion_is_told_put_aside_and_taken_by_one_key(desk: OpenDesk, house: House, name: str) -> None:
    wanted = BY_KEYS[name][1]
    el = desk(house.person(f"el-{name}", name), name)
    suggest(el, wanted)
    asking(el)
    expect(el.page.locator(".gf-proposal")).to_contain_text("84 % sure · tagger")
    el.press("Enter")
    assert sent(el) == wanted


def test_what_is_not_yet_an_answer_says_what_is_missing_and_survives_a_reload(desk: OpenDesk, house: House) -> None:
    cy = asking(desk(house.person("cy", "fields"), "fields"))
    cy.press(*"1,250")
    note = cy.page.locator(".gf-end .gf-note")
    cy.press("Control+Enter")
    expect(note).to_have_text("total: “1,250” is no number.")
    cy.page.get_by_label("total").first.fill("1250")
    cy.page.wait_for_timeout(400)  # drafts are written a quarter of a second after the last act
    cy.page.reload()
    cy.page.locator(".gs-label").first.wait_for()
    cy.press("1")
    expect(cy.page.get_by_label("total").first).to_have_value("1250")


def field(desk: Desk) -> None:
    """Wait for the question that is answered in a field: typing begins there at once."""
    expect(desk.page.locator(".prompt")).to_have_text("Anything else?")
    expect(desk.page.locator("textarea:focus")).to_have_count(1)


def test_an_earlier_answer_changed_drops_what_is_no_longer_asked_and_undo_brings_it_back(
    desk: OpenDesk, house: House
) -> None:
    di = desk(house.person("di", "tree"), "tree")
    di.annotate()
    steps = di.page.get_by_role("navigation", name="Questions of this item").get_by_role("button")
    expect(steps).to_have_count(2)
    di.press("1")
    expect(di.page.get_by_role("checkbox")).to_have_count(2)
    di.press("1", "Enter")
    expect(steps).to_have_count(4)
    expect(di.page.get_by_role("radio")).to_have_count(5)
    di.press("4")
    field(di)
    di.press("Escape", "b", "b", "b")
    expect(di.page.locator(".prompt")).to_have_text("What is it?")
    di.press("2")  # a list: what it is about and how kind it is are not asked
    field(di)
    expect(steps).to_have_count(2)
    expect(di.page.locator(LAST)).to_contain_text("about, tone: no longer asked")
    di.press("Escape", "z")
    expect(steps).to_have_count(4)
    first = di.item
    di.press("1")
    field(di)
    di.press("Escape", "n")
    assert first is not None
    di.changes_from(first)
    di.all_sent()
    kept = {one["question"]: one["answer"] for one in di.get("/history")}
    assert kept == {
        "kind": {"kind": "choice", "label": "letter"},
        "about": {"kind": "choices", "labels": ["money"]},
        "tone": {"kind": "rating", "value": 4},
    }
    di.press("z")  # the whole item comes back, with what was said
    di.page.wait_for_function("(item) => document.querySelector('article').dataset.item === item", arg=first)
    expect(di.page.locator(".gs-label[data-state=chosen]")).to_contain_text("letter")


def test_the_whole_form_is_one_key_away_and_is_sent_together(desk: OpenDesk, house: House) -> None:
    flo = desk(house.person("flo", "tree"), "tree")
    flo.annotate()
    flo.press("v")
    sections = flo.page.locator("section[data-place]")
    expect(sections).to_have_count(2)
    expect(flo.page.locator(".gs-label")).to_have_count(3)
    flo.press("1")
    expect(sections).to_have_count(3)
    expect(flo.page.get_by_role("checkbox")).to_have_count(2)
    flo.press("2", "Enter")
    expect(flo.page.locator("section[data-place='1']")).to_contain_text("answered")
    expect(sections).to_have_count(3)  # machines: nobody asks for the tone
    flo.page.get_by_role("checkbox", name="money").click()
    flo.page.locator("section[data-place='1']").get_by_role("button", name="Submit").click()
    expect(sections).to_have_count(4)
    flo.page.get_by_role("radio", name="3").click()
    before = flo.item
    assert before is not None
    expect(flo.page.get_by_role("button", name="Send all")).to_be_focused()
    flo.press("Enter")
    flo.changes_from(before)
    flo.all_sent()
    assert {one["question"] for one in flo.get("/history")} == {"kind", "about", "tone"}


def test_html_is_shown_in_a_frame_that_can_do_nothing(desk: OpenDesk, house: House) -> None:
    eve = asking(desk(house.person("eve", "attacks"), "attacks"))
    frame = eve.page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("still readable")
    host = eve.page.locator("iframe")
    assert host.get_attribute("sandbox") == ""
    frame.get_by_text("press").click(force=True)
    eve.page.wait_for_timeout(300)  # nothing happens: there is nothing to wait for
    assert eve.page.evaluate("[window.hit, document.querySelectorAll('iframe').length, location.pathname]")[:2] == [
        None,
        1,
    ]
    inside = next(one for one in eve.page.frames if one is not eve.page.main_frame)
    assert inside.url == "about:srcdoc"
    assert (
        inside.evaluate(
            "document.querySelectorAll('script,style:not(head style),form,input,svg,link,iframe,base,object,video,[style]').length"
        )
        == 0
    )
    assert "elsewhere.invalid" not in " ".join(eve.watch.calls)
    eve.press("3")  # the click has not taken the keys away
    assert sent(eve) == {"kind": "rating", "value": 3}


def test_a_long_table_draws_what_is_on_screen_and_a_chat_tells_its_roles_in_words(desk: OpenDesk, house: House) -> None:
    gus = asking(desk(house.person("gus", "table"), "table"))
    rows = gus.page.locator("tbody tr")
    assert rows.count() < 80
    room = gus.page.locator(".room.virtual")
    room.evaluate("(room) => room.scrollTo(0, 38 * 4000)")
    expect(gus.page.get_by_role("cell", name="Station 4003", exact=True)).to_be_visible()
    assert room.evaluate("(room) => room.scrollTop") == 38 * 4000, "it stays where it was scrolled to"
    gus.project = house.facts("rubric").id
    hal = asking(desk(house.person("hal", "rubric"), "rubric"))
    assert hal.page.locator(".who strong").all_text_contents() == ["System", "User", "Assistant", "User", "Assistant"]
    expect(hal.page.locator("li pre code")).to_have_text("back = items[::-1]\n")


LOOKED_AT = [name for name in forms_house.PROJECTS if name not in {"paths", "attacks", "record"}]


@pytest.mark.parametrize("names", [LOOKED_AT[nth::3] for nth in range(3)], ids="-".join)
def test_axe_finds_nothing_on_any_form(desk: OpenDesk, house: House, axe: str, names: list[str]) -> None:  # noqa: F811 - a fixture is asked for by its name
    one = desk(house.person(f"axe-{names[0]}", *names), names[0])
    found: list[str] = []
    for name in names:
        one.project = house.facts(name).id
        one.annotate()
        one.press("v" if name == "tree" else "1")
        one.page.locator("section[data-place]" if name == "tree" else EDITOR).first.wait_for()
        if len(BY_KEYS.get(name, ((),))[0]) > 2:
            one.press(*BY_KEYS[name][0][:2])
        assert one.item is not None
        found += [f"{name}: {line}" for line in violations_at(one.page, axe, [(1280, 844), (390, 844)])]
    assert not found, "\n".join(found)


FOUND = """async () => {
  const field = document.querySelector('.editor [role=combobox]');
  const took = [];
  for (const text of ['s', 'sp', 'spe', 'spec', 'species 29', 'sl', 'otter', '']) {
    const pressed = performance.now();
    field.value = text;
    field.dispatchEvent(new Event('input'));
    await new Promise((done) => requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); }));
    took.push(performance.now() - pressed);
  }
  return [took.sort((a, b) => a - b), document.querySelectorAll('.gf-row').length];
}"""


def test_three_thousand_labels_are_searched_at_every_key(
    desk: OpenDesk, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    ivo = asking(desk(house.person("ivo", "taxonomy"), "taxonomy"))
    took, n_rows = ivo.page.evaluate(FOUND)
    assert n_rows < 40
    with capsys.disabled():
        print(f"\n3,000 labels: a key of the search at most {took[-1]:.0f} ms, median {took[len(took) // 2]:.0f} ms")
