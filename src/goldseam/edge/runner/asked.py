"""Asked: what of a project still waits for models that are asked elsewhere, known without loading any of what asks them.

In: a transaction, a project. Out: counts. Never: a question to a model.
"""

from __future__ import annotations

import hashlib

from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels
from goldseam.edge.store import models, projects, suggestions
from goldseam.edge.store.tx import Tx
from goldseam.flow import plain
from goldseam.ledger.canonical import canonical

PANEL = "panel"


def kind_of_panel(project: ProjectFacts) -> str:
    """Return the kind of a panel as the project file describes it now: another one when models, limits or rules change."""
    policy = project.settings.prelabel
    told = {
        "models": [plain.flatten(one) for one in policy.suggesting],
        "limit": plain.flatten(policy.limit),
        "schema": project.schema_version,
        "guideline": project.guideline_version,
    }
    return f"{PANEL} {hashlib.sha256(canonical(told)).hexdigest()[:12]}"


def source_of(project: ProjectFacts) -> str:
    """Return whose suggestions are shown, in words: the models that are asked, or the trained one's round."""
    if project.settings.prelabel.suggester == "models":
        return ", ".join(one.name for one in project.settings.prelabel.suggesting)
    return f"model of round {project.round - 1}"


def is_panel(tx: Tx, project: ProjectFacts) -> bool:
    """Return whether the champion is a panel, whose suggestions are kept and cannot be made anew here."""
    return project.model is not None and models.get(tx, project.id, project.model).kind.startswith(PANEL)


def n_unscored(tx: Tx, project: ProjectFacts) -> int:
    """Return how many items wait for a suggestion of the champion; all of them, where this round's panel is yet to be asked."""
    if project.settings.prelabel.suggester != "models":
        return 0 if project.model is None else suggestions.n_unscored(tx, project.id, project.model)
    if projects.recall(tx, _asked_key(project)) != _asked(project):
        return project.n_items
    if not by_labels(project):
        return 0
    if project.model is None:
        return project.n_items
    row = models.get(tx, project.id, project.model)
    if row.round != project.round or row.kind != kind_of_panel(project):
        return project.n_items
    return suggestions.n_unscored(tx, project.id, project.model)


def _asked_key(project: ProjectFacts) -> str:
    return f"models asked of {project.id}"


def _asked(project: ProjectFacts) -> str:
    return f"{project.round} {project.n_items} {kind_of_panel(project)}"


def note_asked(tx: Tx, project: ProjectFacts) -> None:
    """Keep that the models that suggest were asked about the pool as it is now."""
    projects.remember(tx, _asked_key(project), _asked(project))


def _votes_key(project: ProjectFacts) -> str:
    return f"model votes of {project.id}"


def have_voted(tx: Tx, project: ProjectFacts) -> bool:
    """Return whether the models that vote were asked about this round's items, or there are none."""
    if not project.settings.prelabel.voting:
        return True
    return projects.recall(tx, _votes_key(project)) == str(project.round)


def note_voted(tx: Tx, project: ProjectFacts) -> None:
    """Keep that the models that vote were asked about this round's items."""
    projects.remember(tx, _votes_key(project), str(project.round))
