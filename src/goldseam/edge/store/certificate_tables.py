"""The tables of certificates: audits of the pool, the items they drew, what they proved, and what spot checks said since.

In: nothing. Out: one `Table` per noun, in `METADATA`. Never: a query.

`monitors` is a projection: it has a rebuild, and rebuild equals stored.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, SmallInteger, Table, Text

from goldseam.edge.store.declare import METADATA, col, key, maybe, of_item, project, serial

# fmt: off
# One line holds several columns, so that a table can be seen whole.

audits = Table(
    "audits", METADATA, serial(), col("id", unique=True), project(), col("round", Integer), col("model"), col("seed"),
    col("body"), col("at", BigInteger),
)
"""`body` is canonical JSON: of each group its zones, their thresholds, and how many labels were to be spent."""
Index("ix_audits_project", audits.c.project, audits.c.seq)

audit_items = Table(
    "audit_items", METADATA, Column("audit", Text, ForeignKey("audits.id"), primary_key=True),
    key("position", BigInteger), project(), col("grp"), col("rank", BigInteger), col("confidence", Float(53)),
    col("label", Integer), of_item(),
)
"""`rank` is the item's place in its group, from the most confident on; `label` is what was suggested, as a code."""

certificates = Table(
    "certificates", METADATA, serial(), col("id", unique=True), project(),
    Column("audit", Text, ForeignKey("audits.id"), nullable=False),
    col("round", Integer), col("model"), col("split"), col("grp"), maybe("threshold", Float(53)), col("n", Integer),
    col("error", Float(53)), col("delta", Float(53)), col("body"), col("at", BigInteger),
)
"""One for each group of an audit; without a threshold the tier is not opened for it, and the body says why."""
Index("ix_certificates_project", certificates.c.project, certificates.c.seq)

monitors = Table(
    "monitors", METADATA, Column("certificate", Text, ForeignKey("certificates.id"), primary_key=True), project(),
    col("n", BigInteger), col("wrong", BigInteger), col("evidence", Float(53)), maybe("alarm_at", BigInteger),
    col("low", Float(53)), col("high", Float(53)), col("closed", SmallInteger), col("at", BigInteger),
)
"""What spot checks say of a certificate's bound; `closed` once it is taken to be broken, for good."""
Index("ix_monitors_project", monitors.c.project)

NEVER_CHANGED = ("audit_items", "audits", "certificates")
"""Tables whose rows the database itself refuses to change or remove."""
