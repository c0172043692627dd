"""Checks of the queue, one story each; `tests/laws` has its state machine.

In: a URL. Out: nothing. Never: more than a handful of items.
"""

from collections.abc import Callable
from datetime import timedelta

from goldseam.edge.store import Tx, annotations, gold, queue
from goldseam.testing.store_suite.world import ANN, BOB, CAT, DAN, LEASE, QUESTION, World, at, world
from goldseam.vocab.annotations import AnnotationId, Purpose
from goldseam.vocab.errors import LeaseLost
from goldseam.vocab.people import AnnotatorId

SAVED, SURPLUS = queue.Finish.SAVED, queue.Finish.SURPLUS


def items_come_in_their_order_and_no_more_than_asked(url: str) -> None:
    """Check: the queue is first in, first out, and one call leases at most what it asked for."""
    with world(url, n_items=5, wanted=1) as w:
        assert w.leased_positions(ANN, 2) == [0, 1]
        assert w.leased_positions(BOB, 2) == [2, 3]
        assert w.leased_positions(ANN, 5) == [4]
        assert w.leased_positions(BOB, 5) == []
        assert w.lease(CAT, 0) == ()


def an_item_goes_to_as_many_as_it_wants_and_to_nobody_twice(url: str) -> None:
    """Check: redundancy is exact, and one annotator has one say."""
    with world(url, n_items=1, wanted=3) as w:
        assert w.leased_positions(ANN, 5) == [0]
        assert w.leased_positions(ANN, 5) == []
        assert [w.leased_positions(who) for who in (BOB, CAT, DAN)] == [[0], [0], []]


def an_ended_lease_comes_back_to_everybody(url: str) -> None:
    """Check: what ran out is open again, also for those whose cursor had passed it, and for the one who let it run out."""
    with world(url, n_items=80, wanted=1) as w:
        w.lease(ANN, 40)
        passed = w.lease(BOB, 40)
        assert w.expire(LEASE - timedelta(microseconds=1)) == 0
        for leased in passed:
            w.answer(BOB, leased)
        assert w.expire(timedelta(microseconds=1)) == 40
        assert w.leased_positions(BOB, 20) == list(range(20))
        assert w.leased_positions(ANN, 40) == list(range(20, 40))
        summary = w.summary()
        assert (summary.done, summary.live, summary.n_open) == (40, 40, 0)


def a_late_answer_counts_while_it_is_wanted(url: str) -> None:
    """Check: the lease ran out, nobody else took the place, so the answer takes it."""
    with world(url, n_items=1, wanted=1) as w:
        (leased,) = w.lease(ANN)
        w.expire()
        assert w.answer(ANN, leased) is SAVED
        assert w.leased_positions(BOB) == []
        assert w.summary().done == 1


def a_late_answer_beyond_what_is_wanted_is_surplus(url: str) -> None:
    """Check: a person's work is kept, and never counts beyond what was wanted."""
    with world(url, n_items=1, wanted=1) as w:
        (late,) = w.lease(ANN)
        w.expire()
        (leased,) = w.lease(BOB)
        assert w.answer(ANN, late) is SURPLUS
        assert w.answer(BOB, leased) is SAVED
        assert w.summary().done == 1
        votes = w.read(lambda tx: annotations.votes(tx, w.project, QUESTION))
        assert votes.n_votes == 2


def an_old_token_finishes_nothing(url: str) -> None:
    """Check: the answer to an earlier lease can never finish the next lease of the same item."""
    with world(url, n_items=1, wanted=1) as w:
        (old,) = w.lease(ANN)
        w.expire()
        (new,) = w.lease(ANN)
        assert new.id == old.id
        _lost(lambda: w.answer(ANN, old))
        assert w.answer(ANN, new) is SAVED
        _lost(lambda: w.answer(ANN, new, name="again"))


def a_lease_is_its_annotators_alone(url: str) -> None:
    """Check: neither another annotator nor another project can finish or skip it."""
    with world(url) as w:
        (leased,) = w.lease(ANN)
        _lost(lambda: w.answer(BOB, leased))
        _lost(lambda: w.skip(BOB, leased))
        assert w.answer(ANN, leased) is SAVED


def a_skipped_item_goes_to_others(url: str) -> None:
    """Check: a skip frees the place for others, also behind their cursors, and never comes back to who skipped."""
    with world(url, n_items=1, wanted=2) as w:
        (leased,) = w.lease(ANN)
        w.lease(BOB)
        for _ in range(2):
            w.skip(ANN, leased, "unclear")
        assert w.leased_positions(ANN) == []
        assert w.leased_positions(CAT) == [0]
        found = w.read(lambda tx: queue.assignment(tx, leased.id))
        assert found is not None
        assert (found.state.value, found.reason) == ("skipped", "unclear")
        assert w.summary().live == 2


