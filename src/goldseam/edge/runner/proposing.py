"""Proposing: a batch of suggestions is kept together with its entry in the log.

In: a transaction, what a model proposes for items. Out: rows, and an entry that holds their digest. Never: one without the other,
so that whoever is killed between two batches leaves none that the log does not know.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner.digests import digest_of_suggestions
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store import suggestions
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind


def keep(
    tx: Tx,
    project: ProjectFacts,
    model: str,
    position: Positions,
    proba: NDArray[np.floating],
    now: datetime,
    actor: str,
    **more: int,
) -> None:
    """Keep what a model proposes for these items, whose positions rise; `more` stands in the entry too."""
    label = proba.argmax(axis=1).astype(np.int32)
    suggestions.save(tx, project.id, model, position, label, proba)
    ends = {} if not len(position) else {"first": int(position[0]), "last": int(position[-1])}
    body = {"n": len(position), **ends, "sha256": digest_of_suggestions(position, label, proba), **more}
    record(tx, project.id, EntryKind.SUGGESTIONS_MADE, now, actor=actor, about=model, body=body)
