"""What an item says as HTML that is safe to set into the page: chats and candidates from Markdown, HTML made harmless.

In: an item's modality and content. Out: one piece of HTML a part, or none where its text is shown as it is. Never: a tag
with a style, a handler or a name of its own; a form, a script, a frame, a drawing; an address that is fetched.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Final

import nh3

from goldseam.edge.server.guideline import LINK, PICTURE, markdown
from goldseam.vocab.items import Modality

MOST_MARKDOWN: Final = 50_000
"""Characters of one part: what is longer is shown as plain text, so that no item takes long to render."""
DEEPEST: Final = 250
"""Tags within each other: what is nested deeper is shown as text, before a parser loses itself in it."""

TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
EMPTIED: Final = frozenset(
    ["script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title", "head", "select"]
)
ATTRIBUTES: Final = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
}
TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
UNNESTED: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "option",
        "html",
        "body",
    ]
)
"""Tags that hold nothing, or that HTML closes by itself where the next one opens."""
REOPENED: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
"""Tags that HTML opens again in each paragraph that follows, until they are closed."""
MOST_REOPENED: Final = 24

STYLE: Final = (
    ":root{color-scheme:light dark;font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere;color:#211f1b}"
    "body{margin:1rem}img{max-width:100%;height:auto}pre{overflow:auto;white-space:pre-wrap}"
    "table{border-collapse:collapse}td,th{padding:.3rem .6rem;border:1px solid #8f8778;text-align:start}"
    "a{color:inherit}a[href]::after{content:' \\2039' attr(href) '\\203a';font-size:.8em;opacity:.75}"
    "@media(prefers-color-scheme:dark){:root{color:#ece7dd}}"
)
"""How HTML items look; the page's policy knows it by its hash, and no other style runs."""
STYLE_HASH: Final = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
FRAME_POLICY: Final = f"default-src 'none'; img-src data:; style-src {STYLE_HASH}"
FRAME: Final = (
    f'<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{FRAME_POLICY}">'
    f'<meta http-equiv="x-dns-prefetch-control" content="off"><title>Item</title><style>{STYLE}</style></head><body>'
)


@lru_cache(maxsize=64)
def parts(modality: Modality, content: str) -> tuple[str, ...]:
    """Return the parts of an item as safe HTML: turns of a chat, prompt and candidates, or one whole HTML document.

    A part that is too long is empty: the page shows its text instead. An HTML document is meant for a frame without
    rights (`sandbox`), and carries a policy of its own besides.
    """
    match modality:
        case Modality.CHAT:
            return tuple(_turn(turn["text"]) for turn in json.loads(content))
        case Modality.CANDIDATES:
            found = json.loads(content)
            prompt = found["prompt"]
            said = [prompt] if isinstance(prompt, str) else [turn["text"] for turn in prompt]
            return tuple(_turn(text) for text in (*said, *found["candidates"]))
        case Modality.HTML:
            return (f"{FRAME}{clean(content)}</body></html>",)
        case _:
            return ()


def clean(html: str) -> str:
    """Return this HTML without anything that acts, loads, or reaches past itself."""
    if _too_deep(html):
        return nh3.clean_text(html)
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(EMPTIED),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        # Nobody leaves by a link: it can be read, not followed.
        set_tag_attribute_values={"a": {"inert": ""}},
        strip_comments=True,
    )


def _kept(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if PICTURE.fullmatch(value) else None
    if name == "href":
        return value if LINK.fullmatch(value) else None
    return value


def _too_deep(html: str) -> bool:
    """Whether tags may lie so deep within each other, or styles so open, that reading them takes more than their length."""
    held: dict[str, int] = {}
    for found in TAG.finditer(html):
        name = found[2].lower()
        if found[1]:
            # A closing tag of something that is not open closes nothing.
            held[name] = max(0, held.get(name, 0) - 1)
            continue
        if name in UNNESTED:
            continue
        held[name] = held.get(name, 0) + 1
        if name in REOPENED and sum(held.get(one, 0) for one in REOPENED) > MOST_REOPENED:
            return True
        if held[name] > DEEPEST or sum(held.values()) > DEEPEST:
            return True
    return False


def _turn(text: str) -> str:
    return "" if len(text) > MOST_MARKDOWN else str(markdown().render(text))
