"""Checks of what is kept: every record and array comes back as it went in, and the newest counts.

In: a URL. Out: nothing. Never: the queue (`queue`) or votes (`votes`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import numpy as np

from goldseam.edge.store import (
    adding,
    draws,
    gold,
    items,
    models,
    people,
    projects,
    queue,
    releases,
    reports,
    settlements,
    suggestions,
)
from goldseam.edge.store.tx import Tx
from goldseam.testing.store_suite.world import ANN, BOB, CAT, LABELS, QUESTION, at, texts, world
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import Conflict, GoldseamError, NotFound
from goldseam.vocab.items import ItemId, Modality
from goldseam.vocab.people import Act, Annotator, AnnotatorKind, Role


def equal_content_is_one_item(url: str) -> None:
    """Check: duplicates, within a batch and of what is there, are told apart from new items, and positions have no gaps."""
    with world(url, n_items=3, wanted=0) as w:
        more = texts(5)
        added = w.write(lambda tx: adding.add(tx, w.project, [more[4], more[1], more[4], more[3]]))
        assert added.position.tolist() == [3, 1, 3, 4]
        assert added.new.tolist() == [True, False, False, True]
        assert w.read(lambda tx: projects.get(tx, w.project)).n_items == 5
        assert w.read(lambda tx: items.recounted(tx, w.project)) == 5
        assert w.read(lambda tx: items.all_ids(tx, w.project)) == [more[n].id for n in (0, 1, 2, 4, 3)]


def an_item_comes_back_as_it_went_in(url: str) -> None:
    """Check: by position, by id, by page, in any order asked."""
    with world(url, n_items=4, wanted=0) as w:
        ids = [item.id for item in w.items]
        assert w.read(lambda tx: items.some(tx, w.project, at(2, 0, 2))) == (w.items[2], w.items[0], w.items[2])
        assert w.read(lambda tx: items.at(tx, w.project, 3)) == w.items[3]
        assert w.read(lambda tx: items.find(tx, w.project, ids[1])) == items.Placed(1, w.items[1])
        assert [p.position for p in w.read(lambda tx: items.page(tx, w.project, 1, 2))] == [2, 3]
        assert w.read(lambda tx: items.contents(tx, w.project, at(3, 1))) == ["text 3", "text 1"]
        assert w.read(lambda tx: items.ids_of(tx, w.project, at(1, 0))) == [ids[1], ids[0]]
        assert w.read(lambda tx: items.positions_of(tx, w.project, [ids[3], ids[0]])).tolist() == [3, 0]
        assert w.read(lambda tx: items.positions_by_key(tx, w.project)) == {f"key-{n}": n for n in range(4)}
        assert w.read(lambda tx: items.metadata_column(tx, w.project, at(1), "domain")) == [""]
        _raises(NotFound, lambda: w.read(lambda tx: items.at(tx, w.project, 9)))
        _raises(NotFound, lambda: w.read(lambda tx: items.some(tx, w.project, at(0, 9))))
        _raises(NotFound, lambda: w.read(lambda tx: items.positions_of(tx, w.project, [ItemId("none")])))


def a_refused_record_is_kept_with_its_reason(url: str) -> None:
    """Check: quarantine, duplicates and the intake's counts."""
    with world(url, n_items=1, wanted=0) as w:
        now = w.clock.now()
        intake = w.write(lambda tx: items.start_intake(tx, w.project, "a.csv", now))
        bad = [items.Quarantined("a.csv", n, "broken", f'"\\x00 {n}') for n in (4, 9, 11)]
        w.write(lambda tx: items.quarantine(tx, w.project, intake, bad))
        w.write(lambda tx: items.add_duplicates(tx, w.project, intake, [7], at(0)))
        w.write(lambda tx: items.count_intake(tx, intake, 1, 1, 3, finished=True))
        first = w.read(lambda tx: items.quarantined(tx, w.project, limit=2))
        rest = w.read(lambda tx: items.quarantined(tx, w.project, after=first[-1][0]))
        assert [each for _, each in first + rest] == bad
        (row,) = w.read(lambda tx: items.intakes(tx, w.project))
        assert row == items.IntakeRow(intake, "a.csv", 1, 1, 3, finished=True, at=now)


