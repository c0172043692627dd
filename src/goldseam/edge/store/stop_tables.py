"""The table of what labels changed: each trained model, compared with the one before it on the pool.

In: nothing. Out: one `Table`, in `METADATA`. Never: a query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Index, Integer, Table

from goldseam.edge.store.declare import METADATA, col, project, serial

model_steps = Table(
    "model_steps", METADATA, serial(), project(), col("model", unique=True), col("before"), col("round", Integer),
    col("n_labels", BigInteger), col("kappa", Float(53)), col("changed", Float(53)), col("n_pool", BigInteger),
    col("at", BigInteger),
)  # fmt: skip
"""`round` is the one at whose end the model was trained; `n_labels` came since `before` was; the pool had `n_pool` items."""
Index("ix_model_steps_project", model_steps.c.project, model_steps.c.seq)

NEVER_CHANGED = ("model_steps",)
"""Tables whose rows the database itself refuses to change or remove."""
