"""The tables of calibration: sessions, their items and people, answers, what was said, what was agreed.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query; an answer of a session among the annotations that are
votes.

`hash` is of what was sent, so that a repeat is told from an id that was used for something else; `salt` belongs to the
commitment that the entry holds.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from goldseam.edge.store.declare import METADATA, col, key, maybe, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

calibrations = Table(
    "calibrations", METADATA, key("id"), project(), col("title"), col("choosing"), col("seed"), col("state"),
    col("n_items", Integer), col("n_people", Integer), col("schema_version", Integer), col("guideline_version", Integer),
    col("by"), col("hash"), col("at", BigInteger), maybe("discussed_at", BigInteger), maybe("finished_at", BigInteger),
    maybe("before"), maybe("after"), maybe("apart"),
)
"""`before` is the agreement of the session's answers, `after` that of ordinary answers since it ended, each a list with one
row a question; `apart` is how far the answers to a question are apart, by question and then by item number. All as JSON."""
Index("ix_calibrations_project_id", calibrations.c.project, calibrations.c.id)


def _of_session() -> Column[str]:
    return Column("calibration", Text, ForeignKey("calibrations.id"), nullable=False)


calibration_items = Table(
    "calibration_items", METADATA, Column("calibration", Text, ForeignKey("calibrations.id"), primary_key=True),
    key("number", Integer), project(), col("position", BigInteger),
    ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"]),
)

calibration_people = Table(
    "calibration_people", METADATA, Column("calibration", Text, ForeignKey("calibrations.id"), primary_key=True),
    key("annotator"), col("cover"), col("n_answers", Integer, server_default="0"),
)
"""`cover` stands for the annotator's name; `n_answers` counts the rows of `calibration_answers`."""
Index("ix_calibration_people_annotator", calibration_people.c.annotator, calibration_people.c.calibration)

calibration_answers = Table(
    "calibration_answers", METADATA, serial(), col("id", unique=True), project(), _of_session(), col("number", Integer),
    col("annotator"), col("answers"), col("reason"), col("seconds", Float(53)), col("salt"), col("hash"),
    col("at", BigInteger),
    UniqueConstraint("calibration", "number", "annotator"),
)
"""`answers` is canonical JSON by question."""
Index("ix_calibration_answers_own", calibration_answers.c.project, calibration_answers.c.annotator)

calibration_comments = Table(
    "calibration_comments", METADATA, serial(), col("id", unique=True), project(), _of_session(), col("number", Integer),
    col("author"), col("text"), col("salt"), col("hash"), col("at", BigInteger),
)
Index("ix_calibration_comments_item", calibration_comments.c.calibration, calibration_comments.c.number)

calibration_agreed = Table(
    "calibration_agreed", METADATA, serial(), col("id", unique=True), project(), _of_session(), col("number", Integer),
    col("question"), col("answer"), col("clause"), col("reason"), col("by"), col("salt"), col("hash"), col("at", BigInteger),
)
"""The newest row of an item and question counts; `answer` is canonical JSON."""
Index("ix_calibration_agreed_item", calibration_agreed.c.calibration, calibration_agreed.c.number)

NEVER_CHANGED = ("calibration_agreed", "calibration_answers", "calibration_comments", "calibration_items")
"""Tables whose rows the database itself refuses to change or remove."""
