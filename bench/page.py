"""The page of measurements: docs/reference/measurements.md, written from bench/results.json and from nothing else.

In: the results of the last run of each case. Out: the page's text. Never: a figure typed in by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.cases import CASES

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "reference" / "measurements.md"

HEAD = """# Measurements

Written from `bench/results.json` by `python -m bench --page`; `make bench` measures everything again (Snorkel only after
`make peers`). Both sides of a row take turns in one run, each in a process of its own; the figure is the median of the runs,
the memory the largest of the process, libraries included. Machines differ and are noisy: read the ratios. A bar that does not
hold says **no**.

| work | ours | peer | ratio | memory, ours / peer | bar | holds |
|---|---:|---:|---:|---:|---|---|
"""


def text(rows: list[dict[str, Any]]) -> str:
    """Return the page for these results."""
    return HEAD + "".join(_line(row) for row in rows if row["name"] in CASES) + "\n"


def _line(row: dict[str, Any]) -> str:
    case = CASES[row["name"]]
    peer = "–" if row["peer"] is None else f"{_figure(row['peer'])} {row['unit']} ({row['peer_name']})"
    ratio = "–" if row["ratio"] is None else f"{row['ratio']:.0f}×" if row["ratio"] >= 10 else f"{row['ratio']:.1f}×"
    memory = f"{row['ours_megabytes']:,.0f}" + (
        f" / {row['peer_megabytes']:,.0f} MB" if row["peer_megabytes"] is not None else " MB"
    )
    holds = {True: "yes", False: "**no**", None: "–"}[row["holds"]]
    ours = f"{_figure(row['ours'])} {row['unit']}"
    return f"| {case.work} (`{case.name}`) | {ours} | {peer} | {ratio} | {memory} | {case.bar} | {holds} |\n"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write() -> None:
    """Write the page."""
    PAGE.write_text(text(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")
