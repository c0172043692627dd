"""How tables are declared: short words for columns, keys and times, and the `METADATA` that holds them all.

In: names. Out: columns. Never: a table; those stand in `tables` and in one module an area.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Integer, MetaData, Text
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


def col(name: str, kind: Kind = Text, *, unique: bool | None = None, server_default: str | None = None) -> Column[Any]:
    """Return a column that is never empty."""
    return Column(name, kind, nullable=False, unique=unique, server_default=server_default)


def maybe(name: str, kind: Kind = Text) -> Column[Any]:
    """Return a column that may be empty."""
    return Column(name, kind, nullable=True)


def key(name: str, kind: Kind = Text) -> Column[Any]:
    """Return a column of the primary key."""
    return Column(name, kind, primary_key=True, autoincrement=False)


def serial(name: str = "seq") -> Column[int]:
    """Return a primary key that counts by itself."""
    return Column(name, SERIAL, primary_key=True, autoincrement=True)


def project() -> Column[Any]:
    """Return the column that names the project."""
    return col("project")


def project_key() -> Column[Any]:
    """Return the column that names the project, as part of the primary key."""
    return Column("project", Text, ForeignKey("projects.id"), primary_key=True)


def body_columns() -> list[Column[Any]]:
    """Return the columns of a versioned body."""
    return [key("version", Integer), col("body"), col("hash"), col("at", BigInteger)]


def of_item() -> ForeignKeyConstraint:
    """Return the reference to an item by project and position."""
    return ForeignKeyConstraint(["project", "position"], ["items.project", "items.position"])
