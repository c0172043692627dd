"""Wire types of corrections.

In: runner records. Out: JSON. Never: who ruled, or what others answered.
"""

from __future__ import annotations

from datetime import datetime

from goldseam.edge.server.wire import ItemShown, Plain, Shown


class CorrectionShown(Shown):
    """An own answer, and what a person decided about it."""

    item: ItemShown
    question: str
    answer: Plain
    ruled: Plain
    reason: str
    at: datetime
    ruled_at: datetime


class CorrectionsPage(Shown):
    """Corrections among one stretch of own answers; `before` goes into the next call, and is null at the end."""

    corrections: list[CorrectionShown]
    before: str | None
