"""The tables of qualification: questions, onboarding, tries, promotions, own figures.

In: revision 0002. Out: eight tables, their indexes, and the triggers of those that only ever grow. Never: a change to this file
after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, real, serial, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.


def make() -> None:
    """Make them."""
    _onboarding()
    _trials()
    _promotions()
    guard(("onboarding_acts", "trial_answers", "trial_items"))


def _of_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project"], ["projects.id"], name=f"fk_{table}_projects")


def _onboarding() -> None:
    op.create_table(
        "qualification_items",
        text("project"), big("position"), whole("label"), text("use"), text("why"), text("source"), big("at"),
        sa.PrimaryKeyConstraint("project", "position", name="pk_qualification_items"),
        _of_project("qualification_items"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"], name="fk_qualification_items_items"
        ),
    )
    op.create_table(
        "onboarding_acts",
        serial("seq"), text("id"), text("project"), text("annotator"), text("step"), text("event"), text("by"),
        whole("guideline_version", nullable=True), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_onboarding_acts"),
        sa.UniqueConstraint("id", name="uq_onboarding_acts_id"),
    )
    op.create_index("ix_onboarding_acts_person", "onboarding_acts", ["project", "annotator", "seq"])
    op.create_table(
        "onboarded", text("project"), text("annotator"), big("at"), whole("settings_version"),
        sa.PrimaryKeyConstraint("project", "annotator", name="pk_onboarded"),
        _of_project("onboarded"),
    )
    op.create_table(
        "own_figures", text("project"), text("annotator"), text("body"), whole("n_gold"), big("at"),
        sa.PrimaryKeyConstraint("project", "annotator", name="pk_own_figures"),
        _of_project("own_figures"),
    )


def _trials() -> None:
    op.create_table(
        "trials",
        text("id"), text("project"), text("annotator"), text("step"), text("use"), whole("n"), text("seed"),
        text("hash"), big("at"), big("ended_at", nullable=True), whole("n_right", nullable=True),
        text("event", nullable=True), text("salt", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    under_way = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_trials_one_open", "trials", ["project", "annotator"],
        unique=True, sqlite_where=under_way, postgresql_where=under_way,
    )
    op.create_index("ix_trials_person", "trials", ["project", "annotator", "at"])
    op.create_table(
        "trial_items", text("trial"), whole("number"), big("position"), whole("label"), text("why"),
        sa.PrimaryKeyConstraint("trial", "number", name="pk_trial_items"),
        sa.ForeignKeyConstraint(["trial"], ["trials.id"], name="fk_trial_items_trials"),
    )
    op.create_table(
        "trial_answers",
        serial("seq"), text("id"), text("project"), text("trial"), whole("number"), text("answer"),
        whole("label", nullable=True), real("seconds"), text("hash"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_trial_answers"),
        sa.UniqueConstraint("id", name="uq_trial_answers_id"),
        sa.UniqueConstraint("trial", "number", name="uq_trial_answers_trial_number"),
        sa.ForeignKeyConstraint(["trial"], ["trials.id"], name="fk_trial_answers_trials"),
    )


def _promotions() -> None:
    op.create_table(
        "promotions",
        serial("seq"), text("id"), text("project"), text("annotator"), text("figures"), text("hash"), big("at"),
        text("state"), text("decision", nullable=True), text("decision_hash", nullable=True),
        text("decision_salt", nullable=True), text("decided_by", nullable=True), big("decided_at", nullable=True),
        whole("decided_version", nullable=True), text("reason", server_default=""),
        sa.PrimaryKeyConstraint("seq", name="pk_promotions"),
        sa.UniqueConstraint("id", name="uq_promotions_id"),
        sa.UniqueConstraint("decision", name="uq_promotions_decision"),
    )
    proposed = sa.text("state = 'open'")
    op.create_index(
        "ix_promotions_one_open", "promotions", ["project", "annotator"],
        unique=True, sqlite_where=proposed, postgresql_where=proposed,
    )
    op.create_index("ix_promotions_project_seq", "promotions", ["project", "seq"])
