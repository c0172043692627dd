"""The tables: what the store keeps, once, for SQLite and PostgreSQL.

In: nothing. Out: `METADATA` and one `Table` per noun; the names of the tables that only ever grow. Never: a query.

Every row that belongs to a project carries its `project`. Times are whole microseconds since 1970 in UTC (`at`,
`..._at`); labels are the project's stable codes (`labels`), never names. Items are known by `position`, their place
in the intake.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.type_api import TypeEngine

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
SERIAL: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column declared INTEGER."""


Kind = type[TypeEngine[Any]] | TypeEngine[Any]


def _col(name: str, kind: Kind = Text, *, unique: bool | None = None, server_default: str | None = None) -> Column[Any]:
    return Column(name, kind, nullable=False, unique=unique, server_default=server_default)


def _maybe(name: str, kind: Kind = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _key(name: str, kind: Kind = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _serial(name: str = "seq") -> Column[int]:
    return Column(name, SERIAL, primary_key=True, autoincrement=True)


def _project() -> Column[Any]:
    return _col("project")


def _project_key() -> Column[Any]:
    return Column("project", Text, ForeignKey("projects.id"), primary_key=True)


def _body_columns() -> list[Column[Any]]:
    return [_key("version", Integer), _col("body"), _col("hash"), _col("at", BigInteger)]


def _of_item() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"])


# fmt: off
# One line holds several columns, so that a table can be seen whole.

# --- projects: what is labeled, under which rules ---

meta = Table("meta", METADATA, _key("key"), _col("value"))

stamps = Table("stamps", METADATA, _key("name"), _col("value", BigInteger))
"""`access` moves, by triggers, with every change of who may do what and of what a permit tells of its project."""

projects = Table(
    "projects", METADATA, _key("id"), _col("name", unique=True), _col("modality"), _col("created_at", BigInteger),
    _col("schema_version", Integer, server_default="0"), _col("guideline_version", Integer, server_default="0"),
    _col("settings_version", Integer, server_default="0"), _col("round", Integer, server_default="0"),
    _col("n_items", BigInteger, server_default="0"), _col("next_ord", BigInteger, server_default="1"),
    _maybe("model"),
)

schemas = Table("schemas", METADATA, _project_key(), *_body_columns())
guidelines = Table("guidelines", METADATA, _project_key(), *_body_columns())
settings = Table("settings", METADATA, _project_key(), *_body_columns())

labels = Table(
    "labels", METADATA, _project_key(), _key("question"), _key("code", Integer), _col("name"),
    UniqueConstraint("project", "question", "name"),
)

# --- people ---

annotators = Table(
    "annotators", METADATA,
    _serial("number"), _col("id", unique=True), _col("name"), _col("kind"), _col("at", BigInteger),
)
"""`number` lets whole sets of votes travel as integers; it is never shown."""

accounts = Table(
    "accounts", METADATA,
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True),
    _col("login", unique=True), _col("password_hash"), _col("disabled", SmallInteger, server_default="0"),
)

roles = Table(
    "roles", METADATA, _project_key(),
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True),
    _col("role"), _col("at", BigInteger),
)

tokens = Table(
    "tokens", METADATA, _key("id"), _col("hash", unique=True),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False),
    _col("name"), _maybe("project"), _col("acts"), _col("created_at", BigInteger), _maybe("expires_at", BigInteger),
    _maybe("revoked_at", BigInteger),
)

sessions = Table(
    "sessions", METADATA, _key("hash"),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False),
    _col("created_at", BigInteger), _col("expires_at", BigInteger),
)

sign_in_codes = Table(
    "sign_in_codes", METADATA, _key("hash"),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False),
    _col("expires_at", BigInteger), _maybe("used_at", BigInteger),
)

failed_sign_ins = Table("failed_sign_ins", METADATA, _serial(), _col("login"), _col("at", BigInteger))
Index("ix_failed_sign_ins_login_at", failed_sign_ins.c.login, failed_sign_ins.c.at)