def an_undo_leases_the_item_again(url: str) -> None:
    """Check: the withdrawn answer is no vote, its place is held for the same person, and the next answer takes it."""
    with world(url, n_items=1, wanted=1) as w:
        (leased,) = w.lease(ANN)
        w.answer(ANN, leased, 0, name="first")
        again = _undo(w, ANN, leased, "first")
        assert w.leased_positions(BOB) == []
        assert w.read(lambda tx: annotations.votes(tx, w.project, QUESTION)).n_votes == 0
        newer = w.write(lambda tx: queue.reissue(tx, w.project, ANN, leased.id, w.clock.now(), LEASE))
        _lost(lambda: w.answer(ANN, again))
        assert w.answer(ANN, newer, 1, name="second") is SAVED
        votes = w.read(lambda tx: annotations.votes(tx, w.project, QUESTION))
        assert votes.label.tolist() == [1]
        assert w.summary().done == 1


def an_undone_surplus_answer_takes_no_place(url: str) -> None:
    """Check: undo and answer again: surplus stays surplus, and stored counts stay exact."""
    with world(url, n_items=1, wanted=1) as w:
        (late,) = w.lease(ANN)
        w.expire()
        w.answer(BOB, w.lease(BOB)[0])
        w.answer(ANN, late, name="first")
        again = _undo(w, ANN, late, "first")
        assert w.summary().live == 0
        assert w.answer(ANN, again, name="second") is SURPLUS
        again = _undo(w, ANN, late, "second")
        w.enqueue([0], 2)
        assert w.answer(ANN, again, name="third") is SAVED
        assert w.summary().done == 2


def a_raised_wish_is_seen_behind_every_cursor(url: str) -> None:
    """Check: items that were complete want more again; and wishes are never lowered by putting an item in again."""
    with world(url, n_items=3, wanted=1) as w:
        w.lease(ANN, 3)
        assert w.leased_positions(BOB) == []
        w.enqueue([2, 1], 2)
        assert w.leased_positions(BOB, 5) == [2, 1]
        w.enqueue([2], 1)
        assert w.summary().wanted == 5


def a_closed_item_wants_nothing_more(url: str) -> None:
    """Check: adaptive stopping: who holds it may answer, nobody else gets it."""
    with world(url, n_items=2, wanted=3) as w:
        (leased,) = w.lease(ANN)
        w.write(lambda tx: queue.close(tx, w.project, at(0)))
        assert w.leased_positions(BOB, 5) == [1]
        assert w.answer(ANN, leased) is SAVED
        assert w.summary().wanted == 4


def a_claim_says_why_not(url: str) -> None:
    """Check: named items are leased as far as they are wanted; each of the others comes back with its reason."""
    with world(url, n_items=4, wanted=0) as w:
        w.enqueue([0, 1, 2], 1)
        now = w.clock.now()

        def claim(who: AnnotatorId, *positions: int) -> tuple[list[int], dict[int, str]]:
            leased, refused = w.write(lambda tx: queue.claim(tx, w.project, who, at(*positions), now, LEASE))
            for each in leased:
                if each.position == 0:
                    w.answer(who, each)
            return [each.position for each in leased], {position: why.value for position, why in refused}

        assert claim(ANN, 2, 0) == ([2, 0], {})
        expected = {2: "already_held", 0: "already_answered", 3: "not_queued"}
        assert claim(ANN, 2, 1, 0, 3) == ([1], expected)
        assert claim(BOB, 0) == ([], {0: "not_wanted"})


def classes_are_served_in_the_order_asked(url: str) -> None:
    """Check: each class has a cursor of its own."""
    with world(url, n_items=4, wanted=0) as w:
        w.enqueue([0, 1], 1, cls=3)
        w.enqueue([2, 3], 1, cls=1)
        assert w.leased_positions(ANN, 1, (2,)) == []
        assert w.leased_positions(ANN, 3, (1, 3)) == [2, 3, 0]
        assert w.leased_positions(ANN, 3, (1,)) == []
        assert w.leased_positions(ANN, 3, (3, 1)) == [1]


