"""The first tables.

In: an empty database. Out: every table of revision 0001, and the triggers that keep what is append-only so. Never: a
change to this file after the release that carries it; the next change of tables is the next file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, blob, real, serial, small, text, whole
from goldseam.edge.store.migrations.guards import guard

# fmt: off
# One line holds several columns, so that a table can be seen whole.

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "annotations", "checkpoints", "entries", "gold", "guidelines", "labels", "nodes", "releases", "schemas", "settings",
    "settlements", "withdrawals",
)


def upgrade() -> None:
    for make in AREAS:
        make()
    guard(APPEND_ONLY)


def _projects() -> None:
    op.create_table(
        "meta",
        text("key"), text("value"),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "projects",
        text("id"), text("name"), text("modality"), big("created_at"),
        whole("schema_version", server_default="0"), whole("guideline_version", server_default="0"),
        whole("settings_version", server_default="0"), whole("round", server_default="0"),
        big("n_items", server_default="0"), big("next_ord", server_default="1"), text("model", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("name", name="uq_projects_name"),
    )
    op.create_table(
        "schemas",
        text("project"), whole("version"), text("body"), text("hash"), big("at"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_schemas_projects"),
        sa.PrimaryKeyConstraint("project", "version", name="pk_schemas"),
    )
    op.create_table(
        "guidelines",
        text("project"), whole("version"), text("body"), text("hash"), big("at"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_guidelines_projects"),
        sa.PrimaryKeyConstraint("project", "version", name="pk_guidelines"),
    )
    op.create_table(
        "settings",
        text("project"), whole("version"), text("body"), text("hash"), big("at"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_settings_projects"),
        sa.PrimaryKeyConstraint("project", "version", name="pk_settings"),
    )
    op.create_table(
        "labels",
        text("project"), text("question"), whole("code"), text("name"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_labels_projects"),
        sa.PrimaryKeyConstraint("project", "question", "code", name="pk_labels"),
        sa.UniqueConstraint("project", "question", "name", name="uq_labels_project_question_name"),
    )


def _people() -> None:
    op.create_table(
        "annotators",
        serial("number"), text("id"), text("name"), text("kind"), big("at"),
        sa.PrimaryKeyConstraint("number", name="pk_annotators"),
        sa.UniqueConstraint("id", name="uq_annotators_id"),
    )
    op.create_table(
        "accounts",
        text("annotator"), text("login"), text("password_hash"), small("disabled", server_default="0"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_accounts_annotators"),
        sa.PrimaryKeyConstraint("annotator", name="pk_accounts"),
        sa.UniqueConstraint("login", name="uq_accounts_login"),
    )
    op.create_table(
        "roles",
        text("project"), text("annotator"), text("role"), big("at"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_roles_annotators"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_roles_projects"),
        sa.PrimaryKeyConstraint("project", "annotator", name="pk_roles"),
    )
    op.create_table(
        "tokens",
        text("id"), text("hash"), text("annotator"), text("name"), text("project", nullable=True),
        text("acts"), big("created_at"), big("expires_at", nullable=True), big("revoked_at", nullable=True),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_tokens_annotators"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )


def _sign_in() -> None:
    op.create_table(
        "sessions",
        text("hash"), text("annotator"), big("created_at"), big("expires_at"),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_sessions_annotators"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_table(
        "sign_in_codes",
        text("hash"), text("annotator"), big("expires_at"), big("used_at", nullable=True),
        sa.ForeignKeyConstraint(["annotator"], ["annotators.id"], name="fk_sign_in_codes_annotators"),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_in_codes"),
    )
    op.create_table(
        "failed_sign_ins",
        serial("seq"), text("login"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_failed_sign_ins"),
    )
    op.create_index("ix_failed_sign_ins_login_at", "failed_sign_ins", ["login", "at"])


def _source() -> None:
    op.create_table(
        "intakes",
        text("id"), text("project"), text("source"), big("accepted"), big("duplicate"), big("refused"),
        small("finished"), big("at"),
        sa.PrimaryKeyConstraint("id", name="pk_intakes"),
    )
    op.create_index("ix_intakes_project_at", "intakes", ["project", "at"])
    op.create_table(
        "items",
        text("project"), big("position"), text("id"), text("modality"), text("content"), text("media_type"),
        text("metadata"), text("source"), big("line"), text("key"), text("content_hash"),
        sa.PrimaryKeyConstraint("project", "position", name="pk_items"),
    )
    op.create_table(
        "item_ids",
        text("id"), text("project"), big("position"),
        sa.PrimaryKeyConstraint("id", "project", name="pk_item_ids"),
    )
    op.create_table(
        "quarantine",
        serial("seq"), text("project"), text("intake"), text("source"), big("line"), text("reason"),
        text("text"),
        sa.PrimaryKeyConstraint("seq", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_project_seq", "quarantine", ["project", "seq"])
    op.create_table(
        "duplicates",
        serial("seq"), text("project"), text("intake"), big("line"), big("position"),
        sa.PrimaryKeyConstraint("seq", name="pk_duplicates"),
    )
    op.create_index("ix_duplicates_project_intake", "duplicates", ["project", "intake"])


def _sample() -> None:
    op.create_table(
        "draws",
        text("id"), text("project"), whole("round"), text("strategy"), text("seed"), big("n_pool"), big("size"),
        whole("settings_version"), big("at"),
        sa.PrimaryKeyConstraint("id", name="pk_draws"),
    )
    op.create_index("ix_draws_project_round", "draws", ["project", "round"])
    op.create_table(
        "draw_items",
        text("project"), big("position"), text("draw"), whole("round"), real("chance"), big("rank"),
        sa.ForeignKeyConstraint(["draw"], ["draws.id"], name="fk_draw_items_draws"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"],
            name="fk_draw_items_items",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_draw_items_projects"),
        sa.PrimaryKeyConstraint("project", "position", name="pk_draw_items"),
        sqlite_with_rowid=False,
    )


def _prelabel() -> None:
    op.create_table(
        "models",
        text("id"), text("project"), whole("round"), text("kind"), whole("release", nullable=True),
        text("metrics"), text("blob"), big("at"), text("outcome"),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
    )
    op.create_index("ix_models_project_at", "models", ["project", "at"])
    op.create_table(
        "suggestions",
        text("project"), text("model"), big("position"), whole("label"), real("confidence"), blob("proba"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"],
            name="fk_suggestions_items",
        ),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_suggestions_projects"),
        sa.PrimaryKeyConstraint("project", "model", "position", name="pk_suggestions"),
    )
    op.create_table(
        "routes",
        text("project"), big("position"), whole("round"), small("tier"), whole("wanted"), small("spot_check"),
        real("confidence", nullable=True), text("model", nullable=True),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_routes_items"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_routes_projects"),
        sa.PrimaryKeyConstraint("project", "position", name="pk_routes"),
        sqlite_with_rowid=False,
    )


def _queue() -> None:
    op.create_table(
        "queue",
        text("project"), big("position"), small("cls"), big("ord"), text("purpose"), whole("wanted"),
        whole("done", server_default="0"), whole("live", server_default="0"),
        sa.CheckConstraint(
            "done >= 0 AND live >= 0 AND done + live <= wanted",
            name="ck_queue_never_more_than_wanted",
        ),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_queue_items"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_queue_projects"),
        sa.PrimaryKeyConstraint("project", "position", name="pk_queue"),
        postgresql_with={"fillfactor": 80},
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_queue_open", "queue", ["project", "cls", "ord"],
        unique=True, sqlite_where=sa.text("wanted > done + live"), postgresql_where=sa.text("wanted > done + live"),
    )
    op.create_table(
        "cursors",
        text("project"), text("annotator"), small("cls"), big("ord"),
        sa.PrimaryKeyConstraint("project", "annotator", "cls", name="pk_cursors"),
        postgresql_with={"fillfactor": 80},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "assignments",
        text("id"), text("project"), big("position"), text("annotator"), text("purpose"), text("state"),
        small("counted"), text("token_hash"), big("leased_at"), big("expires_at"),
        big("ended_at", nullable=True), text("suggestion_model", nullable=True),
        whole("suggestion_label", nullable=True), text("reason", server_default=""),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"],
            name="fk_assignments_items",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.UniqueConstraint("project", "position", "annotator", name="uq_assignments_project_position_annotator"),
    )
    op.create_index(
        "ix_assignments_expiry", "assignments", ["expires_at"],
        sqlite_where=sa.text("state = 'leased'"), postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index(
        "ix_assignments_held", "assignments", ["project", "annotator"],
        sqlite_where=sa.text("state = 'leased'"), postgresql_where=sa.text("state = 'leased'"),
    )


def _annotations() -> None:
    op.create_table(
        "annotations",
        text("id"), text("project"), big("position"), text("annotator"), text("assignment"), text("question"),
        whole("label", nullable=True), text("answer"), text("salt"), text("body_hash"), text("purpose"),
        whole("schema_version"), whole("guideline_version"), text("reaction"), real("seconds"), small("surplus"),
        big("entry_seq"), big("at"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_annotations_assignments"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"],
            name="fk_annotations_items",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_annotations"),
    )
    op.create_index("ix_annotations_assignment", "annotations", ["assignment"])
    op.create_index("ix_annotations_item", "annotations", ["project", "position"])
    op.create_index("ix_annotations_own", "annotations", ["project", "annotator", "entry_seq"])
    op.create_table(
        "withdrawals",
        text("annotation"), text("id"), text("project"), big("at"),
        sa.ForeignKeyConstraint(["annotation"], ["annotations.id"], name="fk_withdrawals_annotations"),
        sa.PrimaryKeyConstraint("annotation", name="pk_withdrawals"),
    )
    op.create_index("ix_withdrawals_id", "withdrawals", ["id"])
    op.create_table(
        "gold",
        serial("seq"), text("project"), big("position"), text("question"), whole("label", nullable=True),
        text("answer"), text("how"), text("by"), big("at"),
        sa.ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"], name="fk_gold_items"),
        sa.PrimaryKeyConstraint("seq", name="pk_gold"),
    )
    op.create_index("ix_gold_item", "gold", ["project", "question", "position", "seq"])


def _results() -> None:
    op.create_table(
        "settlements",
        serial("seq"), text("id", nullable=True), text("project"), big("position"), text("question"),
        whole("label", nullable=True), real("confidence"), blob("posterior", nullable=True), text("method"),
        text("state"), text("reason"), whole("n_votes"), whole("round"), text("by", nullable=True), big("at"),
        sa.ForeignKeyConstraint(
            ["project", "position"], ["items.project", "items.position"],
            name="fk_settlements_items",
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_settlements"),
        sa.UniqueConstraint("id", name="uq_settlements_id"),
    )
    op.create_index("ix_settlements_item", "settlements", ["project", "question", "position", "seq"])
    op.create_table(
        "reports",
        serial("seq"), text("project"), whole("round"), text("body"), big("at"),
        sa.PrimaryKeyConstraint("seq", name="pk_reports"),
    )
    op.create_index("ix_reports_project_seq", "reports", ["project", "seq"])
    op.create_table(
        "releases",
        text("project"), whole("number"), text("manifest_hash"), text("folder"), big("size"), big("at"),
        text("by"), text("body"),
        sa.ForeignKeyConstraint(["project"], ["projects.id"], name="fk_releases_projects"),
        sa.PrimaryKeyConstraint("project", "number", name="pk_releases"),
    )


def _ledger() -> None:
    op.create_table(
        "entries",
        serial("seq"), text("log"), text("kind"), text("body"), blob("leaf"), big("position", nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_entries"),
        sa.UniqueConstraint("log", "position", name="uq_entries_log_position"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_entries_unsealed", "entries", ["log", "seq"],
        sqlite_where=sa.text("position IS NULL"), postgresql_where=sa.text("position IS NULL"),
    )
    op.create_table(
        "nodes",
        text("log"), small("level"), big("position"), blob("hash"),
        sa.PrimaryKeyConstraint("log", "level", "position", name="pk_nodes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoints",
        text("log"), big("size"), blob("root"), text("note"), big("at"),
        sa.PrimaryKeyConstraint("log", "size", name="pk_checkpoints"),
    )


AREAS = (
    _projects, _people, _sign_in, _source, _sample, _prelabel, _queue, _annotations, _results, _ledger,
)
