"""A project with two releases that really differ: labels that changed, items that came, confidence that moved.

In: the house. Out: one more project in it, after two rounds and a second look at some items. Never: a row written past the runner.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

from goldseam.edge.runner import adjudicate, disagreeing, leading, people, projects, release
from goldseam.edge.runner.leading import Chosen
from goldseam.edge.runner.people import Permit, Principal
from goldseam.flow.settings import settings_from_plain
from goldseam.formats.parquet import read_table
from goldseam.release.manifest import LABELS
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act
from tests.browser.house import House

NAME = "two releases"
PLACES = ("harbor", "clock tower", "salt field", "ferry", "glass bell", "market", "paper mill", "ninth stair")
SAID = ("is a quiet wonder", "feels like two hours of rain", "is worth the walk home", "is as long as its title")
TEXTS = tuple(f"The {place} {said}." for said in SAID for place in PLACES)
LIKES, NOT = "likes it", "does not"
SETTINGS: dict[str, object] = {
    "name": NAME,
    "schema": {"questions": [{"name": "mood", "prompt": "Does the writer like it?", "labels": [LIKES, NOT]}]},
    "guideline": {"text": "Judge the *writer*, not the film."},
    "source": {"text": "text"},
    "sources": [{"path": "two-releases.csv"}],
    "sample": {"strategy": "random", "batch": 28},
    "route": {"redundancy": 3},
    "adjudicate": {"method": "majority"},
    "audit": {"alpha_stop": -1, "alpha_warn": -1},
    "prelabel": {"suggester": "none"},
}


def truth(text: str) -> str:
    return LIKES if "wonder" in text or "walk home" in text else NOT


def wrong_on(*places: str) -> Callable[[str], str]:
    """Return somebody's answers: wrong where one of these places is named, else right."""

    def answer(text: str) -> str:
        right = truth(text)
        return (NOT if right == LIKES else LIKES) if any(place in text for place in places) else right

    return answer


def add_releases(house: House) -> dict[str, Any]:
    """Make the project, and return what the runner says changed from its first release to its second."""
    path = house.folder / "two-releases.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text"], *([text] for text in TEXTS)])
    projects.apply(house.world, settings_from_plain(SETTINGS), house.digits.me)
    house.run(NAME)
    crowd = [house.person(name, NAME) for name in ("ana", "ben", "cleo")]
    for one, answers in zip(crowd, (wrong_on(), wrong_on("ferry"), wrong_on("ferry", "mill")), strict=True):
        house.answer(NAME, one, answers)
    house.run(NAME)  # the first release, and round 2 is drawn
    for one in crowd:
        house.answer(NAME, one, wrong_on())
    _again(house, 2, "ferry", "harbor")
    _again(house, 1, "mill")
    # On the ferry the first two were wrong: two more turn its label. The mill is tied then, the harbor no more as sure.
    for name, answers in (("dora", wrong_on("mill", "harbor")), ("emil", wrong_on("mill"))):
        house.answer(NAME, house.person(name, NAME), answers)
    house.run(NAME)
    _rule(house)
    house.run(NAME)
    return release.diff(house.world, _permit(house, Act.MEASURE), 1, 2)


def _permit(house: House, act: Act) -> Permit:
    return people.permit(house.world, Principal(house.digits.me, "x"), house.facts(NAME).id, act)


def _again(house: House, answers: int, *places: str) -> None:
    """Ask about the items of the first release that name one of these places once more."""
    permit = _permit(house, Act.MANAGE)
    labels = read_table((release.folder_of(house.world, permit.project, 1) / LABELS).read_bytes())
    found = zip(labels["item"], labels["content"], strict=True)
    chosen = Chosen(items=tuple(ItemId(item) for item, text in found if any(place in text for place in places)))
    act = people.fresh_id(house.world)
    leading.ask_again(house.world, permit, act, chosen, Purpose.RELABEL, answers=answers)


def _rule(house: House) -> None:
    """Rule on the ties: their labels turn."""
    permit = _permit(house, Act.ADJUDICATE)
    for found in disagreeing.disagreements(house.world, permit, 20, None):
        item: Any = found["item"]
        turned = NOT if truth(item["content"]) == LIKES else LIKES
        act = people.fresh_id(house.world)
        adjudicate.rule(house.world, permit, act, item["id"], "mood", Choice(LabelName(turned)), "read twice")
