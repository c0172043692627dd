"""Items that hold markup: what is readable stays, what acts, loads or reaches past itself does not."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.server.security import POLICY
from goldseam.edge.server.shown import ATTRIBUTES, FRAME, MOST_MARKDOWN, STYLE_HASH, TAGS, clean, parts
from goldseam.vocab.items import Modality

ATTACKS = (
    "<script>hit()</script>",
    "<img src=x onerror=hit()>",
    "<a href='javascript:hit()'>press</a>",
    "<a href='java\tscript:hit()'>press</a>",
    "<a href='data:text/html,<script>hit()</script>'>press</a>",
    "<svg onload=hit()><animate onbegin=hit() attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()></style></mglyph></table></mtext></math>",
    "<form action='https://elsewhere.invalid'><input name=q><button formaction='javascript:hit()'>go</button></form>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.invalid'>",
    "<base href='https://elsewhere.invalid/'>",
    "<link rel=stylesheet href='https://elsewhere.invalid/a.css'>",
    "<style>input[value^=a]{background:url(https://elsewhere.invalid/a)}</style>",
    "<p style='background:url(https://elsewhere.invalid/b)'>text</p>",
    "<img src='https://elsewhere.invalid/pixel.gif' srcset='https://elsewhere.invalid/2x 2x'>",
    "<iframe srcdoc='<script>hit()</script>'></iframe><object data='x'></object><embed src='x'>",
    "<video src='https://elsewhere.invalid/v' poster='https://elsewhere.invalid/p'></video>",
    "<details open ontoggle=hit()><summary>more</summary></details>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'></noscript>",
    "<template><script>hit()</script></template>",
    "<!--><script>hit()</script>-->",
    "<p id=body class=desk name=cookie>clobbers</p>",
    "</body></html><script>hit()</script>",
)
MARKUP = st.lists(
    st.sampled_from([*ATTACKS, "<b>", "</b>", "<table>", "</p>", "<", ">", "&lt;script&gt;", '"', "'", "\x00", "x"])
).map("".join)


class Reader(HTMLParser):
    """Every tag with its attributes, as a parser of another make sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def check(html: str) -> None:
    for tag, attributes in Reader(html).tags:
        assert tag in TAGS, (tag, html)
        assert set(attributes) <= ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"inert", "rel"}, html
        if tag == "a":
            assert "inert" in attributes
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:image/", "http://", "https://", "mailto:")), html


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_an_attack_is_left_but_its_words(attack: str) -> None:
    html = clean(f"<p>before</p>{attack}<p>after</p>")
    check(html)
    assert "before" in html and "hit()" not in html.replace("&lt;script&gt;hit()", "")
    assert 'src="https:' not in html


@given(MARKUP)
def test_however_attacks_are_put_together_only_listed_tags_and_attributes_are_left(markup: str) -> None:
    check(clean(markup))


def test_what_people_read_stays() -> None:
    page = '<h2>Title</h2><p>A <b>bold</b> <a href="https://example.org/a?b=1&amp;c=2">link</a></p><table><tr><td colspan="2">cell</td></tr></table>'
    html = clean(page + '<img alt="dot" src="data:image/png;base64,iVBORw0KGgo=">')
    assert "<h2>Title</h2>" in html and 'colspan="2"' in html and "https://example.org/a?b=1&amp;c=2" in html
    assert 'alt="dot"' in html and "data:image/png;base64,iVBORw0KGgo=" in html


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 200_000,
        "<div></x>" * 100_000,
        "<b id=x>" * 300 + "<p>" * 50_000,
        "<font>" * 100_000,
        "<!--" * 200_000,
        "<a " * 200_000,
    ],
)
def test_a_bomb_of_tags_costs_no_more_than_its_length(bomb: str) -> None:
    started = time.process_time()
    check(clean(bomb))
    assert time.process_time() - started < 5  # without the guard: minutes


def test_long_pages_of_usual_depth_are_not_taken_for_bombs() -> None:
    row = "<tr><td><ul><li>one<li><b>two</b></ul><p>three<td>four"
    assert "<table>" in clean(f"<table>{row * 2_000}</table>")


def test_an_html_item_is_one_document_whose_policy_allows_its_own_style_and_nothing_else() -> None:
    (document,) = parts(Modality.HTML, "<p>Hello</p><script>hit()</script>")
    assert document.startswith(FRAME) and "hit()" not in document
    assert re.findall(r"<style>", document) == ["<style>"]
    assert f"style-src {STYLE_HASH}" in document and "default-src 'none'" in document
    assert STYLE_HASH in POLICY  # a frame without an address keeps to the page's policy, too


def test_turns_and_candidates_are_rendered_in_their_order() -> None:
    chat = json.dumps(
        [{"role": "user", "text": "Hi *there*"}, {"role": "assistant", "text": "<b>x</b>\n\n```\na < b\n```"}]
    )
    first, second = parts(Modality.CHAT, chat)
    assert first == "<p>Hi <em>there</em></p>\n"
    assert "&lt;b&gt;" in second and "<pre><code>a &lt; b\n</code></pre>" in second
    asked = json.dumps({"prompt": [{"role": "user", "text": "Q"}], "candidates": ["A", "[x](javascript:hit)"]})
    assert len(parts(Modality.CANDIDATES, asked)) == 3
    check("".join(parts(Modality.CANDIDATES, asked)).replace("<a", "<a inert"))


def test_plain_texts_have_no_html_and_a_very_long_turn_is_shown_as_text() -> None:
    assert parts(Modality.TEXT, "<b>x</b>") == ()
    assert parts(Modality.CHAT, json.dumps([{"role": "user", "text": "*" * (MOST_MARKDOWN + 1)}])) == ("",)
