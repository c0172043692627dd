"""What a signal from production says about a label, and which captured items people are asked about."""

from __future__ import annotations

import pytest

from goldseam.source.captured import DOUBTS, Capture, Policy, Signal, Signaled, speaks_for, wants_people
from goldseam.vocab.errors import BadPolicy, BadValue

TWO, THREE = ("ham", "spam"), ("a", "b", "c")


@pytest.mark.parametrize(
    ("kind", "named", "output", "labels", "said"),
    [
        (Signal.CORRECTION, "ham", "spam", TWO, "ham"),
        (Signal.OVERRIDE, "ham", "spam", TWO, "ham"),
        (Signal.OVERRIDE, "gone", "spam", TWO, None),
        (Signal.CLICK, None, "spam", TWO, "spam"),
        (Signal.CLICK, None, "older label", TWO, None),
        (Signal.CLICK, None, None, TWO, None),
        (Signal.REJECTION, None, "spam", TWO, "ham"),
        (Signal.REJECTION, None, "a", THREE, None),
        (Signal.REJECTION, None, None, TWO, None),
        (Signal.ESCALATION, None, "spam", TWO, None),
    ],
)
def test_a_signal_speaks_for_a_label_only_where_it_says_one(
    kind: Signal, named: str | None, output: str | None, labels: tuple[str, ...], said: str | None
) -> None:
    assert speaks_for(kind, named, output, labels) == said


def test_people_are_asked_about_what_is_unsure_or_doubted_and_never_because_of_a_click() -> None:
    policy = Policy(ask_below=0.6)
    assert wants_people(0.59, frozenset(), policy)
    assert wants_people(None, frozenset(), policy)
    assert not wants_people(0.6, frozenset(), policy)
    assert not wants_people(0.9, frozenset({Signal.CLICK}), policy)
    assert all(wants_people(1.0, frozenset({kind}), policy) for kind in DOUBTS)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Capture("1", "v1"),
        lambda: Capture("1", "v1", text="a", item="b"),
        lambda: Capture("1", "v1", text="  "),
        lambda: Capture("1", "", text="a"),
        lambda: Capture("1", "v1", text="a", confidence=1.1),
        lambda: Signaled("1", "2", Signal.CORRECTION),
        lambda: Signaled("1", "2", Signal.CLICK, "spam"),
    ],
)
def test_what_is_captured_cannot_be_born_wrong(wrong: object) -> None:
    with pytest.raises(BadValue):
        wrong()  # type: ignore[operator]  # wrong on purpose


@pytest.mark.parametrize("values", [{"ask_below": 1.5}, {"most": -1}])
def test_a_policy_that_means_nothing_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(BadPolicy, match="production"):
        Policy(**values)  # type: ignore[arg-type]  # wrong on purpose
