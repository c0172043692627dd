"""Votes of labeling functions: what each said of an item, beside people's; and, if the project file asks for it, one more voter.

In: a transaction, a project, people's votes. Out: plain values, votes. Never: a function run; a vote where functions abstain, or
several that count where functions repeat each other: as a voter they are one, by what the label model makes of them.
"""

from __future__ import annotations

import json

import numpy as np

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import functions, suggestions
from goldseam.edge.store.functions import SetRow
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.stats.votes import Votes
from goldseam.vocab.answers import Choice
from goldseam.vocab.people import AnnotatorId

TOGETHER = AnnotatorId("labeling functions")
COUNTED = "counted"
MOST = 200
"""So many functions of a set are shown at most."""
FLAT = 1e-6


def beside(tx: Tx, project: ProjectFacts, question: str, position: int) -> list[dict[str, object]]:
    """Return what the functions that were applied last say of an item, each with how often it is believed to be right.

    Those that abstain are left out.
    """
    made = functions.newest_set(tx, project.id) if question == project.question else None
    if made is None:
        return []
    known = {one["version"]: one for one in json.loads(made.body)["functions"][:MOST]}
    said = functions.said_of(tx, project.id, list(known), position)
    return [
        {
            "name": one["name"],
            "answer": answer_to_plain(Choice(project.labels[said[version]])),
            "reliability": one["learned"],
        }
        for version, one in known.items()
        if 0 <= said.get(version, -1) < len(project.labels)
    ]


def counted(tx: Tx, project: ProjectFacts) -> SetRow | None:
    """Return the set of functions that counts as a voter, if the project file asks for that and one was applied."""
    wanted = project.settings.adjudicate.functions == COUNTED
    return functions.newest_set(tx, project.id) if wanted else None


def with_voter(tx: Tx, project: ProjectFacts, votes: Votes, made: SetRow) -> Votes:
    """Return the votes with one more voter: what the functions say together of the items on which people voted.

    How far it is believed is learned with the people's reliability, from the items on which they and it agree and differ.
    """
    said = suggestions.suggested(tx, project.id, made.id, np.asarray(votes.items, np.int64))
    speaks = said.confidence * len(project.labels) > 1 + FLAT
    item = np.searchsorted(np.asarray(votes.items, np.int64), said.position[speaks])
    return Votes(
        items=votes.items,
        annotators=np.array([*votes.annotators, TOGETHER], dtype=object),
        labels=votes.labels,
        item=np.concatenate([votes.item, item.astype(np.int32)]),
        annotator=np.concatenate([votes.annotator, np.full(len(item), votes.n_annotators, np.int32)]),
        label=np.concatenate([votes.label, said.label[speaks].astype(np.int32)]),
    )