def label_codes_never_change(url: str) -> None:
    """Check: new names get the next codes; names that are there keep theirs, whatever the order in which they come."""
    with world(url, wanted=0) as w:
        more = [LabelName("new"), LABELS[2], LabelName("new"), LABELS[0]]
        names = w.write(lambda tx: projects.add_labels(tx, w.project, QUESTION, more))
        assert names == (*LABELS, "new")
        assert w.read(lambda tx: projects.labels(tx, w.project, QUESTION)) == names
        assert w.read(lambda tx: projects.labels(tx, w.project, "other")) == ()


def every_version_stays(url: str) -> None:
    """Check: the same body again is no new version; old versions stay readable."""
    with world(url, wanted=0) as w:
        now = w.clock.now()
        what = projects.Versioned.GUIDELINE
        made = [
            w.write(
                partial(projects.add_version, project=w.project, what=what, body=body, digest=f"hash {body}", now=now)
            )
            for body in ("one", "one", "two", "one")
        ]
        assert made == [1, 1, 2, 3]
        assert w.read(lambda tx: projects.get(tx, w.project)).guideline_version == 3
        second = projects.Version(2, "two", "hash two", now)
        assert w.read(lambda tx: projects.version(tx, w.project, what, 2)) == second
        assert w.read(lambda tx: projects.version(tx, w.project, projects.Versioned.SCHEMA)) is None


def people_have_one_role_a_project(url: str) -> None:
    """Check: roles replace each other, and go."""
    with world(url, wanted=0) as w:
        now = w.clock.now()
        w.write(lambda tx: people.set_roles(tx, w.project, [ANN, BOB], Role.ANNOTATOR, now))
        w.write(lambda tx: people.set_role(tx, w.project, BOB, Role.REVIEWER, now))
        assert w.read(lambda tx: people.role(tx, w.project, BOB)) is Role.REVIEWER
        found = w.read(lambda tx: people.members(tx, w.project))
        assert [(who.id, role) for who, role in found] == [(ANN, Role.ANNOTATOR), (BOB, Role.REVIEWER)]
        w.write(lambda tx: people.set_role(tx, w.project, BOB, None, now))
        assert w.read(lambda tx: people.role(tx, w.project, BOB)) is None
        assert w.read(lambda tx: projects.of_annotator(tx, BOB)) == ()
        ((project, role),) = w.read(lambda tx: projects.of_annotator(tx, ANN))
        assert (project.id, role) == (w.project, Role.ANNOTATOR)


def a_disabled_account_opens_nothing(url: str) -> None:
    """Check: sessions, tokens and codes work until they end, and none of them once the account is closed."""
    with world(url, wanted=0) as w:
        now, later = w.clock.now(), w.clock.now() + timedelta(hours=1)
        ann = Annotator(ANN, ANN, AnnotatorKind.PERSON)
        acts = frozenset({Act.VIEW, Act.CLAIM})
        w.write(lambda tx: people.add_account(tx, ANN, "ann@x", "argon"))
        _raises(Conflict, lambda: w.write(lambda tx: people.add_account(tx, BOB, "ann@x", "argon")))
        w.write(lambda tx: people.add_session(tx, "s", ANN, now, later))
        token = w.write(lambda tx: people.add_token(tx, "t", ANN, "ci", w.project, acts, now, later))
        assert w.read(lambda tx: people.session(tx, "s", now)) == (ann, later)
        assert w.read(lambda tx: people.session(tx, "s", later)) is None
        found = w.read(lambda tx: people.token(tx, "t", now))
        assert found == people.Token(token, ann, "ci", w.project, acts, now, later, None)
        assert w.read(lambda tx: people.token(tx, "t", later)) is None
        w.write(lambda tx: people.disable_account(tx, ANN))
        assert w.read(lambda tx: people.session(tx, "s", now)) is None
        assert w.read(lambda tx: people.token(tx, "t", now)) is None
        w.write(lambda tx: people.enable_account(tx, ANN))
        w.write(lambda tx: people.revoke_token(tx, token, now))
        assert w.read(lambda tx: people.token(tx, "t", now)) is None
        assert w.read(lambda tx: people.account(tx, "ann@x")) == people.Account(ann, "ann@x", "argon", disabled=False)