# --- source ---

intakes = Table(
    "intakes", METADATA, _key("id"), _project(), _col("source"), _col("accepted", BigInteger),
    _col("duplicate", BigInteger), _col("refused", BigInteger), _col("finished", SmallInteger),
    _col("at", BigInteger),
)
Index("ix_intakes_project_at", intakes.c.project, intakes.c.at)

items = Table(
    "items", METADATA, _project_key(), _key("position", BigInteger), _col("id"), _col("modality"), _col("content"),
    _col("media_type"), _col("metadata"), _col("source"), _col("line", BigInteger), _col("key"), _col("content_hash"),
    UniqueConstraint("project", "id"),
)

quarantine = Table(
    "quarantine", METADATA, _serial(), _project(), _col("intake"), _col("source"), _col("line", BigInteger),
    _col("reason"), _col("text"),
)
Index("ix_quarantine_project_seq", quarantine.c.project, quarantine.c.seq)

duplicates = Table(
    "duplicates", METADATA,
    _serial(), _project(), _col("intake"), _col("line", BigInteger), _col("position", BigInteger),
)
Index("ix_duplicates_project_intake", duplicates.c.project, duplicates.c.intake)

# --- sample, prelabel, route ---

draws = Table(
    "draws", METADATA, _key("id"), _project(), _col("round", Integer), _col("strategy"), _col("seed"),
    _col("n_pool", BigInteger), _col("size", BigInteger), _col("settings_version", Integer), _col("at", BigInteger),
)
Index("ix_draws_project_round", draws.c.project, draws.c.round)

draw_items = Table(
    "draw_items", METADATA, _project_key(), _key("position", BigInteger),
    Column("draw", Text, ForeignKey("draws.id"), nullable=False),
    _col("round", Integer), _col("chance", Float(53)), _col("rank", BigInteger), _of_item(),
    sqlite_with_rowid=False,
)
"""An item is drawn once; its inclusion chance is what estimates divide by."""

models = Table(
    "models", METADATA, _key("id"), _project(), _col("round", Integer), _col("kind"), _maybe("release", Integer),
    _col("metrics"), _col("blob"), _col("at", BigInteger), _col("outcome"),
)
Index("ix_models_project_at", models.c.project, models.c.at)

suggestions = Table(
    "suggestions", METADATA, _project_key(), _key("model"), _key("position", BigInteger), _col("label", Integer),
    _col("confidence", Float(53)), _col("proba", LargeBinary), _of_item(),
)

routes = Table(
    "routes", METADATA, _project_key(), _key("position", BigInteger), _col("round", Integer),
    _col("tier", SmallInteger), _col("wanted", Integer), _col("spot_check", SmallInteger),
    _maybe("confidence", Float(53)), _maybe("model"), _of_item(),
    sqlite_with_rowid=False,
)

# --- annotate ---

queue = Table(
    "queue", METADATA, _project_key(), _key("position", BigInteger), _col("cls", SmallInteger),
    _col("ord", BigInteger), _col("purpose"), _col("wanted", Integer), _col("done", Integer, server_default="0"),
    _col("live", Integer, server_default="0"),
    CheckConstraint("done >= 0 AND live >= 0 AND done + live <= wanted", name="never_more_than_wanted"),
    _of_item(),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},
)
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
    "cursors", METADATA, _key("project"), _key("annotator"), _key("cls", SmallInteger), _col("ord", BigInteger),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},
)

