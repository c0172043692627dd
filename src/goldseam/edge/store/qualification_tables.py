"""The tables of qualification: questions with known answers, onboarding, tries, promotions, and one's own figures.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.

`hash` is of what was sent, so that a repeat is told from an id that was used for something else; `salt` belongs to the
commitment that the entry holds.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from goldseam.edge.store.declare import METADATA, col, key, maybe, of_item, project, project_key, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

qualification_items = Table(
    "qualification_items", METADATA, project_key(), key("position", BigInteger), col("label", Integer), col("use"),
    col("why"), col("source"), col("at", BigInteger),
    of_item(),
)
"""Items whose answer is known and that are asked in practice or tests; a correction replaces the row, tries keep theirs."""

onboarding_acts = Table(
    "onboarding_acts", METADATA, serial(), col("id", unique=True), project(), col("annotator"), col("step"), col("event"),
    col("by"), maybe("guideline_version", Integer), col("hash"), col("at", BigInteger),
)
Index("ix_onboarding_acts_person", onboarding_acts.c.project, onboarding_acts.c.annotator, onboarding_acts.c.seq)

onboarded = Table(
    "onboarded", METADATA, project_key(), key("annotator"), col("at", BigInteger), col("settings_version", Integer),
)
"""Who is through: one look-up by key when they ask for work."""

trials = Table(
    "trials", METADATA, key("id"), project(), col("annotator"), col("step"), col("use"), col("n", Integer), col("seed"),
    col("hash"), col("at", BigInteger), maybe("ended_at", BigInteger), maybe("n_right", Integer), maybe("event"),
    maybe("salt"),
)
UNDER_WAY = text("ended_at IS NULL")
Index(
    "ix_trials_one_open", trials.c.project, trials.c.annotator,
    unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY,
)
Index("ix_trials_person", trials.c.project, trials.c.annotator, trials.c.at)

trial_items = Table(
    "trial_items", METADATA, Column("trial", Text, ForeignKey("trials.id"), primary_key=True), key("number", Integer),
    col("position", BigInteger), col("label", Integer), col("why"),
)

trial_answers = Table(
    "trial_answers", METADATA, serial(), col("id", unique=True), project(),
    Column("trial", Text, ForeignKey("trials.id"), nullable=False),
    col("number", Integer), col("answer"), maybe("label", Integer), col("seconds", Float(53)), col("hash"),
    col("at", BigInteger),
    UniqueConstraint("trial", "number"),
)

promotions = Table(
    "promotions", METADATA, serial(), col("id", unique=True), project(), col("annotator"), col("figures"), col("hash"),
    col("at", BigInteger), col("state"),
    maybe("decision"), maybe("decision_hash"), maybe("decision_salt"), maybe("decided_by"), maybe("decided_at", BigInteger),
    maybe("decided_version", Integer), col("reason", server_default=""),
    UniqueConstraint("decision"),
)
PROPOSED = text("state = 'open'")
Index(
    "ix_promotions_one_open", promotions.c.project, promotions.c.annotator,
    unique=True, sqlite_where=PROPOSED, postgresql_where=PROPOSED,
)
Index("ix_promotions_project_seq", promotions.c.project, promotions.c.seq)

own_figures = Table(
    "own_figures", METADATA, project_key(), key("annotator"), col("body"), col("n_gold", Integer),
    col("at", BigInteger),
)
"""What each annotator is told about themselves, as it was last measured."""

NEVER_CHANGED = ("onboarding_acts", "trial_answers", "trial_items")
"""Tables whose rows the database itself refuses to change or remove."""
