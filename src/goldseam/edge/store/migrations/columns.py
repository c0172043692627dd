"""Columns: short words for the kinds of columns, so that a migration shows a table whole.

In: a name. Out: a column. Never: a kind that only one of the two databases has.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

AnyColumn = sa.Column[Any]


def serial(name: str) -> AnyColumn:
    """Return a column that the database numbers by itself."""
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False)


def text(name: str, *, nullable: bool = False, server_default: str | None = None) -> AnyColumn:
    """Return a column of text."""
    return _column(name, sa.Text(), nullable=nullable, server_default=server_default)


def whole(name: str, *, nullable: bool = False, server_default: str | None = None) -> AnyColumn:
    """Return a column of whole numbers, 32 bits."""
    return _column(name, sa.Integer(), nullable=nullable, server_default=server_default)


def big(name: str, *, nullable: bool = False, server_default: str | None = None) -> AnyColumn:
    """Return a column of whole numbers, 64 bits."""
    return _column(name, sa.BigInteger(), nullable=nullable, server_default=server_default)


def small(name: str, *, nullable: bool = False, server_default: str | None = None) -> AnyColumn:
    """Return a column of whole numbers, 16 bits."""
    return _column(name, sa.SmallInteger(), nullable=nullable, server_default=server_default)


def real(name: str, *, nullable: bool = False, server_default: str | None = None) -> AnyColumn:
    """Return a column of floating-point numbers, 64 bits."""
    return _column(name, sa.Float(53), nullable=nullable, server_default=server_default)


def blob(name: str, *, nullable: bool = False, server_default: str | None = None) -> AnyColumn:
    """Return a column of bytes."""
    return _column(name, sa.LargeBinary(), nullable=nullable, server_default=server_default)


def _column(name: str, kind: TypeEngine[Any], *, nullable: bool, server_default: str | None) -> AnyColumn:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable, server_default=server_default)
