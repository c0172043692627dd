"""Entries of sessions: what the ledger commits to of an answer and of what was agreed, and measurements as it holds them.

In: rows, measurements. Out: plain values. Never: words in an entry; a salted commitment to these values stands there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from goldseam.edge.store.calibration import Agreed, Given
from goldseam.ledger.entries import time_text

Plain = dict[str, object]


def told_of(session: str, answer_id: str, row: Given, versions: tuple[int, int], at: datetime) -> Plain:
    """Return what an entry of the ledger commits to of somebody's answers to an item: all of it."""
    schema, guideline = versions
    return {
        "id": answer_id,
        "calibration": session,
        "number": row.number,
        "annotator": row.annotator,
        "answers": json.loads(row.answers),
        "reason": row.reason,
        "seconds": row.seconds,
        "schema_version": schema,
        "guideline_version": guideline,
        "at": time_text(at),
    }


def agreed_of(session: str, by: str, row: Agreed) -> Plain:
    """Return what an entry of the ledger commits to of something agreed."""
    said = {"question": row.question, "answer": json.loads(row.answer), "clause": row.clause, "why": row.reason}
    return {"by": by, "session": session, "number": row.number, **said}


def in_text(measured: Iterable[Plain]) -> dict[str, dict[str, str]]:
    """Return measurements as the ledger holds them: numbers as text, by question."""
    return {
        str(one["question"]): {
            name: "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
            for name, value in one.items()
            if name != "question"
        }
        for one in measured
    }
