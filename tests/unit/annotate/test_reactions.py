"""What became of a suggestion: confirmed to the last part, rejected when nothing is left of it, corrected in between."""

from __future__ import annotations

import pytest

from goldseam.annotate.reactions import reaction
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.annotations import Reaction
from goldseam.vocab.answers import Abstain, Answer

C, X, N = Reaction.CORRECTED, Reaction.REJECTED, Reaction.CONFIRMED


def spans(*places: tuple[int, int, str]) -> Answer:
    return answer_from_plain(
        {"kind": "span", "spans": [{"start": a, "end": b, "label": label} for a, b, label in places]}
    )


def boxes(*places: tuple[float, str]) -> Answer:
    return answer_from_plain(
        {"kind": "box", "boxes": [{"x": x, "y": 0, "width": 5, "height": 5, "label": label} for x, label in places]}
    )


def read(kind: str, **plain: object) -> Answer:
    return answer_from_plain({"kind": kind, **plain})


def joined(first: str, second: str, spare: str = "", head: str = "") -> Answer:
    """Two spans that are joined, under these ids; a third one stands alone."""
    ids = ((0, 4, first), (6, 9, second), (12, 15, spare))
    marks = [{"start": a, "end": b, "label": "x", **({"id": name} if name else {})} for a, b, name in ids]
    link = {"head": head or first, "tail": first if head else second, "label": "in"}
    return read("span", spans=marks, relations=[link])


PAIR = {"key": "who", "value": "Ann"}
CASES = [
    (spans((0, 4, "a")), spans((0, 4, "a")), N),
    (spans((0, 4, "a"), (6, 9, "b")), spans((0, 4, "a")), C),
    (spans((2, 9, "a")), spans((0, 4, "a")), C),
    (spans((0, 4, "b")), spans((0, 4, "a")), X),
    (spans(), spans((0, 4, "a")), X),
    (spans((0, 4, "a")), spans(), C),
    (joined("s1", "s2"), joined("a", "b", "c"), N),  # ids mean nothing outside of their answer
    (joined("s1", "s2", head="s2"), joined("a", "b"), C),  # the other way round
    (boxes((1, "cup")), boxes((0, "cup")), C),
    (boxes((50, "cup")), boxes((0, "cup")), X),
    (read("choices", labels=["a", "b"]), read("choices", labels=["a"]), C),
    (read("choices", labels=["b"]), read("choices", labels=["a"]), X),
    (read("key_values", pairs=[PAIR, {"key": "paid", "value": True}]), read("key_values", pairs=[PAIR]), C),
    (read("key_values", pairs=[{"key": "who", "value": "Bo"}]), read("key_values", pairs=[PAIR]), X),
    (read("rating", value=3), read("rating", value=4), C),
    (read("text", text="so"), read("text", text="so"), N),
]


@pytest.mark.parametrize(("answer", "suggested", "wanted"), CASES)
def test_a_suggestion_is_confirmed_corrected_or_rejected(answer: Answer, suggested: Answer, wanted: Reaction) -> None:
    assert reaction(answer, suggested) is wanted
    assert reaction(answer, None) is Reaction.NONE
    assert reaction(Abstain("unclear"), suggested) is Reaction.NONE