assignments = Table(
    "assignments", METADATA, _key("id"), _project(), _col("position", BigInteger), _col("annotator"), _col("purpose"),
    _col("state"), _col("counted", SmallInteger), _col("token_hash"), _col("leased_at", BigInteger),
    _col("expires_at", BigInteger), _maybe("ended_at", BigInteger), _maybe("suggestion_model"),
    _maybe("suggestion_label", Integer), _col("reason", server_default=""),
    UniqueConstraint("project", "position", "annotator"),
    _of_item(),
)
"""`counted`: whether this assignment takes one of the places that its item's queue row counts in `live` or `done`."""
LEASED = text("state = 'leased'")
Index("ix_assignments_expiry", assignments.c.expires_at, sqlite_where=LEASED, postgresql_where=LEASED)
Index(
    "ix_assignments_held", assignments.c.project, assignments.c.annotator, sqlite_where=LEASED, postgresql_where=LEASED
)

annotations = Table(
    "annotations", METADATA, _key("id"), _project(), _col("position", BigInteger), _col("annotator"),
    Column("assignment", Text, ForeignKey("assignments.id"), nullable=False),
    _col("question"), _maybe("label", Integer), _col("answer"), _col("salt"), _col("body_hash"), _col("purpose"),
    _col("schema_version", Integer), _col("guideline_version", Integer), _col("reaction"), _col("seconds", Float(53)),
    _col("surplus", SmallInteger), _col("entry_seq", BigInteger), _col("at", BigInteger), _of_item(),
)
Index("ix_annotations_item", annotations.c.project, annotations.c.position)
Index("ix_annotations_own", annotations.c.project, annotations.c.annotator, annotations.c.entry_seq)
Index("ix_annotations_assignment", annotations.c.assignment)

withdrawals = Table(
    "withdrawals", METADATA,
    Column("annotation", Text, ForeignKey("annotations.id"), primary_key=True),
    _col("id"), _col("project"), _col("at", BigInteger),
)
Index("ix_withdrawals_id", withdrawals.c.id)

gold = Table(
    "gold", METADATA, _serial(), _project(), _col("position", BigInteger), _col("question"), _maybe("label", Integer),
    _col("answer"), _col("how"), _col("by"), _col("at", BigInteger), _of_item(),
)
Index("ix_gold_item", gold.c.project, gold.c.question, gold.c.position, gold.c.seq)

# --- adjudicate, audit, release ---

settlements = Table(
    "settlements", METADATA, _serial(), _maybe("id"), _project(), _col("position", BigInteger), _col("question"),
    _maybe("label", Integer), _col("confidence", Float(53)), _maybe("posterior", LargeBinary), _col("method"),
    _col("state"), _col("reason"), _col("n_votes", Integer), _col("round", Integer), _maybe("by"),
    _col("at", BigInteger),
    UniqueConstraint("id"),
    _of_item(),
)
Index(
    "ix_settlements_item", settlements.c.project, settlements.c.question, settlements.c.position, settlements.c.seq
)

reports = Table(
    "reports", METADATA,
    _serial(), _project(), _col("round", Integer), _col("body"), _col("at", BigInteger),
)
Index("ix_reports_project_seq", reports.c.project, reports.c.seq)

releases = Table(
    "releases", METADATA, _project_key(), _key("number", Integer), _col("manifest_hash"), _col("folder"),
    _col("size", BigInteger), _col("at", BigInteger), _col("by"), _col("body"),
)

# --- ledger ---

entries = Table(
    "entries", METADATA, _serial(), _col("log"), _col("kind"), _col("body"), _col("leaf", LargeBinary),
    _maybe("position", BigInteger),
    UniqueConstraint("log", "position"),
    sqlite_autoincrement=True,
)
UNSEALED = text("position IS NULL")
Index("ix_entries_unsealed", entries.c.log, entries.c.seq, sqlite_where=UNSEALED, postgresql_where=UNSEALED)

nodes = Table(
    "nodes", METADATA, _key("log"), _key("level", SmallInteger), _key("position", BigInteger),
    _col("hash", LargeBinary),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "checkpoints", METADATA, _key("log"), _key("size", BigInteger), _col("root", LargeBinary), _col("note"),
    _col("at", BigInteger),
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
