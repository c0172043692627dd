"""Guards: triggers by which the database itself refuses to change or remove what is append-only.

In: names of tables. Out: triggers on them. Never: a way around them that leaves no trace in the schema.
"""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op

PLACED_ONCE = (
    "OLD.position IS NULL AND NEW.position IS NOT NULL AND NEW.seq = OLD.seq AND NEW.log = OLD.log "
    "AND NEW.kind = OLD.kind AND NEW.body = OLD.body AND NEW.leaf = OLD.leaf"
)
"""The one change there is: an entry that has no place in the tree yet is given it."""


def guard(tables: Iterable[str]) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, where it exists) on these tables."""
    if op.get_bind().dialect.name == "sqlite":
        for table in tables:
            _guard_sqlite(table)
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION goldseam_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'append-only: rows of % never change', TG_TABLE_NAME; END $$"
    )
    for table in tables:
        _guard_postgresql(table)


def _guard_sqlite(table: str) -> None:
    refuse = f"SELECT RAISE(ABORT, 'append-only: rows of {table} never change');"
    when = f"WHEN NOT ({PLACED_ONCE})" if table == "entries" else ""
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {when} BEGIN {refuse} END")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END")


def _guard_postgresql(table: str) -> None:
    when = f"WHEN (NOT ({PLACED_ONCE}))" if table == "entries" else ""
    do = "EXECUTE FUNCTION goldseam_refuse()"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {when} {do}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {do}")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {do}")
