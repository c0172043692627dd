"""The cases, in the order of the table; a new one is a module here and a row below."""

from __future__ import annotations

from bench.case import Case
from bench.cases import (
    bare,
    crowd,
    intake,
    ledger,
    lf,
    noise,
    order,
    outline,
    query,
    queue,
    server,
    shapes,
    start,
    statistics,
    volume,
    votes,
    weak,
)

CASES: dict[str, Case] = {
    case.name: case
    for module in (
        start,
        votes,
        statistics,
        crowd,
        order,
        shapes,
        outline,
        noise,
        weak,
        lf,
        query,
        ledger,
        intake,
        queue,
        server,
        bare,
        volume,
    )
    for case in module.CASES
}
