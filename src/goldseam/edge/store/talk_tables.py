"""The tables of talk: threads of comments, proposals, disputes, and items handed up to a more senior tier.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.

`hash` is of what was sent, so that a repeat is told from an id that was used for something else; `salt` belongs to the
commitment that the entry holds.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from goldseam.edge.store.declare import METADATA, col, key, maybe, of_item, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

threads = Table(
    "threads", METADATA, key("id"), project(), col("position", BigInteger), col("annotator"), col("state"),
    col("moved", BigInteger),
    UniqueConstraint("project", "position", "annotator"),
    of_item(),
)
"""`state` and `moved` (the number of the last comment) follow from the comments: a law, `talk.stale_threads` checks it."""
Index("ix_threads_project_moved", threads.c.project, threads.c.moved)
Index("ix_threads_project_state_moved", threads.c.project, threads.c.state, threads.c.moved)
Index("ix_threads_project_annotator_moved", threads.c.project, threads.c.annotator, threads.c.moved)

comments = Table(
    "comments", METADATA, serial(), col("id", unique=True), project(),
    Column("thread", Text, ForeignKey("threads.id"), nullable=False),
    col("author"), col("say"), col("text"), col("salt"), col("hash"), col("at", BigInteger),
)
Index("ix_comments_thread_seq", comments.c.thread, comments.c.seq)

proposals = Table(
    "proposals", METADATA, serial(), col("id", unique=True), project(), col("by"), col("about"), col("clause"),
    maybe("label"), maybe("item"), col("text"), col("why"), col("guideline_version", Integer), col("salt"), col("hash"),
    col("at", BigInteger), col("state"),
    maybe("decision"), maybe("decision_hash"), maybe("decision_salt"), maybe("decided_by"), maybe("decided_at", BigInteger),
    maybe("decided_version", Integer), col("reason", server_default=""),
    UniqueConstraint("decision"),
)
Index("ix_proposals_project_seq", proposals.c.project, proposals.c.seq)
Index("ix_proposals_project_state_seq", proposals.c.project, proposals.c.state, proposals.c.seq)
Index("ix_proposals_project_by_seq", proposals.c.project, proposals.c.by, proposals.c.seq)

disputes = Table(
    "disputes", METADATA, serial(), col("id", unique=True), project(), col("position", BigInteger), col("by"),
    maybe("label"), col("text"), maybe("contested_by"), col("salt"), col("hash"), col("at", BigInteger), col("state"),
    maybe("decision"), maybe("decision_hash"), maybe("decision_salt"), maybe("decided_by"), maybe("decided_at", BigInteger),
    maybe("decided_version", Integer), col("reason", server_default=""), col("question", server_default=""), maybe("answer"),
    UniqueConstraint("decision"),
    of_item(),
)
"""`contested_by`: who had made the ruling that stood when the dispute came, if a person had. `question` is empty where the
first question's label is disputed; else `answer` is the one that would be right, as canonical JSON."""
STILL_OPEN = text("state = 'open'")
Index(
    "ix_disputes_one_open", disputes.c.project, disputes.c.position, disputes.c.by, disputes.c.question,
    unique=True, sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN,
)
Index("ix_disputes_project_state_seq", disputes.c.project, disputes.c.state, disputes.c.seq)
Index("ix_disputes_project_by_seq", disputes.c.project, disputes.c.by, disputes.c.seq)

escalations = Table(
    "escalations", METADATA, serial(), col("id", unique=True), project(), col("position", BigInteger), col("question"),
    col("tier", Integer), col("by"), col("reason"), col("salt"), col("hash"), col("at", BigInteger),
    of_item(),
)
Index("ix_escalations_item", escalations.c.project, escalations.c.position, escalations.c.seq)

NEVER_CHANGED = ("comments", "escalations")
"""Tables whose rows the database itself refuses to change or remove."""
