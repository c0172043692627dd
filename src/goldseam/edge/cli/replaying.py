"""Replaying: recorded annotators work at the same time, each over their own connection, and the result is judged.

In: a server's address, a recording, tokens. Out: what was used and refused; accuracy against gold. Never: a vote counted that
the server did not acknowledge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.cli.recorded import Recording
from goldseam.edge.client import Client, Leased, Submission, new_id
from goldseam.edge.project import Project
from goldseam.edge.runner.world import Report
from goldseam.stats import truth
from goldseam.stats.votes import Votes
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act

ACTS = frozenset({Act.VIEW, Act.ANNOTATE, Act.CLAIM})
METHODS = ("majority", "weighted", "one_coin", "dawid_skene", "infer")
NO_GOLD = -1
SECONDS = 1.0
"""Recorded votes seldom say how long they took; one second stands for all."""


@dataclass(frozen=True, slots=True)
class Fed:
    """How the server took the votes."""

    n_saved: int = 0
    n_surplus: int = 0
    n_refused: int = 0

    def __add__(self, other: Fed) -> Fed:
        """Return the counts of both."""
        return Fed(self.n_saved + other.n_saved, self.n_surplus + other.n_surplus, self.n_refused + other.n_refused)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy would have given on these votes."""

    n_recorded: int
    n_used: int
    n_surplus: int
    n_refused: int
    n_items: int
    n_annotators: int
    votes_per_item: float
    votes_per_second: float
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    band: str
    n_gold: int
    accuracy: Mapping[str, float]
    findings: int
    release: str
    folder: str
    notes: Sequence[str] = field(default=())


def staff(project: Project, names: Sequence[str]) -> dict[str, str]:
    """Add every recorded annotator to the project, and return a token for each."""
    return project.add_recorded(names, ACTS)


def feed(
    url: str,
    recording: Recording,
    tokens: Mapping[str, str],
    place: Mapping[str, ItemId],
    *,
    ahead: int,
    at_once: int,
    report: Report,
) -> Fed:
    """Let every annotator claim and answer their items, a few at a time, all at the same time."""
    total, n_done = Fed(), 0
    first = next(iter(tokens.values()))
    with Client(url, token=first, connections=at_once) as client, ThreadPoolExecutor(at_once) as pool:
        project = client.projects()[0].id
        longest = sorted(recording.by_annotator, key=lambda name: -len(recording.by_annotator[name]))
        jobs = {
            pool.submit(
                _one, client.with_token(tokens[name]), project, recording.by_annotator[name], place, ahead
            ): name
            for name in longest
        }
        for job in as_completed(jobs):
            total += job.result()
            n_done += len(recording.by_annotator[jobs[job]])
            report("replaying votes", n_done, recording.n_votes)
    return total


def places(project: Project, recording: Recording) -> dict[str, ItemId]:
    """Return the item of every recorded key; keys whose texts are equal share one item."""
    keys = project.keys()
    by_text = {
        recording.texts[key].strip(): ItemId(item)
        for key, item in zip(keys.values(), project.item_ids(list(keys)), strict=True)
    }
    return {key: by_text[text.strip()] for key, text in recording.texts.items() if text.strip() in by_text}


def _one(
    client: Client, project: str, votes: Sequence[tuple[str, str]], place: Mapping[str, ItemId], ahead: int
) -> Fed:
    facts = client.project(project)
    total = Fed()
    for start in range(0, len(votes), ahead):
        batch = {place[key]: label for key, label in votes[start : start + ahead] if key in place}
        leased: Leased = client.claim(project, list(batch))
        sent = [
            Submission(
                id=new_id(),
                assignment=offer.id,
                token=offer.token,
                answers={facts.schema.main.name: Choice(LabelName(batch[offer.item]))},
                seconds=SECONDS,
                schema_version=facts.schema_version,
                guideline_version=facts.guideline_version,
            )
            for offer in leased.offers
        ]
        outcomes = client.submit(project, sent) if sent else ()
        states = [outcome.status for outcome in outcomes]
        saved, surplus = states.count("saved") + states.count("repeated"), states.count("surplus")
        total += Fed(saved, surplus, len(votes[start : start + ahead]) - saved - surplus)
    return total


def judge(project: Project, recording: Recording, known: Mapping[str, str], fed: Fed, seconds: float) -> Outcome:
    """Return what the project's votes come to, against gold where there is some."""
    votes = project.votes()
    measured = project.quality()
    report = measured[0] if measured else None
    releases = project.releases()
    gold = _gold_codes(votes, project.keys(), known)
    return Outcome(
        n_recorded=recording.n_votes,
        n_used=fed.n_saved,
        n_surplus=fed.n_surplus,
        n_refused=fed.n_refused,
        n_items=votes.n_items,
        n_annotators=len(votes.annotators),
        votes_per_item=len(votes.label) / max(votes.n_items, 1),
        votes_per_second=fed.n_saved / max(seconds, 1e-9),
        alpha=report.agreement.value if report else None,
        alpha_low=report.agreement.low if report else None,
        alpha_high=report.agreement.high if report else None,
        band=report.band if report else "undefined",
        n_gold=int((gold != NO_GOLD).sum()),
        accuracy=_accuracy(project, votes, gold),
        findings=len(project.verify()),
        release=str(releases[0]["folder"]) if releases else "",
        folder=str(project.home.root),
        notes=(*_notes(recording), *(reason.text for reason in (measured[1].reasons if measured else ()))),
    )


def _gold_codes(votes: Votes, keys: Mapping[int, str], known: Mapping[str, str]) -> NDArray[np.int64]:
    """Return each item's gold as an index of `votes.labels`; -2 for a label that nobody ever said, which is never right."""
    codes = {str(label): code for code, label in enumerate(votes.labels)}
    gold = (known.get(keys.get(int(position), "")) for position in votes.items)
    return np.array([NO_GOLD if label is None else codes.get(label, -2) for label in gold], np.int64)


def _accuracy(project: Project, votes: Votes, gold: NDArray[np.int64]) -> dict[str, float]:
    """Return the share of items with gold that each method gets right, and the loop's own settled labels."""
    judged = gold != NO_GOLD
    if not judged.any():
        return {}
    said = {name: np.argmax(truth.METHODS[name](votes).posterior, axis=1) for name in METHODS}
    settled = project.labels()
    label_of = dict(zip(settled["item"], settled["label"], strict=True))
    codes = {str(label): code for code, label in enumerate(votes.labels)}
    ids = project.item_ids([int(position) for position in votes.items])
    said["settled by the loop"] = np.array([codes[str(label_of[item])] for item in ids])
    return {name: float(np.mean(labels[judged] == gold[judged])) for name, labels in said.items()}


def _notes(recording: Recording) -> list[str]:
    notes = []
    if recording.unreadable:
        notes.append(f"{recording.unreadable:,} rows were unreadable, empty, or a second vote by the same annotator")
    n_shared = len(recording.texts) - len(set(recording.texts.values()))
    if n_shared:
        notes.append(f"{n_shared:,} items have the content of another one: each content is one item")
    return notes
