"""The tables of models that are asked elsewhere: what they said of each item, and what that took.

In: nothing. Out: two `Table`s, in `METADATA`. Never: a query, or a key.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, Integer, LargeBinary, Table

from goldseam.edge.store.declare import METADATA, col, key, maybe, of_item, project_key

# fmt: off
# One line holds several columns, so that a table can be seen whole.

model_answers = Table(
    "model_answers", METADATA, project_key(), key("version"), key("position", BigInteger), col("name"),
    maybe("proba", LargeBinary), col("answers"), col("abstained"), col("reasoning"), col("confidence", Float(53)),
    col("tokens_in", BigInteger), col("tokens_out", BigInteger), col("micros", BigInteger), col("at", BigInteger), of_item(),
)
"""What a version of a model said of an item, once: an item is its content, so nothing is asked, or paid, twice. `answers` is
canonical JSON by question, `{}` where it abstained; `micros` are millionths of the prices' unit."""

model_spending = Table(
    "model_spending", METADATA, project_key(), key("name"), col("n_asked", BigInteger), col("n_abstained", BigInteger),
    col("tokens_in", BigInteger), col("tokens_out", BigInteger), col("micros", BigInteger), col("round", Integer),
    col("n_here", BigInteger),
)
"""Sums by model over all of its versions; `n_here` counts the items it was asked about in `round`."""
