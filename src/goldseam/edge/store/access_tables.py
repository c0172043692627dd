"""The tables of access: acts already done under a client's id, invitations, tries.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query, or a secret that opens anything: hashes only.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from goldseam.edge.store import tables as t
from goldseam.edge.store.declare import METADATA, col, key, maybe, project

# fmt: off
# One line holds several columns, so that a table can be seen whole.

access_acts = Table(
    "access_acts", METADATA, key("id"), project(), col("actor"), col("request"), col("about"), maybe("made"),
    col("at", BigInteger),
)
"""Acts on people and tokens by the id that the client made: `request` is the hash of what was asked, `about` whom or what it
made or changed, `made` the hash of the secret that was shown for it."""

invitations = Table(
    "invitations", METADATA, key("id"), project(), col("hash", unique=True), col("role"), col("request"),
    Column("made_by", Text, ForeignKey("annotators.id"), nullable=False),
    col("at", BigInteger), col("expires_at", BigInteger),
    maybe("used_by"), maybe("used_at", BigInteger), maybe("revoked_at", BigInteger),
)
"""Nobody's name and address: whom the link is sent to, the one who made it knows."""
Index("ix_invitations_project_id", invitations.c.project, invitations.c.id)

tries = Table("tries", METADATA, key("key"), col("n", Integer), col("at", BigInteger))
"""Failed tries by the hash of a login, an address, or both: how many count, and when the newest was."""
Index("ix_tries_at", tries.c.at)

Index("ix_tokens_annotator_id", t.tokens.c.annotator, t.tokens.c.id)
Index("ix_tokens_project_id", t.tokens.c.project, t.tokens.c.id)