def the_access_stamp_moves_with_rights_and_rules_only(url: str) -> None:
    """Check: whatever a permit rests on moves the stamp; the daily work does not; what fails does not."""
    with world(url, n_items=2, wanted=1) as w:
        now, later = w.clock.now(), w.clock.now() + timedelta(hours=1)
        w.write(lambda tx: people.add_session(tx, "s", ANN, now, later))
        token = w.write(lambda tx: people.add_token(tx, "t", ANN, "ci", w.project, frozenset({Act.VIEW}), now, later))
        acts: tuple[Callable[[Tx], object], ...] = (
            lambda tx: people.set_role(tx, w.project, ANN, Role.ANNOTATOR, now),
            lambda tx: people.set_role(tx, w.project, ANN, Role.REVIEWER, now),
            lambda tx: people.set_role(tx, w.project, ANN, None, now),
            lambda tx: people.end_session(tx, "s"),
            lambda tx: people.add_account(tx, ANN, "ann@x", "argon"),
            lambda tx: people.disable_account(tx, ANN),
            lambda tx: people.revoke_token(tx, token, now),
            lambda tx: projects.set_round(tx, w.project, 2),
            lambda tx: projects.set_model(tx, w.project, "m"),
        )

        def half(tx: Tx) -> None:
            projects.set_round(tx, w.project, 3)
            items.at(tx, w.project, 9)

        for nth, act in enumerate(acts):
            before = w.store.stamp()
            w.write(act)
            assert w.store.stamp() > before, f"act {nth} moved nothing"
        still = w.store.stamp()
        _raises(NotFound, lambda: w.write(half))
        leased = w.write(lambda tx: queue.lease(tx, w.project, BOB, [0], 1, now, timedelta(minutes=1)))
        w.write(lambda tx: queue.skip(tx, w.project, BOB, leased[0].id, leased[0].token, "", now))
        assert w.store.stamp() == still


def a_sign_in_code_works_once(url: str) -> None:
    """Check: neither twice nor too late."""
    with world(url, wanted=0) as w:
        now, later = w.clock.now(), w.clock.now() + timedelta(hours=1)
        w.write(lambda tx: people.add_sign_in_code(tx, "c", CAT, later))
        assert w.write(lambda tx: people.use_sign_in_code(tx, "c", later)) is None
        found = w.write(lambda tx: people.use_sign_in_code(tx, "c", now))
        assert found is not None
        assert found.id == CAT
        assert w.write(lambda tx: people.use_sign_in_code(tx, "c", now)) is None


def what_was_drawn_or_is_gold_leaves_the_pool(url: str) -> None:
    """Check: a draw keeps chances and ranks; an item is drawn once."""
    with world(url, n_items=6, wanted=0) as w:
        now, chance = w.clock.now(), np.array([0.1, 1 / 3])
        w.write(lambda tx: gold.save(tx, w.project, QUESTION, at(0), at(1), ["{}"], "file", ANN, now))
        draw = w.write(lambda tx: draws.save(tx, w.project, 1, "margin", 2**62, 5, 1, at(4, 2), chance, at(0, 1), now))
        assert w.read(lambda tx: draws.pool(tx, w.project)).tolist() == [1, 3, 5]
        drawn = w.read(lambda tx: draws.drawn(tx, w.project, 1))
        assert (drawn.position.tolist(), drawn.chance.tolist()) == ([4, 2], chance.tolist())
        assert w.read(lambda tx: draws.drawn(tx, w.project, 2)).position.tolist() == []
        (row,) = w.read(lambda tx: draws.listing(tx, w.project))
        assert row == draws.DrawRow(draw, 1, "margin", 2**62, 5, 2, 1, now)
        _raises(
            Conflict,
            lambda: w.write(
                lambda tx: draws.save(tx, w.project, 2, "random", 1, 5, 1, at(3, 2), chance, at(0, 1), now)
            ),
        )
        assert w.read(lambda tx: draws.pool(tx, w.project)).tolist() == [1, 3, 5]


