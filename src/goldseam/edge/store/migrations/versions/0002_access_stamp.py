"""The access stamp: a number that moves with every change of who may do what, so that permits can be remembered.

In: revision 0001. Out: the table stamps with its row `access`, and triggers that count in it. Never: a change to this file
after the release that carries it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from goldseam.edge.store.migrations.columns import big, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SHOWN = "name, schema_version, guideline_version, settings_version, round, n_items, model"
"""What a permit tells of its project; the rest of the row changes with the daily work and stamps nothing."""
WATCHED = (
    ("accounts", "INSERT"),
    ("accounts", "UPDATE"),
    ("accounts", "DELETE"),
    ("annotators", "UPDATE"),
    ("roles", "INSERT"),
    ("roles", "UPDATE"),
    ("roles", "DELETE"),
    ("tokens", "UPDATE"),
    ("tokens", "DELETE"),
    ("sessions", "UPDATE"),
    ("sessions", "DELETE"),
    ("projects", f"UPDATE OF {SHOWN}"),
)
COUNT = "UPDATE stamps SET value = value + 1 WHERE name = 'access'"


def upgrade() -> None:
    op.create_table("stamps", text("name"), big("value"), sa.PrimaryKeyConstraint("name", name="pk_stamps"))
    op.execute("INSERT INTO stamps (name, value) VALUES ('access', 1)")
    if op.get_bind().dialect.name == "sqlite":
        for table, event in WATCHED:
            op.execute(f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table} BEGIN {COUNT}; END")
        return
    op.execute(
        "CREATE FUNCTION goldseam_stamp_access() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {COUNT}; RETURN NULL; END $$"
    )
    for table, event in WATCHED:
        op.execute(
            f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION goldseam_stamp_access()"
        )


def _name(table: str, event: str) -> str:
    return f"{table}_{event.split(maxsplit=1)[0].lower()}_stamps"
