"""Settled answers of any kind, on every database: the newest counts, a ruling supersedes, what is not asked any more is gone."""

from __future__ import annotations

import pytest

from goldseam.edge.store import answers, gold, settlements
from goldseam.edge.store.answers import Fresh, Ruling
from goldseam.testing.store_suite.world import ANN, CAT, QUESTION, at, world
from goldseam.vocab.errors import Conflict

STARS = "stars"


def rated(position: int, value: int | None, sure: float = 0.9, *, escalated: bool = False) -> Fresh:
    text = None if value is None else f'{{"kind":"rating","value":{value}}}'
    reason = "doubtful" if escalated else ""
    return Fresh(position, text, sure, n_votes=2, escalated=escalated, reason=reason, method="infer")


def test_the_newest_answer_counts_and_a_ruling_supersedes_it(store_url: str) -> None:
    with world(store_url, n_items=4, wanted=0) as w:
        now, salt = w.clock.now(), "00" * 32

        def save(*rows: Fresh) -> None:
            w.write(lambda tx: answers.save(tx, w.project, STARS, rows, salt, 1, now))

        save(rated(0, 1, 0.4, escalated=True), rated(1, 2), rated(2, 3, 0.2, escalated=True), rated(3, 4))
        save(rated(1, 5), rated(3, None))
        assert w.read(lambda tx: settlements.escalated(tx, w.project, STARS)).tolist() == [2, 0]
        ruling = Ruling(0, STARS, '{"kind":"rating","value":5}', "clear", CAT, salt)
        assert w.write(lambda tx: answers.rule(tx, w.project, "r", ruling, 2, 1, now))
        assert not w.write(lambda tx: answers.rule(tx, w.project, "r", ruling, 2, 1, now))
        other = Ruling(0, STARS, '{"kind":"rating","value":4}', "clear", CAT, salt)
        with pytest.raises(Conflict):
            w.write(lambda tx: answers.rule(tx, w.project, "r", other, 2, 1, now))
        found = w.read(lambda tx: answers.current(tx, w.project, STARS))
        assert {place: (one.answer[-2], one.escalated, one.by) for place, one in found.items()} == {
            0: ("5", False, CAT),
            1: ("5", False, None),
            2: ("3", True, None),
        }
        assert list(w.read(lambda tx: answers.current(tx, w.project, STARS, at(1, 3)))) == [1]
        assert w.read(lambda tx: answers.rulings(tx, w.project, STARS)) == {0: ruling.answer}
        assert w.read(lambda tx: answers.ruled(tx, w.project)) == (("r", ruling),)
        assert w.read(lambda tx: settlements.ruled(tx, w.project)) == ()
        assert w.read(lambda tx: answers.settled_of_item(tx, w.project, 3)) == {}
        assert w.read(lambda tx: answers.settled_of_item(tx, w.project, 1)) == {STARS: found[1].answer}
        kept_salt, rows, rounds = w.read(lambda tx: answers.written_at(tx, w.project, STARS, now))
        assert (kept_salt, [one.position for one in rows], rounds) == (salt, [0, 1, 2, 3, 1, 3], {1})
        assert w.read(lambda tx: settlements.current(tx, w.project, STARS)).position.tolist() == []
        w.write(lambda tx: settlements.rebuild_waiting(tx, w.project, STARS))
        assert w.read(lambda tx: settlements.escalated(tx, w.project, STARS)).tolist() == [2]
        last = w.read(lambda tx: settlements.history(tx, w.project, STARS, 0))[-1]
        assert (last.label, last.answer) == (None, ruling.answer)


def test_gold_answers_keep_the_salt_of_their_commitment_and_abstentions_are_no_answers(store_url: str) -> None:
    with world(store_url, n_items=3, wanted=0) as w:
        now, salt = w.clock.now(), "ab" * 32
        text = '{"kind":"rating","value":3}'
        w.write(lambda tx: gold.save(tx, w.project, STARS, at(1), [None], [text], "file", ANN, now, salt))
        assert w.read(lambda tx: gold.answers(tx, w.project, STARS)) == {1: text}
        assert w.read(lambda tx: gold.answers_set_at(tx, w.project, STARS, now)) == (salt, [(1, text)])
        assert len(w.read(lambda tx: gold.answer_moments(tx, w.project))) == 1
        assert w.read(lambda tx: gold.current(tx, w.project, QUESTION)).position.tolist() == []
        assert w.read(lambda tx: answers.answered(tx, w.project, STARS)) == {}
