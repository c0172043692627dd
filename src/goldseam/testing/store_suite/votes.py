"""Checks of annotations: sent twice they are one, withdrawn they stay, and votes equal the records they stand for.

In: a URL. Out: nothing. Never: an answer that the queue did not ask for.
"""

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from goldseam import encode
from goldseam.edge.store import annotations, draws, settlements
from goldseam.edge.store.counts import counts
from goldseam.testing.store_suite.world import ANN, BOB, CAT, LABELS, QUESTION, World, at, world
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Choice
from goldseam.vocab.errors import Conflict
from goldseam.vocab.schema import Label, Question


def votes_equal_the_annotations(url: str) -> None:
    """Check: law 10: votes straight from SQL are those that the records encode to; so are counts per item."""
    with world(url, n_items=12, wanted=3) as w:
        _crowd(w)
        now = w.clock.now()
        w.write(lambda tx: annotations.withdraw(tx, w.project, [AnnotationId("bob-3")], "undo", now))
        drawn = at(1, 3, 5, 7), np.ones(4), at(0, 1, 2, 3)
        w.write(lambda tx: draws.save(tx, w.project, 2, "random", 1, 12, 1, *drawn, now))
        for round_ in (None, 2):
            _same(w, round_)
        votes = w.read(lambda tx: annotations.votes(tx, w.project, QUESTION))
        found = w.read(lambda tx: annotations.counts(tx, w.project, QUESTION, votes.items[::-1], 3))
        assert np.array_equal(found[::-1], votes.counts())


def no_votes_are_empty_votes(url: str) -> None:
    """Check: nothing answered yet: no items, no annotators, all labels."""
    with world(url) as w:
        votes = w.read(lambda tx: annotations.votes(tx, w.project, QUESTION))
        assert (votes.n_items, votes.n_annotators, votes.n_votes, votes.labels) == (0, 0, 0, LABELS)
        assert w.read(lambda tx: annotations.counts(tx, w.project, QUESTION, at(1), 3)).tolist() == [[0, 0, 0]]


def _crowd(w: World) -> None:
    """Three people answer all items, each in a way of their own; some abstain."""
    for shift, who in enumerate((BOB, ANN, CAT)):
        for leased in w.lease(who, 12):
            label = (leased.position + shift) % 4
            w.answer(who, leased, None if label == 3 else label, name=f"{who}-{leased.position}")


def _same(w: World, round_: int | None) -> None:
    question = Question(QUESTION, labels=tuple(Label(name) for name in LABELS))
    votes = w.read(lambda tx: annotations.votes(tx, w.project, QUESTION, round_))
    kept = w.read(lambda tx: annotations.annotations(tx, w.project, QUESTION, round_))
    places = {w.items[position].id: int(position) for position in votes.items}
    encoded = encode.votes([each.annotation for each in kept], question, places)
    assert votes == encoded
    assert votes.n_votes > 0


def the_same_answer_sent_twice_is_one(url: str) -> None:
    """Check: a known id with the same body is a repeat; with another body it is a conflict."""
    with world(url, n_items=1) as w:
        w.answer(ANN, w.lease(ANN)[0], 1, name="one")
        kept = w.read(lambda tx: annotations.find(tx, AnnotationId("one")))
        assert kept is not None
        assert kept.annotation.answer == Choice(LABELS[1])
        again = w.read(lambda tx: annotations.repeated(tx, AnnotationId("one"), kept.body_hash))
        assert again == kept
        assert w.read(lambda tx: annotations.repeated(tx, AnnotationId("two"), kept.body_hash)) is None
        _conflict(lambda: w.read(lambda tx: annotations.repeated(tx, AnnotationId("one"), "other")))


def a_withdrawn_answer_stays_and_is_marked(url: str) -> None:
    """Check: history shows it; the list of what stands does not; withdrawing twice by one id is one act."""
    with world(url, n_items=2, wanted=1) as w:
        for name, leased in zip(("one", "two"), w.lease(ANN, 2), strict=True):
            w.answer(ANN, leased, 1, name=name)
        one, now = [AnnotationId("one")], w.clock.now()
        assert w.write(lambda tx: annotations.withdraw(tx, w.project, one, "undo", now))
        assert not w.write(lambda tx: annotations.withdraw(tx, w.project, one, "undo", now))
        _conflict(lambda: w.write(lambda tx: annotations.withdraw(tx, w.project, one, "other", now)))
        two = [AnnotationId("two")]
        _conflict(lambda: w.write(lambda tx: annotations.withdraw(tx, w.project, two, "undo", now)))
        history = w.read(lambda tx: annotations.history(tx, w.project, ANN))
        assert [(kept.annotation.id, kept.withdrawn) for kept in history] == [("two", False), ("one", True)]
        assert len(w.read(lambda tx: annotations.history(tx, w.project, ANN, 1))) == 1
        assert w.read(lambda tx: annotations.of_item(tx, w.project, 0)) == ()
        assert w.read(lambda tx: annotations.n_answers(tx, w.project, QUESTION, LABELS[1])) == 1
        assert w.read(lambda tx: annotations.n_answers(tx, w.project, QUESTION, LABELS[0])) == 0
        assert w.read(lambda tx: annotations.n_answers(tx, w.project, QUESTION)) == 1
        standing = w.read(lambda tx: annotations.annotations(tx, w.project))
        assert [kept.annotation.id for kept in standing] == ["two"]


def an_item_is_settled_from_its_answers_as_they_are_now(url: str) -> None:
    """Check: complete items without a settlement, or with one older than an answer, are still to be settled."""
    with world(url, n_items=3, wanted=1) as w:
        drawn = at(0, 1, 2), np.ones(3), at(0, 1, 2)
        w.write(lambda tx: draws.save(tx, w.project, 1, "random", 1, 3, 1, *drawn, w.clock.now()))

        def unsettled() -> int:
            return w.read(lambda tx: counts(tx, w.project, 1, QUESTION)).n_unsettled_here

        facts = w.read(lambda tx: counts(tx, w.project, 1, QUESTION))
        assert (facts.n_here, facts.n_unrouted_here, facts.n_wanted_here) == (3, 3, 3)
        no = np.zeros(3, bool)
        w.write(lambda tx: draws.save_routes(tx, w.project, 1, at(0, 1, 2), at(1, 1, 1), at(1, 1, 1), no, None, None))
        assert unsettled() == 0
        w.answer(ANN, w.lease(ANN)[0])
        assert unsettled() == 1
        w.clock.advance(timedelta(seconds=1))
        settled = np.array([1]), np.array([0.9]), np.array([[0.1, 0.9, 0]]), np.array([1]), np.array([False])
        w.write(
            lambda tx: settlements.save(tx, w.project, QUESTION, at(0), *settled, [""], "majority", 1, w.clock.now())
        )
        assert unsettled() == 0
        w.clock.advance(timedelta(seconds=1))
        w.enqueue([0], 2)
        w.answer(BOB, w.lease(BOB, 3)[-1])
        facts = w.read(lambda tx: counts(tx, w.project, 1, QUESTION))
        assert (facts.n_unsettled_here, facts.n_given_here, facts.n_settled) == (1, 2, 1)


def _conflict(act: Callable[[], object]) -> None:
    try:
        act()
    except Conflict:
        return
    raise AssertionError("no conflict was seen")


CHECKS = (
    votes_equal_the_annotations,
    no_votes_are_empty_votes,
    the_same_answer_sent_twice_is_one,
    a_withdrawn_answer_stays_and_is_marked,
    an_item_is_settled_from_its_answers_as_they_are_now,
)
