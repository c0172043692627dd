"""Issues: settled labels that the champion, which had not learned from these items, is sure are others.

In: a project with a champion. Out: issues, the surest first. Never: a label changed; an issue is a reason to look.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.prelabel import load
from goldseam.edge.runner.world import World
from goldseam.edge.store import gold, items, settlements
from goldseam.edge.store.tx import Tx
from goldseam.vocab.errors import NotReady

MOST_ISSUES: Final = 200


def found(world: World, permit: Permit) -> dict[str, object]:
    """Return the issues as plain values, with how many labels were looked at.

    Raises
    ------
    NotReady
        If there is no champion, or nothing of it was held out.
    """
    project = permit.project
    if project.model is None:
        raise NotReady("There is no model yet that could doubt a label: the first is trained at the end of a round.")
    model = load(world, project, project.model)
    guide = model.guide
    if not len(guide.row):
        raise NotReady("Nothing was held out when this model was trained; the next one keeps what it needs.")

    def look(tx: Tx) -> dict[str, object]:
        settled = settlements.current(tx, project.id, project.question, np.sort(guide.row))
        known = gold.current(tx, project.id, project.question).position
        codes = {str(name): code for code, name in enumerate(project.labels)}
        said = np.array([codes.get(model.labels[at], -1) for at in guide.label.tolist()], np.int64)
        there = np.isin(guide.row, settled.position) & ~np.isin(guide.row, known)
        row, said, sure = guide.row[there], said[there], guide.confidence[there]
        at = np.searchsorted(settled.position, row)
        label = settled.label[at].astype(np.int64)
        doubted = np.flatnonzero(said != label)
        worst = doubted[np.argsort(-sure[doubted], kind="stable")][:MOST_ISSUES]
        ids = items.ids_of(tx, project.id, row[worst])
        listed = [
            {
                "item": str(one),
                "label": str(project.labels[label[where]]),
                "suggested": str(project.labels[said[where]]),
                "confidence": float(sure[where]),
                "n_votes": int(settled.n_votes[at[where]]),
            }
            for one, where in zip(ids, worst.tolist(), strict=True)
        ]
        return {"n": len(row), "n_issues": len(doubted), "issues": listed}

    return world.store.read(look)
