"""A guideline's HTML holds our own tags and nothing that runs, loads or leads elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.server.guideline import render
from goldseam.vocab.schema import Guideline, WorkedExample

TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "rel", "target", "title"},
    "img": {"src", "alt", "title"},
    "code": {"class"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
}


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def seen(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Seen()
    parser.feed(render(Guideline(text)))
    return parser.tags


def assert_harmless(html: str) -> None:
    parser = Seen()
    parser.feed(html)
    for tag, attributes in parser.tags:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set())
        if tag == "a" and attributes:
            assert re.match(r"(https?://|mailto:)", attributes["href"] or "", re.IGNORECASE)
            assert attributes["rel"] == "noopener nofollow"
        if tag == "img":
            assert (attributes["src"] or "").startswith("data:image/")


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/png;base64,AAAA)",
    "![x](https://tracker.example/p.gif)",
    "![x](//tracker.example/p.gif)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](//elsewhere.example)",
    "[x](/api/session)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    '[x](https://a.example "\\" onmouseover=alert(1) ")',
    "[x](https://a.example/\"onmouseover='alert(1)')",
    "<svg onload=alert(1)>",
    '```"><script>alert(1)</script>\ncode\n```',
    "|<b onclick=x>|b|\n|-|-|\n|[y](javascript:1)|<i>|",
]


@pytest.mark.parametrize("text", PAYLOADS)
def test_nothing_of_what_an_author_writes_runs_or_loads(text: str) -> None:
    assert_harmless(render(Guideline(text)))
    assert_harmless(render(Guideline("", (WorkedExample(text, text, text),))))  # type: ignore[arg-type]  # plain values do where the hint is narrower


@given(
    st.lists(
        st.sampled_from([*PAYLOADS, "\n", "    ", "> ", "- ", "*", "`", "](", "![", "<", ">", '"', "&#x", "\x00"]),
        max_size=8,
    ).map("".join)
)
def test_no_mixture_of_attacks_gets_through(text: str) -> None:
    assert_harmless(render(Guideline(text)))


def test_what_markdown_is_for_still_works() -> None:
    html = render(Guideline("# Mood\n\n*Be* **sure**: `x`, [clause 3](https://a.example/3).\n\n|a|b|\n|-|-|\n|1|2|\n"))
    for wanted in ("<h1>Mood</h1>", "<em>Be</em>", "<strong>sure</strong>", "<td>1</td>"):
        assert wanted in html
    assert '<a href="https://a.example/3" rel="noopener nofollow" target="_blank">clause 3</a>' in html


def test_an_image_from_outside_leaves_its_words() -> None:
    assert render(Guideline("![a sad face](https://a.example/x.png)")) == "<p>a sad face</p>\n"
    assert [tag for tag, _ in seen("![dot](data:image/png;base64,iVBORw0KGgo=)")] == ["p", "img"]


def test_worked_examples_stand_below_the_text() -> None:
    html = render(Guideline("Read.", (WorkedExample("fine <b>", "pos", "it says so"),)))  # type: ignore[arg-type]  # plain values do where the hint is narrower
    assert html.index("Read.") < html.index("Worked examples") < html.index("fine &lt;b&gt;")
