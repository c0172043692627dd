"""Wire types of certificates: what comes back.

In: certificates with what they rest on. Out: records with these fields and no others. Never: which items an audit drew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from goldseam.edge.server.wire import Shown


class FixedShown(Shown):
    """What a fixed threshold would have let through of the audit; `whole` is false where the audit reached less far down."""

    threshold: float
    n: int
    wrong: int
    low: float
    high: float
    whole: bool


class ChecksShown(Shown):
    """What spot checks say since: bounds of the error that hold at every moment, and the evidence against the promise."""

    n: int
    wrong: int
    low: float
    high: float
    evidence: float


class PointShown(Shown):
    """What the audit says of a threshold: of its share `coverage` of the pool, `n` items were looked at and `wrong` were."""

    threshold: float
    coverage: float
    n: int
    wrong: int
    low: float
    high: float


class CertificateShown(Shown):
    """What was proved of one group of suggestions, and whether it stands."""

    id: str
    round: int
    model: str
    split: Literal["all", "label", "segment"]
    group: str
    state: Literal["open", "closed", "replaced", "not opened"]
    threshold: float | None
    error: float
    delta: float
    n: int
    wrong: int
    pool: int
    size: int
    upper: float | None
    reason: str
    accepted: int
    fixed: FixedShown | None
    curve: list[PointShown]
    beside: list[PointShown]
    checks: ChecksShown | None
    at: datetime