def a_route_without_confidence_says_so(url: str) -> None:
    """Check: absent confidence stays absent; a new tier replaces the old."""
    with world(url, n_items=3, wanted=0) as w:
        yes, no = np.array([True, False]), None
        chance, now = np.array([1.0, 1.0]), w.clock.now()
        w.write(lambda tx: draws.save(tx, w.project, 1, "random", 1, 3, 1, at(0, 2), chance, at(0, 1), now))
        assert w.read(lambda tx: draws.unrouted(tx, w.project, 1)).tolist() == [0, 2]
        w.write(lambda tx: draws.save_routes(tx, w.project, 1, at(0), at(2), at(3), yes[1:], no, None))
        sure = np.array([0.9, 0.25])
        w.write(lambda tx: draws.save_routes(tx, w.project, 1, at(2, 1), at(0, 1), at(1, 1), yes, sure, "m"))
        found = w.read(lambda tx: draws.routed(tx, w.project, 1))
        assert found.position.tolist() == [0, 1, 2]
        assert found.tier.tolist() == [2, 1, 0]
        assert found.spot_check.tolist() == [False, False, True]
        assert found.has_confidence.tolist() == [False, True, True]
        assert found.confidence.tolist() == [0.0, 0.25, 0.9]


def probabilities_come_back_bit_for_bit(url: str) -> None:
    """Check: in any order asked; and what a model has not scored is known."""
    with world(url, n_items=4, wanted=0) as w:
        proba = np.random.default_rng(1).dirichlet([1, 1, 1], 3).astype(np.float32)
        w.write(lambda tx: suggestions.save(tx, w.project, "m", at(0, 1, 3), at(2, 0, 1), proba))
        found = w.read(lambda tx: suggestions.proba(tx, w.project, "m", at(3, 0, 3)))
        assert np.array_equal(found, proba[[2, 0, 2]])
        assert w.read(lambda tx: suggestions.unscored(tx, w.project, "m")).tolist() == [2]
        assert w.read(lambda tx: suggestions.one(tx, w.project, "m", 1)) == (0, float(proba[1].max()))
        assert w.read(lambda tx: suggestions.one(tx, w.project, "m", 2)) is None
        assert w.read(lambda tx: suggestions.suggested(tx, w.project, "m")).label.tolist() == [2, 0, 1]
        _raises(NotFound, lambda: w.read(lambda tx: suggestions.proba(tx, w.project, "m", at(2))))
        assert w.read(lambda tx: suggestions.proba(tx, w.project, "m", at())).shape[0] == 0


def the_newest_settlement_counts(url: str) -> None:
    """Check: settlements supersede each other, a ruling supersedes them, and a late label widens old posteriors."""
    with world(url, n_items=3, wanted=0) as w:
        now = w.clock.now()

        def settle(position: np.ndarray, label: int, sure: float, *, open_: bool) -> None:
            n = len(position)
            posterior = np.full((n, 3), (1 - sure) / 2)
            posterior[:, label] = sure
            say = np.full(n, label), np.full(n, sure), posterior, np.full(n, 2), np.full(n, open_)
            w.write(
                lambda tx: settlements.save(
                    tx, w.project, QUESTION, position, *say, ["unsure" if open_ else ""] * n, "majority", 1, now
                )
            )

        settle(at(0, 1, 2), 0, 0.5, open_=True)
        settle(at(1), 2, 0.9, open_=False)
        settle(at(2), 1, 0.4, open_=True)
        assert w.read(lambda tx: settlements.escalated(tx, w.project, QUESTION)).tolist() == [2, 0]
        ruling = settlements.Ruling(0, QUESTION, 1, "rule 3", CAT)
        assert w.write(lambda tx: settlements.rule(tx, w.project, "r", ruling, 2, 1, now))
        assert not w.write(lambda tx: settlements.rule(tx, w.project, "r", ruling, 2, 1, now))
        other = settlements.Ruling(0, QUESTION, 2, "rule 3", CAT)
        _raises(Conflict, lambda: w.write(lambda tx: settlements.rule(tx, w.project, "r", other, 2, 1, now)))
        w.write(lambda tx: projects.add_labels(tx, w.project, QUESTION, [LabelName("late")]))
        found = w.read(lambda tx: settlements.current(tx, w.project, QUESTION))
        assert found.label.tolist() == [1, 2, 1]
        assert found.escalated.tolist() == [False, False, True]
        assert found.method == ("ruling", "majority", "majority")
        assert found.by == (CAT, None, None)
        expected = np.array([[0, 1, 0, 0], [0.05, 0.05, 0.9, 0], [0.3, 0.4, 0.3, 0]])
        assert np.allclose(found.posterior, expected)
        assert w.read(lambda tx: settlements.n_escalated(tx, w.project, QUESTION)) == 1
        assert w.read(lambda tx: settlements.n_settled(tx, w.project)) == 2
        position, label = w.read(lambda tx: settlements.rulings(tx, w.project, QUESTION))
        assert (position.tolist(), label.tolist()) == ([0], [1])


