"""Training: which settled labels a model may learn from, known without loading scikit-learn.

In: a project's settlements and gold. Out: positions and a `TrainingSet`. Never: a model.
"""

from __future__ import annotations

import numpy as np

from goldseam.adjudicate.settle import How
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.store.gold import Gold
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Positions
from goldseam.retrain.training import TrainingSet, training_set


def learnable(project: ProjectFacts, settled: Settled, known: Gold) -> tuple[Positions, TrainingSet]:
    """Return what may be learned from: the labels as they were settled and released, without gold, which judges models."""
    how = np.where(np.array(settled.method, dtype=object) == How.AUTO.name.lower(), How.AUTO, How.VOTES)
    found = training_set(
        settled.posterior,
        how.astype(np.int8),
        settled.escalated,
        np.isin(settled.position, known.position),
        project.settings.retrain,
    )
    return settled.position[found.index], found


def enough(project: ProjectFacts, found: TrainingSet) -> bool:
    """Return whether a model can be trained: enough labels, and at least two of them different."""
    return len(found.index) >= project.settings.prelabel.min_labels and found.n_labels_seen > 1
