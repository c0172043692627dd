"""Refusals: what a database's own error means in our words.

In: an error of the driver. Out: one of ours, without the values that stood in the statement. Never: a retry.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError

from goldseam.vocab.errors import Conflict, GoldseamError, StoreFailed

AGAIN = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a transaction that may go well when it is run again: serialization failure, deadlock."""


def refusal(error: DBAPIError) -> GoldseamError:
    """Return what to raise instead of the driver's error; only its first line is told, which names no values.

    When undoing fails as well (a full disk undoes everything by itself), the first error is the one that counts.
    """
    before: BaseException | None = error
    while before is not None:
        error = before if isinstance(before, DBAPIError) else error
        before = before.__context__
    said = str(error.orig).strip().partition("\n")[0]
    if isinstance(error, IntegrityError) and "append-only" not in said:
        conflict = Conflict(f"The database holds something that contradicts this: {said}.")
        conflict.__cause__ = error
        return conflict
    if error.connection_invalidated:
        lost = StoreFailed(
            "The connection to the database was lost; whether this was written is not known: send it again."
        )
        lost.__cause__ = error
        return lost
    failed = StoreFailed(f"The database refused: {said}. Nothing of this was written.")
    failed.__cause__ = error
    return failed


HINTS = (
    ('role "', "does not exist", "Make it first: createuser NAME"),
    ('database "', "does not exist", "Make it first: createdb --owner NAME DATABASE"),
    ("permission denied for schema", "", "Let the account own the database: ALTER DATABASE DATABASE OWNER TO NAME"),
    ("password authentication failed", "", "Passwords are read from ~/.pgpass."),
    ("Connection refused", "", "Is PostgreSQL running there?"),
    ("No such file or directory", "", "Is PostgreSQL running there?"),
    ("could not translate host name", "", "Is the host's name written right?"),
)
"""What PostgreSQL says where a database cannot be opened, and what would help."""


def unopened(error: DBAPIError, where: str) -> StoreFailed:
    """Return what to raise if the database at this URL (without its password) cannot be opened."""
    said = str(error.orig).strip().partition("\n")[0].rstrip(".")
    hints = [hint for begin, rest, hint in HINTS if begin in said and rest in said]
    failed = StoreFailed(
        f"The database at {where} cannot be opened: {said}." + "".join(f" {hint}" for hint in hints[:1])
    )
    failed.__cause__ = error
    return failed


def may_go_well_again(error: DBAPIError) -> bool:
    """Return whether running the same transaction again is what the database asks for."""
    return getattr(error.orig, "sqlstate", None) in AGAIN
