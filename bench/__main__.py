"""Run the cases, print the table, write bench/results.json: `python -m bench [NAME ...] [--full] [--list]`.

In: names of cases; none means all usual ones, `--full` all. Out: a table and a file. Never: a comparison across runs:
both sides of a case take turns in this one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from bench import page
from bench.case import Case, Result
from bench.cases import CASES

RESULTS = Path(__file__).with_name("results.json")
HEAD = ("case", "ours", "peer", "ratio", "unit", "MB ours/peer", "bar", "holds")


def main() -> int:
    """Measure what was asked for; 1 if a case could not run. A bar that does not hold is shown, not an error."""
    arguments = _arguments()
    if arguments.list:
        for case in CASES.values():
            print(f"{case.name:<18} {case.work}; bar: {case.bar}")
        return 0
    if arguments.page:
        page.write()
        return 0
    unknown = [name for name in arguments.names if name not in CASES]
    if unknown:
        print(f"There is no case {unknown[0]!r}; there are: {', '.join(CASES)}.", file=sys.stderr)
        return 2
    chosen = [CASES[name] for name in arguments.names] or [c for c in CASES.values() if c.usual or arguments.full]
    results: list[Result] = []
    failed = False
    for case in chosen:
        print(f"{case.name}: {case.work} ...", file=sys.stderr, flush=True)
        result = measure(case)
        failed |= result is None
        results += [result] if result else []
        _write(results)  # after each, so that a run cut short keeps what it measured
    page.write()
    print(_table(results))
    return int(failed)


def measure(case: Case) -> Result | None:
    """Let both sides take turns and return the medians; None if our side could not run."""
    ours: list[dict[str, float]] = []
    peer: list[dict[str, float]] = []
    note = ""
    for _ in range(case.runs):
        for side, found in (("ours", ours), ("peer", peer)):
            if side == "peer" and (case.peer is None or note):
                continue
            value, why = _side(case.name, side)
            if value is not None:
                found.append(value)
            elif side == "ours":
                print(f"{case.name} could not run: {why}", file=sys.stderr)
                return None
            else:
                note = f"{case.peer_name}: {why}"
    return Result(
        case=case,
        ours=statistics.median(one["value"] for one in ours),
        peer=statistics.median(one["value"] for one in peer) if peer else None,
        ours_megabytes=max(one["megabytes"] for one in ours),
        peer_megabytes=max(one["megabytes"] for one in peer) if peer else None,
        note=note,
    )


def _side(name: str, side: str) -> tuple[dict[str, float] | None, str]:
    command = [sys.executable, "-m", "bench.side", name, side]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=RESULTS.parents[1])  # noqa: S603 - our own module
    last = ran.stdout.strip().splitlines()[-1] if ran.stdout.strip() else "{}"
    if ran.returncode == 0:
        return json.loads(last), ""
    if ran.returncode == 3:
        return None, f"not installed ({json.loads(last).get('missing', 'no such side')})"
    return None, ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else f"exit {ran.returncode}"


def _write(results: list[Result]) -> None:
    """Keep the rows of cases that did not run now, so that one case can be measured alone."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    fresh = {result.case.name: result.plain() for result in results}
    rows = {row["name"]: row for row in kept if row["name"] in CASES} | fresh
    ordered = [rows[name] for name in CASES if name in rows]
    RESULTS.write_text(json.dumps(ordered, indent=2) + "\n", encoding="utf-8")


def _table(results: list[Result]) -> str:
    rows = [HEAD, *(_row(result) for result in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], *(f"* {r.note}" for r in results if r.note)])


def _row(result: Result) -> tuple[str, ...]:
    case = result.case
    memory = f"{result.ours_megabytes:.0f}/" + (
        "-" if result.peer_megabytes is None else f"{result.peer_megabytes:.0f}"
    )
    ratio = "-" if result.ratio is None else f"{result.ratio:.1f}x"
    holds = {True: "yes", False: "NO", None: "-"}[result.holds]
    return case.name, _figure(result.ours), _figure(result.peer), ratio, case.unit, memory, case.bar, holds


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against peers and bars.")
    parser.add_argument("names", nargs="*", help="cases to run; none means all usual ones")
    parser.add_argument("--full", action="store_true", help="also the cases that take minutes or the network")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing; write docs/reference/measurements.md anew"
    )
    parser.add_argument("--list", action="store_true", help="say which cases there are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
