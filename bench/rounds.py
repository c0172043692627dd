"""Four rounds that nobody attends, with recorded votes: `python -m bench.rounds [SET ...] [--rounds 4] [--seed 0] [--write]`.

In: the folder of real data (named by GOLDSEAM_DATA, or beside the repository). Out: per set a row a round: labels, votes, cost,
accuracy, what was accepted unseen, the model; kept in docs/explanation/unattended-rounds.md with --write. Never: a label of the
set seen by the loop, but for the gold it judges models by and the votes that somebody gave.

The rounds run as `goldseam run --every week` runs them; only the waiting is left out: in its place the recorded annotators
answer, over HTTP, whatever the queue wants of them, and the clock goes on a week.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from goldseam.edge.cli.recorded import Recording
from goldseam.edge.cli.replaying import ACTS, feed, places, staff
from goldseam.edge.clock import SystemClock
from goldseam.edge.home import Home
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner import people, reporting
from goldseam.edge.runner.world import World, silent
from goldseam.edge.server import app as server
from goldseam.edge.server.serving import limits_of, listen, names_of
from goldseam.edge.store import draws
from goldseam.edge.worker.rounds import Turn, keep_on
from goldseam.flow.schedule import WORDS
from goldseam.formats.tables import to_csv
from goldseam.route.tiers import Tier

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "unattended-rounds.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"
N_GOLD, PRICE, ERROR, DELTA = 400, 0.05, 0.05, 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """A set: its texts, what is true of them, and who said what; `redundancy` answers are wanted of each item."""

    name: str
    texts: Mapping[str, str]
    truth: Mapping[str, str]
    votes: Mapping[str, list[tuple[str, str]]]
    redundancy: int
    batch: int
    audit: int


@dataclass(frozen=True, slots=True)
class Row:
    """One round as the table shows it; what is true is known to the bench alone."""

    report: reporting.RoundReport
    n_labels: int
    right: float
    n_auto: int
    wrong_auto: float | None


class Weeks(SystemClock):
    """The machine's clock, some weeks ahead, with chance that one seed decides."""

    def __init__(self, seed: int) -> None:
        self.ahead = timedelta()
        self._chance = np.random.default_rng(seed)

    def now(self) -> datetime:
        """Return the time now, so many weeks on."""
        return super().now() + self.ahead

    def seed(self) -> int:
        """Return the next seed."""
        return int(self._chance.integers(2**62))


