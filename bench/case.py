"""What a case is: a work, our side, a peer's side where it can run, and a bar.

In: functions that do the work once and return a figure. Out: `Case`, `Result`, and whether the bar holds.
Never: a figure that was not measured in this run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Side = Callable[[], float]


class NotHere(Exception):
    """A side cannot run on this machine; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One work.

    A side prepares, does the work once, and returns a figure in `unit`; less is better unless `more_is_better`. The bar
    is a limit on our own figure, a least ratio to the peer's, or both. A case that is not `usual` runs only when named.
    """

    name: str
    work: str
    unit: str
    ours: Side
    peer: Side | None = None
    peer_name: str = ""
    limit: float | None = None
    least_ratio: float | None = None
    more_is_better: bool = False
    usual: bool = True
    runs: int = 3

    @property
    def bar(self) -> str:
        """The bar as a sentence."""
        sign = ">=" if self.more_is_better else "<="
        parts = [] if self.limit is None else [f"{sign} {self.limit:,g} {self.unit}"]
        if self.least_ratio is not None:
            parts.append(f"{self.least_ratio:g}x {self.peer_name}")
        return ", ".join(parts) or "none"


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of a case measured: medians, and the largest memory of each side's process."""

    case: Case
    ours: float
    peer: float | None
    ours_megabytes: float
    peer_megabytes: float | None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better we are than the peer."""
        if self.peer is None:
            return None
        better, worse = (self.peer, self.ours) if self.case.more_is_better else (self.ours, self.peer)
        return worse / better if better > 0 else None

    @property
    def holds(self) -> bool | None:
        """Whether the bar holds; None where it needs a peer that did not run."""
        case, checks = self.case, []
        if case.limit is not None:
            checks.append(self.ours >= case.limit if case.more_is_better else self.ours <= case.limit)
        if case.least_ratio is not None and self.ratio is not None:
            checks.append(self.ratio >= case.least_ratio)
        if not all(checks):
            return False
        needs_peer = case.least_ratio is not None and self.ratio is None
        return None if needs_peer or not checks else True

    def plain(self) -> dict[str, object]:
        """Return the row of bench/results.json."""
        return {
            "name": self.case.name,
            "ours": self.ours,
            "peer": self.peer,
            "ratio": self.ratio,
            "unit": self.case.unit,
            "bar": self.case.bar,
            "holds": self.holds,
            "peer_name": self.case.peer_name,
            "ours_megabytes": self.ours_megabytes,
            "peer_megabytes": self.peer_megabytes,
            "note": self.note,
        }