def the_newest_gold_counts(url: str) -> None:
    """Check: a correction is a new row; answers that are no choice have no label."""
    with world(url, wanted=0) as w:
        now = w.clock.now()
        save = w.write
        save(lambda tx: gold.save(tx, w.project, QUESTION, at(3, 1), at(0, 0), ["a", "b"], "file", ANN, now))
        save(lambda tx: gold.save(tx, w.project, QUESTION, at(3, 2), [2, None], ["c", "d"], "ruling", ANN, now))
        found = w.read(lambda tx: gold.current(tx, w.project, QUESTION))
        assert (found.position.tolist(), found.label.tolist()) == ([1, 3], [0, 2])
        assert w.read(lambda tx: gold.answers(tx, w.project, QUESTION)) == {1: "b", 2: "d", 3: "c"}
        assert w.read(lambda tx: gold.count(tx, w.project)) == 3


def reports_releases_and_models_come_back(url: str) -> None:
    """Check: the newest first where it matters; a release's number is used once."""
    with world(url, wanted=0) as w:
        now = w.clock.now()
        for number, body in ((1, "a"), (2, "b"), (1, "c")):
            w.write(partial(reports.save, project=w.project, round=number, body=body, now=now))
        newest = w.read(lambda tx: reports.newest(tx, w.project, 2))
        assert newest == reports.ReportRow(2, "b", now)
        assert [row.body for row in w.read(lambda tx: reports.listing(tx, w.project))] == ["a", "b", "c"]
        release = releases.ReleaseRow(1, "hash", "0001", 9, now, ANN, "{}")
        assert w.write(lambda tx: releases.next_number(tx, w.project)) == 1
        w.write(lambda tx: releases.save(tx, w.project, release))
        _raises(Conflict, lambda: w.write(lambda tx: releases.save(tx, w.project, release)))
        assert w.write(lambda tx: releases.next_number(tx, w.project)) == 2
        assert w.read(lambda tx: releases.newest(tx, w.project)) == w.read(lambda tx: releases.get(tx, w.project, 1))
        model = models.ModelRow("m", 1, "linear", None, "{}", "hash", now, models.Outcome.KEPT)
        w.write(lambda tx: models.save(tx, w.project, model))
        assert w.read(lambda tx: models.get(tx, w.project, "m")) == model
        assert w.read(lambda tx: models.of_round(tx, w.project, 1)) == model
        assert w.read(lambda tx: models.of_round(tx, w.project, 2)) is None


def a_project_is_found_by_its_name(url: str) -> None:
    """Check: and a wrong name is answered by the nearest."""
    with world(url, n_items=2, wanted=0) as w:
        found = w.read(lambda tx: projects.by_name(tx, "world"))
        assert (found.id, found.modality, found.n_items, found.model) == (w.project, Modality.TEXT, 2, None)
        w.write(lambda tx: projects.set_round(tx, w.project, 4))
        w.write(lambda tx: projects.set_model(tx, w.project, "m"))
        (found,) = w.read(projects.listing)
        assert (found.round, found.model) == (4, "m")
        message = _raises(NotFound, lambda: w.read(lambda tx: projects.by_name(tx, "wrold")))
        assert "'world'" in message


def _raises(kind: type[GoldseamError], act: Callable[[], object]) -> str:
    try:
        act()
    except kind as error:
        return error.message
    raise AssertionError(f"{kind.__name__} was not raised")


CHECKS = (
    equal_content_is_one_item,
    an_item_comes_back_as_it_went_in,
    a_refused_record_is_kept_with_its_reason,
    label_codes_never_change,
    every_version_stays,
    people_have_one_role_a_project,
    a_disabled_account_opens_nothing,
    the_access_stamp_moves_with_rights_and_rules_only,
    a_sign_in_code_works_once,
    what_was_drawn_or_is_gold_leaves_the_pool,
    a_route_without_confidence_says_so,
    probabilities_come_back_bit_for_bit,
    the_newest_settlement_counts,
    the_newest_gold_counts,
    reports_releases_and_models_come_back,
    a_project_is_found_by_its_name,
)