def trec6(data: Path) -> Case:
    """Questions, answered by one annotator whose recorded votes are the labels of the set."""
    with (data / "text" / "trec6" / "trec6.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {str(n): row["text"] for n, row in enumerate(rows)}
    truth = {str(n): row["label"] for n, row in enumerate(rows)}
    return Case("trec6", texts, truth, {"recorded": list(truth.items())}, 1, 400, 300)


def sentiment_polarity(data: Path) -> Case:
    """Sentences of film reviews, with the votes of 203 people."""
    folder = data / "crowd" / "sentiment_polarity"

    def read(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    votes: dict[str, list[tuple[str, str]]] = {}
    for row in read("annotations.csv"):
        votes.setdefault(row["worker"], []).append((row["task"], row["label"]))
    texts = {row["task"]: row["text"] for row in read("items.csv")}
    return Case("sentiment_polarity", texts, {row["task"]: row["gold"] for row in read("gold.csv")}, votes, 5, 400, 300)


CASES = {"trec6": trec6, "sentiment_polarity": sentiment_polarity}


def lay_out(home: Home, case: Case, n_rounds: int, seed: int) -> frozenset[str]:
    """Write the project: items, gold to judge models by, and a policy that stops for nobody; return the keys of the gold."""
    home.root.mkdir(parents=True, exist_ok=True)
    keys = list(case.texts)
    (home.root / "items.csv").write_bytes(to_csv({"key": keys, "text": [case.texts[key] for key in keys]}))
    known = np.random.default_rng(seed).choice(keys, N_GOLD, replace=False).tolist()
    (home.root / "gold.csv").write_bytes(to_csv({"key": known, "label": [case.truth[key] for key in known]}))
    settings = {
        "name": case.name,
        "schema": {"questions": [{"name": "label", "labels": sorted(set(case.truth.values()))}]},
        "sources": [{"path": "items.csv"}],
        "gold": ["gold.csv"],
        "source": {"text": "text", "key": "key"},
        "rounds": n_rounds,
        "budget": {"price_per_answer": PRICE},
        "schedule": {"close_after_days": 5},
        "sample": {"batch": case.batch},
        "route": {
            "redundancy": case.redundancy, "error": ERROR, "delta": DELTA, "audit": case.audit,
            "audit_answers": case.redundancy,
        },
        "annotate": {"gold_rate": 0.0, "prefetch": 100},
        "adjudicate": {"escalate_below": 0.0},
        "audit": {"escalated": "leave_out", "alpha_stop": -1.0, "draws": 100},
    }  # fmt: skip
    home.project_file.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return frozenset(known)


@contextmanager
def served(world: World) -> Iterator[str]:
    """Serve the project on this machine, beside the rounds."""
    with listen("127.0.0.1", 0) as listening:
        app, ready = server.make_app(world, names=names_of("127.0.0.1", ())), threading.Event()
        running = server.Server(limits_of(app), ready.set, app.state.feed.end)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            ready.wait(30)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(30)


def measure(case: Case, folder: Path, n_rounds: int, seed: int) -> list[Row]:
    """Run the rounds, and return what each came to."""
    home, clock = Home(folder / case.name), Weeks(seed)
    gold = lay_out(home, case, n_rounds, seed)
    recording = Recording(
        case.name, dict(case.votes), tuple(sorted(set(case.truth.values()))), dict(case.texts),
        Counter(key for votes in case.votes.values() for key, _ in votes), 0,
    )  # fmt: skip
    rows: list[Row] = []
    with open_project(home.root, clock) as project, served(project.world) as url:
        staff(project, recording.annotators)

        def wait(_due: datetime) -> bool:
            place = places(project, recording)
            tokens = {
                one.name: people.make_token(project.world, project.facts.id, one.id, "week", ACTS, 7)
                for one, _ in project.people()
                if one.name in case.votes
            }
            fed = feed(url, recording, tokens, place, ahead=50, at_once=4, report=silent)
            clock.ahead += timedelta(weeks=1)
            print(f"  {case.name}: {fed.n_saved:,} answers in a week", flush=True)
            return len(rows) < n_rounds

        def say(turn: Turn) -> None:
            for number, stage, outcome in turn.done:
                print(f"  {case.name}: round {number} {stage}: {outcome}", flush=True)
            if turn.error is not None:
                raise turn.error
            ended = project.facts.round - 1
            if ended > len(rows):
                rows.append(_row(project, case, gold, ended))

        keep_on(project, WORDS["week"], wait, say, threading.Event())
        project.seal()
        findings = project.verify()
        assert not findings, findings
    return rows


def _row(project: Project, case: Case, gold: frozenset[str], ended: int) -> Row:
    """Judge the labels that there are now by what is true."""
    keys, labels = project.keys(), project.labels()
    place = dict(zip(project.item_ids(list(keys)), keys.values(), strict=True))
    right = {
        place[item]: str(label) == case.truth[place[item]]
        for item, label, waits in zip(map(str, labels["item"]), labels["label"], labels["escalated"], strict=True)
        if not waits and place[item] not in gold
    }
    here = project.facts.id
    routed = project.world.store.read(lambda tx: draws.routed(tx, here))
    accepted = [keys[at] for at in routed.position[(routed.tier == Tier.AUTO) & ~routed.spot_check].tolist()]
    judged = [right[key] for key in accepted if key in right]
    report = next(one for one in reporting.listing(project.world, project.facts) if one.round == ended)
    return Row(
        report,
        len(right),
        float(np.mean(list(right.values()))) if right else 0.0,
        len(accepted),
        None if not judged else 1.0 - float(np.mean(judged)),
    )


def table(case: str, rows: Sequence[Row]) -> str:
    """Return the rows of one set as a Markdown table."""
    lines = [
        f"### {case}",
        "",
        "| round | votes | cost | labels so far | right | accepted unseen so far | of these wrong | model on gold | model |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for one in rows:
        report = one.report
        wrong = "–" if one.wrong_auto is None else f"{one.wrong_auto:.1%}"
        model = "–" if report.model_accuracy is None else f"{report.model_accuracy:.3f}"
        lines.append(
            f"| {report.round} | {report.n_answers:,} | {report.cost or 0:,.2f} | {one.n_labels:,} | {one.right:.3f} | "
            f"{one.n_auto:,} | {wrong} | {model} | {report.model_outcome or '–'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print, and keep if asked to; 2 where the data is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=[*CASES], metavar="SET", help=f"of {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="keep the tables in the page")
    asked = parser.parse_args()
    named = os.environ.get("GOLDSEAM_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (data / "text" / "trec6").is_dir():
        print(f"real data is not here: {data} has no folder 'text/trec6'; set GOLDSEAM_DATA.", file=sys.stderr)
        return 2
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.sets:
            began = time.monotonic()
            rows = measure(CASES[name](data), Path(folder), asked.rounds, asked.seed)
            tables.append(table(name, rows))
            print(f"{tables[-1]}({time.monotonic() - began:.0f} s)\n", flush=True)
    if asked.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(before + BEGIN + "\n" + "\n".join(tables) + "\n" + END + rest.split(END)[1], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
