"""The tables: what the store keeps, once, for SQLite and PostgreSQL.

In: nothing. Out: `METADATA` and one `Table` per noun; the names of the tables that only ever grow. Never: a query.

Every row that belongs to a project carries its `project`. Times are whole microseconds since 1970 in UTC (`at`,
`..._at`); labels are the project's stable codes (`labels`), never names. Items are known by `position`, their place
in the intake.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from goldseam.edge.store.declare import METADATA, body_columns, col, key, maybe, of_item, project, project_key, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

# --- projects: what is labeled, under which rules ---

meta = Table("meta", METADATA, key("key"), col("value"))

stamps = Table("stamps", METADATA, key("name"), col("value", BigInteger))
"""`access` moves, by triggers, with every change of who may do what and of what a permit tells of its project."""

projects = Table(
    "projects", METADATA, key("id"), col("name", unique=True), col("modality"), col("created_at", BigInteger),
    col("schema_version", Integer, server_default="0"), col("guideline_version", Integer, server_default="0"),
    col("settings_version", Integer, server_default="0"), col("round", Integer, server_default="0"),
    col("n_items", BigInteger, server_default="0"), col("next_ord", BigInteger, server_default="1"),
    maybe("model"),
)

schemas = Table("schemas", METADATA, project_key(), *body_columns())
guidelines = Table("guidelines", METADATA, project_key(), *body_columns())
settings = Table("settings", METADATA, project_key(), *body_columns())

labels = Table(
    "labels", METADATA, project_key(), key("question"), key("code", Integer), col("name"),
    UniqueConstraint("project", "question", "name"),
)

# --- people ---

annotators = Table(
    "annotators", METADATA,
    serial("number"), col("id", unique=True), col("name"), col("kind"), col("at", BigInteger),
)
"""`number` lets whole sets of votes travel as integers; it is never shown."""

accounts = Table(
    "accounts", METADATA,
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True),
    col("login", unique=True), col("password_hash"), col("disabled", SmallInteger, server_default="0"),
)

roles = Table(
    "roles", METADATA, project_key(),
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True),
    col("role"), col("at", BigInteger),
)

tokens = Table(
    "tokens", METADATA, key("id"), col("hash", unique=True),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False),
    col("name"), maybe("project"), col("acts"), col("created_at", BigInteger), maybe("expires_at", BigInteger),
    maybe("revoked_at", BigInteger),
)

sessions = Table(
    "sessions", METADATA, key("hash"),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False),
    col("created_at", BigInteger), col("expires_at", BigInteger),
)

sign_in_codes = Table(
    "sign_in_codes", METADATA, key("hash"),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False),
    col("expires_at", BigInteger), maybe("used_at", BigInteger),
)

# --- source ---

intakes = Table(
    "intakes", METADATA, key("id"), project(), col("source"), col("accepted", BigInteger),
    col("duplicate", BigInteger), col("refused", BigInteger), col("finished", SmallInteger),
    col("at", BigInteger),
)
Index("ix_intakes_project_at", intakes.c.project, intakes.c.at)

items = Table(
    "items", METADATA, key("project"), key("position", BigInteger), col("id"), col("modality"), col("content"),
    col("media_type"), col("metadata"), col("source"), col("line", BigInteger), col("key"), col("content_hash"),
)

"""Added under the lock of their project's row (`adding`), which says that there is one: asking again for each of a million rows
takes as long as the rows."""

item_ids = Table("item_ids", METADATA, key("id"), key("project"), col("position", BigInteger))
"""Where each item stands, by its id: once in a project. Beside the items, so that ids can be placed in their own order."""

quarantine = Table(
    "quarantine", METADATA, serial(), project(), col("intake"), col("source"), col("line", BigInteger),
    col("reason"), col("text"),
)
Index("ix_quarantine_project_seq", quarantine.c.project, quarantine.c.seq)

duplicates = Table(
    "duplicates", METADATA,
    serial(), project(), col("intake"), col("line", BigInteger), col("position", BigInteger),
)
Index("ix_duplicates_project_intake", duplicates.c.project, duplicates.c.intake)

# --- sample, prelabel, route ---

draws = Table(
    "draws", METADATA, key("id"), project(), col("round", Integer), col("strategy"), col("seed"),
    col("n_pool", BigInteger), col("size", BigInteger), col("settings_version", Integer), col("at", BigInteger),
)
Index("ix_draws_project_round", draws.c.project, draws.c.round)

draw_items = Table(
    "draw_items", METADATA, project_key(), key("position", BigInteger),
    Column("draw", Text, ForeignKey("draws.id"), nullable=False),
    col("round", Integer), col("chance", Float(53)), col("rank", BigInteger), of_item(),
    sqlite_with_rowid=False,
)
"""An item is drawn once; its inclusion chance is what estimates divide by."""

models = Table(
    "models", METADATA, key("id"), project(), col("round", Integer), col("kind"), maybe("release", Integer),
    col("metrics"), col("blob"), col("at", BigInteger), col("outcome"),
)
Index("ix_models_project_at", models.c.project, models.c.at)

suggestions = Table(
    "suggestions", METADATA, project_key(), key("model"), key("position", BigInteger), col("label", Integer),
    col("confidence", Float(53)), col("proba", LargeBinary), of_item(),
)
Index(
    "ix_suggestions_doubt", suggestions.c.project, suggestions.c.model, suggestions.c.label, suggestions.c.confidence,
    suggestions.c.position,
)

routes = Table(
    "routes", METADATA, project_key(), key("position", BigInteger), col("round", Integer),
    col("tier", SmallInteger), col("wanted", Integer), col("spot_check", SmallInteger),
    maybe("confidence", Float(53)), maybe("model"), maybe("certificate"), of_item(),
    sqlite_with_rowid=False,
)
"""`certificate` is the one by which an item was accepted; it stays when the tier is closed and people are asked."""

# --- annotate ---

queue = Table(
    "queue", METADATA, project_key(), key("position", BigInteger), key("purpose"), col("cls", SmallInteger),
    col("ord", BigInteger), col("wanted", Integer), col("done", Integer, server_default="0"),
    col("live", Integer, server_default="0"),
    CheckConstraint("done >= 0 AND live >= 0 AND done + live <= wanted", name="never_more_than_wanted"),
    of_item(),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},
)
"""An item stands here once for each purpose that it is asked about; `cls` is the number of its line (`lines`)."""
OPEN = text("wanted > done + live")
"""Written with the column first: SQLite turns it round in queries, and then finds no index for the other form."""
Index(
    "ix_queue_open",
    queue.c.project,
    queue.c.cls,
    queue.c.ord,
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)

cursors = Table(
    "cursors", METADATA, key("project"), key("annotator"), key("cls", SmallInteger), col("ord", BigInteger),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},
)

assignments = Table(
    "assignments", METADATA, key("id"), project(), col("position", BigInteger), col("annotator"), col("purpose"),
    col("state"), col("counted", SmallInteger), col("token_hash"), col("leased_at", BigInteger),
    col("expires_at", BigInteger), maybe("ended_at", BigInteger), maybe("suggestion_model"),
    maybe("suggestion_label", Integer), col("reason", server_default=""),
    col("extended", Integer, server_default="0"), maybe("extension"), maybe("suggested"),
    UniqueConstraint("project", "position", "annotator"),
    of_item(),
)
"""`counted`: whether this assignment takes one of the places that its item's queue row of the same purpose counts in `live`
or `done`. `extended`: how often its lease was made longer; `extension` is the id under which that was asked for last.
`suggested`: the answers that it showed as suggestions, by question, as JSON."""
LEASED = text("state = 'leased'")
Index("ix_assignments_expiry", assignments.c.expires_at, sqlite_where=LEASED, postgresql_where=LEASED)
Index(
    "ix_assignments_held", assignments.c.project, assignments.c.annotator, sqlite_where=LEASED, postgresql_where=LEASED
)

annotations = Table(
    "annotations", METADATA, key("id"), project(), col("position", BigInteger), col("annotator"),
    Column("assignment", Text, ForeignKey("assignments.id"), nullable=False),
    col("question"), maybe("label", Integer), col("answer"), col("salt"), col("body_hash"), col("purpose"),
    col("schema_version", Integer), col("guideline_version", Integer), col("reaction"), col("seconds", Float(53)),
    col("surplus", SmallInteger), col("entry_seq", BigInteger), col("at", BigInteger), of_item(),
)
Index("ix_annotations_item", annotations.c.project, annotations.c.position)
Index("ix_annotations_own", annotations.c.project, annotations.c.annotator, annotations.c.entry_seq)
Index("ix_annotations_assignment", annotations.c.assignment)

withdrawals = Table(
    "withdrawals", METADATA,
    Column("annotation", Text, ForeignKey("annotations.id"), primary_key=True),
    col("id"), col("project"), col("at", BigInteger),
)
Index("ix_withdrawals_id", withdrawals.c.id)

gold = Table(
    "gold", METADATA, serial(), project(), col("position", BigInteger), col("question"), maybe("label", Integer),
    col("answer"), col("how"), col("by"), col("at", BigInteger), maybe("salt"), of_item(),
)
Index("ix_gold_item", gold.c.project, gold.c.question, gold.c.position, gold.c.seq)

# --- adjudicate, audit, release ---

settlements = Table(
    "settlements", METADATA, serial(), maybe("id"), project(), col("position", BigInteger), col("question"),
    maybe("label", Integer), col("confidence", Float(53)), maybe("posterior", LargeBinary), col("method"),
    col("state"), col("reason"), col("n_votes", Integer), col("round", Integer), maybe("by"),
    col("at", BigInteger), maybe("answer"), maybe("salt"),
    UniqueConstraint("id"),
    of_item(),
)
Index(
    "ix_settlements_item", settlements.c.project, settlements.c.question, settlements.c.position, settlements.c.seq
)

reports = Table(
    "reports", METADATA,
    serial(), project(), col("round", Integer), col("body"), col("at", BigInteger),
)
Index("ix_reports_project_seq", reports.c.project, reports.c.seq)

releases = Table(
    "releases", METADATA, project_key(), key("number", Integer), col("manifest_hash"), col("folder"),
    col("size", BigInteger), col("at", BigInteger), col("by"), col("body"),
)

# --- ledger ---

entries = Table(
    "entries", METADATA, serial(), col("log"), col("kind"), col("body"), col("leaf", LargeBinary),
    maybe("position", BigInteger),
    UniqueConstraint("log", "position"),
    sqlite_autoincrement=True,
)
UNSEALED = text("position IS NULL")
Index("ix_entries_unsealed", entries.c.log, entries.c.seq, sqlite_where=UNSEALED, postgresql_where=UNSEALED)

nodes = Table(
    "nodes", METADATA, key("log"), key("level", SmallInteger), key("position", BigInteger),
    col("hash", LargeBinary),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "checkpoints", METADATA, key("log"), key("size", BigInteger), col("root", LargeBinary), col("note"),
    col("at", BigInteger),
)

APPEND_ONLY = (
    "annotations",
    "checkpoints",
    "entries",
    "gold",
    "guidelines",
    "labels",
    "nodes",
    "releases",
    "schemas",
    "settings",
    "settlements",
    "withdrawals",
)
"""Tables whose rows the database itself refuses to change or remove (an entry may be given its position, once)."""
