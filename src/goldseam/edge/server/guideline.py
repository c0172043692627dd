"""A guideline as HTML that is safe to set into the page: the one place where Markdown is rendered.

In: a `Guideline`. Out: HTML in which only our own tags stand. Never: HTML that an author wrote, a script, an image from
elsewhere, a link of another scheme than http, https or mailto.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from goldseam.vocab.schema import Guideline, WorkedExample

LINK: Final = re.compile(r"(?:https?://|mailto:)[^\s<>\"']+", re.IGNORECASE)
CELLS: Final = frozenset(["th_open", "td_open"])
PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")


@lru_cache(maxsize=64)
def render(guideline: Guideline) -> str:
    """Return the guideline's text, and its worked examples as a table, as HTML."""
    return str(markdown().render(guideline.text)) + _worked_examples(guideline.worked_examples)


@lru_cache(maxsize=1)
def markdown() -> MarkdownIt:
    """Return what renders Markdown: no HTML of its author's, no address but the known ones."""
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    made.enable(["table", "strikethrough"])
    made.validateLink = _is_known  # type: ignore[method-assign]  # the library's own way to change it
    made.core.ruler.push("goldseam_links", _keep_safe)
    return made


def _is_known(url: str) -> bool:
    return LINK.fullmatch(url) is not None or PICTURE.fullmatch(url) is not None


def _keep_safe(state: StateCore) -> None:
    for at, block in enumerate(state.tokens):
        if block.children:
            block.children = [_safe(token) for token in block.children]
        if block.type in CELLS:
            block.attrs.pop("style", None)  # how a column is aligned: the page's policy refuses styles in the markup
        if block.type == "th_open" and not state.tokens[at + 1].content:
            block.tag = state.tokens[at + 2].tag = "td"  # a heading without words names nothing


def _safe(token: Token) -> Token:
    if token.type == "link_open":
        if LINK.fullmatch(str(token.attrs.get("href", ""))):
            token.attrs |= {"rel": "noopener nofollow", "target": "_blank"}
        else:
            token.attrs = {}  # a picture's address is no link
    elif token.type == "image" and not PICTURE.fullmatch(str(token.attrs.get("src", ""))):
        return Token("text", "", 0, content=token.content)
    return token


def _worked_examples(worked_examples: Sequence[WorkedExample]) -> str:
    if not worked_examples:
        return ""
    rows = "".join(
        f"<tr><td>{escape(one.text)}</td><td>{escape(one.label)}</td><td>{escape(one.why)}</td></tr>\n"
        for one in worked_examples
    )
    head = "<thead><tr><th>Text</th><th>Label</th><th>Why</th></tr></thead>"
    return f"<h2>Worked examples</h2>\n<table>{head}\n<tbody>\n{rows}</tbody></table>\n"
