"""What tests of the questions share: a folder of their own with its server, and what the page says after an act.

In: who builds the folder; a desk. Out: fixtures; checks of what is on screen. Never: a question's own ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import missing
from tests.browser.desk import Desk
from tests.browser.house import House
from tests.browser.server import Server

Plain = dict[str, Any]
LAST = "footer .last"
SETTLED = """() => new Promise((done) => {
  let left = 4;
  const next = () => (left-- ? requestAnimationFrame(next) : done());
  next();
})"""


def own(build: Callable[[Path], House]) -> tuple[Any, Any]:
    """Return the fixtures `house` and `server` of a module whose folder is its own, built by this function."""

    @pytest.fixture(scope="module")
    def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
        if why := missing():
            pytest.skip(why)
        made = build(tmp_path_factory.mktemp("own") / "house")
        yield made
        made.close()

    @pytest.fixture(scope="module")
    def server(house: House) -> Iterator[Server]:
        made = Server(house.folder)
        made.start()
        yield made
        made.stop()

    return house, server


def told(desk: Desk, words: str | re.Pattern[str]) -> None:
    """Wait until the page says this of the last act."""
    expect(desk.page.locator(LAST)).to_contain_text(words)


def recorded(desk: Desk, question: str) -> Plain:
    """Wait until nothing is left to do, and return the server's record of the one answer to this question."""
    desk.page.locator(".rest h1").wait_for()
    desk.all_sent()
    found = [one["answer"] for one in desk.get("/history") if one["question"] == question]
    assert len(found) == 1, found
    answer: Plain = found[0]
    return answer


def suggest(desk: Desk, answer: Plain, label: str = "", source: str = "tagger") -> None:
    """Let the server's reply suggest this answer."""

    def edit(route: Route) -> None:
        reply = route.fetch()
        body = reply.json()
        for one in body["assignments"]:
            one["suggestion"] = {"label": label, "confidence": 0.84, "source": source, "answer": answer}
        route.fulfill(response=reply, json=body)

    desk.context.route("**/assignments", edit)
