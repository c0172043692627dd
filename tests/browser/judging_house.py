"""Projects whose questions are no choices, answered by two people who do not agree: what an adjudicator finds in the morning.

In: a house. Out: a project of texts and one of images that wait for rulings, and a suggestion for each item. Never: a text that
no test looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from goldseam.edge.runner import annotate, people, projects, suggesting
from goldseam.edge.runner.annotate import Submission
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.suggesting import Proposed
from goldseam.edge.store import items
from goldseam.flow.settings import settings_from_plain
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.answers import Answer
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act
from goldseam.vocab.schema import QuestionName
from tests.browser.house import House

Said = Mapping[str, Answer]
LETTER = "Ada Lovelace met Charles Babbage in London on 5 June 1833."


def read(**plain: object) -> Answer:
    return answer_from_plain(plain)


def spans(*places: tuple[int, int, str]) -> Answer:
    return read(kind="span", spans=[{"start": a, "end": b, "label": label} for a, b, label in places])


def boxes(*places: tuple[int, int, int, int, str]) -> Answer:
    return read(
        kind="box", boxes=[{"x": x, "y": y, "width": w, "height": h, "label": name} for x, y, w, h, name in places]
    )


TEXTS = [
    {"name": "names", "kind": "span", "prompt": "Mark every name.", "labels": ["person", "place"]},
    {"name": "about", "kind": "choices", "prompt": "What is it about?", "labels": ["people", "places", "dates", "sums"]},
    {"name": "card", "kind": "key_values", "prompt": "Fill in the card.", "keys": [
        {"name": "who"}, {"name": "where"}, {"name": "year", "kind": "number"}]},
    {"name": "short", "kind": "text", "prompt": "Say it shorter."},
    {"name": "clear", "kind": "rating", "prompt": "How clear is it?"},
]  # fmt: skip
ADA, CHARLES, LONDON = (0, 12, "person"), (17, 32, "person"), (36, 42, "place")
FIRST: Said = {
    "names": spans(ADA, CHARLES, LONDON),
    "about": read(kind="choices", labels=["people", "places"]),
    "card": read(kind="key_values", pairs=[{"key": "who", "value": "Ada"}, {"key": "where", "value": "London"}]),
    "short": read(kind="text", text="Ada met Charles in London."),
    "clear": read(kind="rating", value=4),
}
SECOND: Said = {
    "names": spans(ADA, (17, 24, "person"), LONDON),
    "about": read(kind="choices", labels=["people", "dates"]),
    "card": read(kind="key_values", pairs=[{"key": "who", "value": "Ada"}, {"key": "where", "value": "Kent"}, {"key": "year", "value": 1833}]),
    "short": read(kind="text", text="Ada met Charles in June."),
    "clear": read(kind="rating", value=1),
}  # fmt: skip
SHAPES = [{"name": "things", "kind": "box", "prompt": "Draw a box around each thing.", "labels": ["cup", "plate"]}]
CUP, PLATE = (10, 12, 40, 30, "cup"), (80, 60, 50, 40, "plate")


def settings(name: str, questions: object, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "schema": {"questions": questions},
        "guideline": {"text": "Mark what the letter *says*.\n\n- A title is no part of a name."},
        "sample": {"strategy": "random", "batch": 50},
        "route": {"redundancy": 2},
        "adjudicate": {"escalate_below": 0.999},
        "prelabel": {"suggester": "none", "blind_share": 0.0},
    } | more


def add_letters(house: House, name: str = "letters") -> None:
    """Add letters about which two people disagree in every kind of answer."""
    (house.folder / f"{name}.csv").write_text(f'text\n"{LETTER}"\n', encoding="utf-8")
    made = settings(name, TEXTS, sources=[{"path": f"{name}.csv"}], source={"text": "text"})
    projects.apply(house.world, settings_from_plain(made), house.digits.me)
    house.run(name)
    suggest(house, name, {"names": spans(ADA, CHARLES)}, "A surname belongs to the name.")
    answer(house, name, "ines", lambda _: FIRST)
    answer(house, name, "jo", lambda _: SECOND)
    house.run(name)


def add_pictures(house: House, name: str = "pictures", n: int = 1) -> None:
    """Add pictures about whose boxes two people disagree."""
    folder = house.folder / f"{name}-images"
    folder.mkdir()
    for nth in range(n):
        shade = np.full((120, 160), 200 + nth, np.uint8)
        shade[12:42, 10:50], shade[60:100, 80:130] = 90, 120
        Image.fromarray(shade).save(folder / f"{nth}.png")
    made = settings(name, SHAPES, sources=[{"path": folder.name}], source={"kind": "image"})
    projects.apply(house.world, settings_from_plain(made), house.digits.me)
    house.run(name)
    suggest(house, name, {"things": boxes(CUP)}, "")
    answer(house, name, "ines", lambda _: {"things": boxes(CUP, PLATE)})
    answer(house, name, "jo", lambda _: {"things": boxes(CUP, (70, 10, 20, 20, "cup"))})
    house.run(name)


def suggest(house: House, name: str, said: Said, why: str) -> None:
    """Let a machine suggest these answers for every item."""
    project = house.facts(name)
    permit = people.permit(house.world, Principal(house.digits.me, "owner"), project.id, Act.MANAGE)
    ids = house.world.store.read(lambda tx: items.all_ids(tx, project.id))
    given = [
        Proposed(ItemId(item), QuestionName(question), answer, 0.81, why)
        for item in ids
        for question, answer in said.items()
    ]
    suggesting.deliver(house.world, permit, people.fresh_id(house.world), "finder 3", given)


def answer(house: House, name: str, login: str, said_of: Callable[[str], Said], count: int = 50) -> int:
    """Let a person give these answers to whatever the queue gives them, without the page."""
    project = house.facts(name)
    person = house.person(login, name)
    permit = people.permit(house.world, Principal(person.id, person.login), project.id, Act.ANNOTATE)
    sent = [
        Submission(
            id=people.fresh_id(house.world),  # type: ignore[arg-type]  # plain values do where the hint is narrower
            assignment=offer.id,
            token=offer.token,
            answers={QuestionName(question): given for question, given in said_of(offer.item.content).items()},
            seconds=4.0,
            schema_version=project.schema_version,
            guideline_version=project.guideline_version,
        )
        for offer in annotate.lease(house.world, permit, count).offers
    ]
    outcomes = annotate.submit(house.world, permit, sent)
    assert all(one.status == "saved" for one in outcomes), outcomes
    return len(outcomes)


def add_suggested(house: House, name: str = "suggested") -> None:
    """Add letters with suggestions for two questions, which nobody has answered yet."""
    rows = "".join(f'"{LETTER} Copy {nth}."\n' for nth in range(3))
    (house.folder / f"{name}.csv").write_text(f"text\n{rows}", encoding="utf-8")
    made = settings(name, TEXTS[:2], sources=[{"path": f"{name}.csv"}], source={"text": "text"})
    projects.apply(house.world, settings_from_plain(made), house.digits.me)
    house.run(name)
    suggest(house, name, {"names": spans(ADA, CHARLES), "about": read(kind="choices", labels=["people"])}, "")
