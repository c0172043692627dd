"""Whoever changes pay, a try or what a session said behind the server's back is found out: the log committed to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from goldseam.annotate.calibrate import Choosing, SessionEvent
from goldseam.annotate.pay import PayEvent, Per, Rate
from goldseam.edge.project import Project
from goldseam.edge.runner import calibration, check, log, pay, people, promotion, qualification, questions
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.store.tx import Tx
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Act, AnnotatorId
from goldseam.vocab.talk import ProposalState
from tests.walk import small

POS = Choice(LabelName("pos"))
CHANGES = {
    "pay_statements": "amount = amount + 1",
    "pay_rates": "amount = amount + 1",
    "pay_events": "reason = 'never said'",
    "trials": "n_right = 1 - n_right",
    "trial_answers": "answer = '{}'",
    "calibration_answers": "reason = 'x', seconds = 9",
    "calibration_comments": "text = 'never said'",
    "calibration_agreed": "clause = 'never said'",
    "promotions": "reason = 'never said'",
}


def permit_of(project: Project, who: AnnotatorId) -> Permit:
    return people.permit(project.world, Principal(who, "x"), project.facts.id, Act.ANNOTATE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project in which everything happened once."""
    folder = tmp_path_factory.mktemp("people")
    small.write_project(
        folder,
        route={"redundancy": 2},
        onboarding=[{"qualify": {"questions": 1, "wait_hours": 0}}],
        qualification={"files": ["q.csv"], "promotion": {"answers": 1, "gold_low": 0, "agreement": 0, "weeks": 0}},
    )
    small.write_rows(folder / "q.csv", ["key", "label"], [["k1", "pos"], ["k3", "pos"]])
    with small.opened(folder) as made:
        everything(made)
        yield made


def everything(made: Project) -> None:
    world, manager = made.world, made.permit(Act.MANAGE)
    who = [small.member(made, name) for name in ("ada", "ben")]
    small.run(made)
    questions.take_in(world, made.facts, made.me)
    for one in who:
        permit = permit_of(made, one)
        trial = qualification.begin(world, permit, made.new_id())
        qualification.answer(world, permit, trial.id, made.new_id(), 1, POS, 1.0)
    small.answer_all(made, who)
    session = calibration.Start(made.new_id(), "One", Choosing.RANDOM, 2, tuple(who))
    calibration.start(world, manager, session)
    for one in who:
        for number in (1, 2):
            calibration.answer(
                world,
                permit_of(made, one),
                session.id,
                made.new_id(),
                number,
                {made.facts.schema.main.name: POS},
                "So.",
                2.0,
            )
    calibration.say(world, manager, session.id, made.new_id(), 1, "Look.")
    calibration.agree(world, manager, session.id, made.new_id(), 1, "mood", POS, "", "")
    calibration.move(world, manager, session.id, made.new_id(), SessionEvent.FINISH)
    promotion.measure_all(world, made.facts, made.me)
    (first, *_) = promotion.listing(world, manager)
    promotion.decide(world, manager, first.promotion.id, made.new_id(), ProposalState.DECLINED, "No.")
    pay.set_rate(world, manager, Rate(made.new_id(), Per.ANSWER, 5, "EUR", world.clock.now().replace(year=2020)))
    stated = pay.state_all(world, manager, world.clock.now())
    assert len(stated) == 2
    pay.move(world, manager, stated[0].statement.id, made.new_id(), PayEvent.APPROVE, "")
    log.seal(world)


def test_what_nobody_changed_is_as_the_log_says(project: Project) -> None:
    assert check.project(project.world, project.facts) == ()


@pytest.mark.parametrize("table", CHANGES)
def test_a_changed_row_is_found(project: Project, table: str) -> None:
    def change(statement: str) -> None:
        def save(tx: Tx) -> None:
            tx.run(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
            tx.run(text(statement))

        project.world.store.write(save)

    change(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
    change(f"UPDATE {table} SET {CHANGES[table]}")
    assert check.project(project.world, project.facts)
    project.world.store.write(lambda tx: put_back(tx, table))
    assert check.project(project.world, project.facts) == ()


def put_back(tx: Tx, table: str) -> None:
    """Put every row back as it was."""
    run = tx.run
    names = [row[1] for row in run(text(f"PRAGMA table_info({table})"))]
    pairs = ", ".join(f'"{name}" = (SELECT k."{name}" FROM kept_{table} k WHERE k.id = {table}.id)' for name in names)
    run(text(f"UPDATE {table} SET {pairs}"))


@pytest.mark.parametrize("table", ["paid_answers", "calibration_answers", "pay_events"])
def test_a_row_that_is_gone_is_found(project: Project, table: str) -> None:
    def forget(tx: Tx) -> None:
        run = tx.run
        run(text(f"DROP TRIGGER IF EXISTS {table}_no_delete"))
        run(text(f"CREATE TABLE lost_{table} AS SELECT * FROM {table}"))
        run(text(f"DELETE FROM {table}"))

    project.world.store.write(forget)
    assert check.project(project.world, project.facts)
    project.world.store.write(lambda tx: tx.run(text(f"INSERT INTO {table} SELECT * FROM lost_{table}")))
    assert check.project(project.world, project.facts) == ()
