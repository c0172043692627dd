"""The tables of single sign-on: sign-ons under way, who a provider's people are here, roles that groups gave.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query; a name, an address or a token of a person: hashes only.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from goldseam.edge.store.declare import METADATA, col, key, maybe, project_key

# fmt: off
# One line holds several columns, so that a table can be seen whole.

sign_ons = Table(
    "sign_ons", METADATA, key("state"), col("browser"), col("path"), maybe("invitation"), maybe("annotator"), maybe("session"),
    col("at", BigInteger), col("expires_at", BigInteger),
)
"""Sign-ons that a browser began and has not come back from. `annotator`: who links their account; `session`: the one it had."""
Index("ix_sign_ons_expires_at", sign_ons.c.expires_at)

identities = Table(
    "identities", METADATA, key("hash"), col("issuer"),
    Column("annotator", Text, ForeignKey("annotators.id"), nullable=False), col("at", BigInteger),
    UniqueConstraint("annotator", "issuer"),
)
"""`hash` is of the issuer and its name for the person; an account has one identity of each issuer at most."""

group_roles = Table(
    "group_roles", METADATA, project_key(),
    Column("annotator", Text, ForeignKey("annotators.id"), primary_key=True), col("role"), col("at", BigInteger),
)
"""Roles that the provider's groups gave: these alone may the groups take away again."""
