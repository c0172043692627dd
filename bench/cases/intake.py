"""Source: how fast rows of a CSV become items.

In: a CSV made in memory. Out: rows a second, parsed, checked, hashed. Never: the store; that is another case's work.
"""

from __future__ import annotations

import time

from bench.case import Case

N_ROWS = 100_000
CHUNK = 1 << 16


def intake_csv() -> float:
    """Rows a second from bytes to accepted items."""
    from goldseam.formats.text import csv_records
    from goldseam.source.intake import Accepted, read
    from goldseam.source.policy import Policy
    from goldseam.vocab.items import Modality

    rows = (
        f'{i},"A sentence number {i}, with a comma and some words to make it as long as people write.",web\n'
        for i in range(N_ROWS)
    )
    data = ("id,text,site\n" + "".join(rows)).encode()
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    begin = time.perf_counter()
    found = sum(isinstance(one, Accepted) for one in read(csv_records(chunks), Policy(Modality.TEXT), "rows.csv"))
    seconds = time.perf_counter() - begin
    if found != N_ROWS:
        raise AssertionError(f"{found} of {N_ROWS} rows were accepted")
    return N_ROWS / seconds


CASES = (
    Case("intake_csv", "CSV bytes to items, 100,000 rows", "rows/s", intake_csv, limit=50_000, more_is_better=True),
)
