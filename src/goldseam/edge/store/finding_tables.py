"""The table of findings: what was found each time somebody had the labels looked over, and what was sent to be labeled again.

In: nothing. Out: one `Table`, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, Table, UniqueConstraint

from goldseam.edge.store.declare import METADATA, col, maybe, project, serial

findings = Table(
    "findings", METADATA, serial(), project(), col("kind"), col("round", Integer), col("body"), col("at", BigInteger),
    maybe("act"),
    UniqueConstraint("act"),
)  # fmt: skip
"""`act` is the client's id of what was sent; a row never changes, and the newest of a kind counts."""
Index("ix_findings_project_kind_seq", findings.c.project, findings.c.kind, findings.c.seq)
