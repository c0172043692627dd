"""The first question of a new project, as the options of `goldseam init` say it.

In: what was given for each kind. Out: the lines of the project file. Never: two kinds at once, or a guess which was meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from goldseam.vocab.errors import BadValue

LABELED: Mapping[str, tuple[str, str]] = {
    "several": ("choices", "text"),
    "spans": ("span", "text"),
    "boxes": ("box", "image"),
    "polygons": ("polygon", "image"),
    "masks": ("mask", "image"),
}
"""Options that name labels: the question's kind, and what the items have to be (texts may also be images for choices)."""
SCALE = re.compile(r"(-?\d+)\.\.(-?\d+)")
PROMPTS: Mapping[str, str] = {
    "choice": "Which label fits?",
    "choices": "Which labels fit?",
    "span": "Mark every one.",
    "box": "Draw a box around every one.",
    "polygon": "Outline every one.",
    "mask": "Paint every one.",
    "rating": "How many points?",
    "number": "Which number?",
    "text": "What do you write?",
    "preference": "Which is better?",
    "ranking": "Which order, the best first?",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its kind, the lines after it in the project file, and the kind of items it is about ('' for any)."""

    kind: str
    lines: str
    items: str


def asked(labels: str, given: Mapping[str, str], *, number: bool, write: bool, pairs: bool, ranking: bool) -> Asked:
    """Return the question that the options say; without any it is a choice between the labels.

    `given` has the options that name labels or a scale, empty where they were left out.

    Raises
    ------
    BadValue
        If two kinds were asked for, or one of them is not said in its form.
    """
    flags = {"number": number, "write": write, "pairs": pairs, "ranking": ranking}
    chosen = [name for name, value in {**given, **flags}.items() if value]
    if len(chosen) > 1:
        first, second = (f"--{name}" for name in chosen[:2])
        raise BadValue(
            f"A new project begins with one question: give {first} or {second}; add others in goldseam.yaml."
        )
    match chosen:
        case ["rating"]:
            return Asked("rating", _scale(given["rating"]), "")
        case [("number" | "write") as name]:
            return Asked({"number": "number", "write": "text"}[name], "", "")
        case [("pairs" | "ranking") as name]:
            return Asked({"pairs": "preference", "ranking": "ranking"}[name], "", "candidates")
        case [name]:
            kind, items = LABELED[name]
            return Asked(kind, _labels(given[name], f"--{name}", at_least=1), "" if name == "several" else items)
        case _:
            return Asked("choice", _labels(labels, "A choice", at_least=2), "")


def _scale(text: str) -> str:
    found = SCALE.fullmatch(text.strip())
    if found is None or int(found[1]) >= int(found[2]):
        raise BadValue(f"--rating takes the ends of the scale, like 1..5; got {text!r}.")
    return f"      minimum: {found[1]}\n      maximum: {found[2]}\n"


def _labels(text: str, what: str, *, at_least: int) -> str:
    names = [label.strip() for label in text.split(",") if label.strip()]
    if len(names) < at_least:
        right = "two labels or more" if at_least > 1 else "at least one label"
        raise BadValue(f"{what} needs {right}, with commas between them; got {text!r}.")
    return "      labels:\n" + "".join(f"        - {{name: {json.dumps(name)}, definition: ''}}\n" for name in names)