def gold_takes_no_place(url: str) -> None:
    """Check: a hidden check is leased and answered beside the queue, once per annotator."""
    with world(url, n_items=3, wanted=0) as w:
        now = w.clock.now()
        w.write(lambda tx: gold.save(tx, w.project, QUESTION, at(1, 2), at(0, 1), ["{}", "{}"], "expert", BOB, now))
        unseen = w.read(lambda tx: queue.unseen_gold(tx, w.project, ANN))
        assert unseen.tolist() == [1, 2]
        lease = w.write(lambda tx: queue.lease_gold(tx, w.project, ANN, at(2), now, LEASE))
        assert [each.purpose for each in lease] == [Purpose.GOLD]
        assert w.write(lambda tx: queue.lease_gold(tx, w.project, ANN, at(2), now, LEASE)) == ()
        assert w.answer(ANN, lease[0]) is SAVED
        assert w.read(lambda tx: queue.unseen_gold(tx, w.project, ANN)).tolist() == [1]
        assert w.summary().n_items == 0


def the_cursor_passes_what_is_done_with(url: str) -> None:
    """Check: after many answers to items that stay open, the next lease starts behind them, and nothing is lost."""
    with world(url, n_items=200, wanted=2) as w:
        for _ in range(14):
            for leased in w.lease(ANN, 10):
                w.answer(ANN, leased)
        assert w.leased_positions(ANN, 3) == [140, 141, 142]
        w.enqueue([7], 3)
        w.enqueue([199], 3)
        assert w.leased_positions(ANN, 100) == [*range(143, 200)]
        assert w.leased_positions(BOB, 200) == [*(n for n in range(199) if n != 7), 7, 199]


def waiting_says_why(url: str) -> None:
    """Check: nothing to lease: others hold it, only others may answer it, or all is done."""
    with world(url, n_items=2, wanted=1) as w:
        leased = w.lease(ANN, 2)
        found = w.read(lambda tx: queue.waiting(tx, w.project, BOB))
        assert found == queue.Waiting(queue.WaitingReason.ALL_HELD, 2, w.clock.now() + LEASE)
        w.answer(ANN, leased[0])
        w.enqueue([0], 2)
        w.answer(ANN, leased[1])
        found = w.read(lambda tx: queue.waiting(tx, w.project, ANN))
        assert found == queue.Waiting(queue.WaitingReason.NOTHING_OPEN, 1, None)
        w.answer(BOB, w.lease(BOB)[0])
        found = w.read(lambda tx: queue.waiting(tx, w.project, ANN))
        assert found == queue.Waiting(queue.WaitingReason.DONE, 0, None)


def what_a_person_holds_can_be_ended(url: str) -> None:
    """Check: signing out gives the items back at once; those to keep stay."""
    with world(url, n_items=3, wanted=1) as w:
        leased = w.lease(ANN, 3)
        w.write(lambda tx: queue.show(tx, [leased[0].id], "model", [2]))
        held = w.read(lambda tx: queue.held(tx, w.project, ANN))
        assert [each.position for each in held] == [0, 1, 2]
        assert (held[0].suggestion_model, held[0].suggestion_label) == ("model", 2)
        now = w.clock.now()
        assert w.write(lambda tx: queue.release_held(tx, w.project, ANN, now, keep=[leased[1].id])) == 2
        assert w.leased_positions(BOB, 5) == [0, 2]
        assert w.summary().live == 3


def _undo(w: World, who: AnnotatorId, leased: queue.Leased, name: str) -> queue.Leased:
    def undo(tx: Tx) -> queue.Leased:
        now = w.clock.now()
        assert annotations.withdraw(tx, w.project, [AnnotationId(name)], f"undo-{name}", now)
        return queue.reopen(tx, w.project, who, leased.id, now, LEASE)

    return w.write(undo)


def _lost(act: Callable[[], object]) -> None:
    try:
        act()
    except LeaseLost:
        return
    raise AssertionError("the lease was not refused")


CHECKS = (
    items_come_in_their_order_and_no_more_than_asked,
    an_item_goes_to_as_many_as_it_wants_and_to_nobody_twice,
    an_ended_lease_comes_back_to_everybody,
    a_late_answer_counts_while_it_is_wanted,
    a_late_answer_beyond_what_is_wanted_is_surplus,
    an_old_token_finishes_nothing,
    a_lease_is_its_annotators_alone,
    a_skipped_item_goes_to_others,
    an_undo_leases_the_item_again,
    an_undone_surplus_answer_takes_no_place,
    a_raised_wish_is_seen_behind_every_cursor,
    a_closed_item_wants_nothing_more,
    a_claim_says_why_not,
    classes_are_served_in_the_order_asked,
    gold_takes_no_place,
    the_cursor_passes_what_is_done_with,
    waiting_says_why,
    what_a_person_holds_can_be_ended,
)
