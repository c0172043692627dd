"""Panels: the models that the project file names suggest labels together, calibrated on gold; once a round they are the champion.

In: a project whose suggester is `models`. Out: suggestions, a row beside those of trained models, entries. Never: an item asked
about twice by the same version, or a suggestion where every model abstained.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from goldseam.edge.runner import asking, elsewhere, panel_answers, proposing
from goldseam.edge.runner.asked import kind_of_panel, note_asked
from goldseam.edge.runner.elsewhere import Remote
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import draws, gold, model_answers, models, projects
from goldseam.edge.store.models import ModelRow, Outcome
from goldseam.edge.store.tx import Tx, new_id
from goldseam.formats.arrays import to_bytes
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.contents import IMAGE_SIDE
from goldseam.prelabel.panel import Panel, combine, stand_in


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a round's suggestions: items with one, answers asked for now, abstentions among them, limits reached."""

    n: int
    n_asked: int
    n_abstained: int
    stopped: tuple[str, ...]

    @property
    def text(self) -> str:
        """The same in one line."""
        said = f"{self.n:,} suggestions; {self.n_asked:,} answers asked for, {self.n_abstained:,} abstentions"
        return "; ".join([said, *(f"stopped at {one}" for one in dict.fromkeys(self.stopped))])


def propose(world: World, project: ProjectFacts, actor: str, report: Report = silent) -> Made:
    """Ask the models about gold and the pool, as far as the limits allow, and let what they say together be suggested.

    Gold comes first, as it calibrates; then the pool in an order by chance, so that what a limit leaves out is left out by
    chance.

    What they say to questions that are no first choice is handed on as it is, to be shown.

    Raises
    ------
    Unreachable, BadSetting, AddressRefused
        If a model cannot be asked; what was said before is kept, and the next call goes on from there.
    """
    seed = world.clock.seed()
    rng = world.clock.rng(seed)
    pool, known = world.store.read(
        lambda tx: (draws.pool(tx, project.id), gold.current(tx, project.id, project.question))
    )
    order = np.concatenate([known.position, rng.permutation(np.setdiff1d(pool, known.position))]).astype(np.int64)
    asked: list[asking.Asked] = []
    suggesters: list[Remote] = []
    for setting in project.settings.prelabel.suggesting:
        suggester = elsewhere.suggester(project, setting)
        asked.append(asking.ask(world, project, suggester, order, actor, report))
        suggesters.append(suggester)
    n_handed_on = panel_answers.hand_on(world, project, suggesters, actor)
    n_suggested = _together(world, project, suggesters, known, rng, seed, actor) if by_labels(project) else 0
    world.store.write(lambda tx: note_asked(tx, project))
    return Made(
        n_suggested + n_handed_on,
        sum(one.n for one in asked),
        sum(one.n_abstained for one in asked),
        tuple(one.stopped for one in asked if one.stopped),
    )


def _together(
    world: World,
    project: ProjectFacts,
    suggesters: list[Remote],
    known: gold.Gold,
    rng: np.random.Generator,
    seed: int,
    actor: str,
) -> int:
    """Let the models suggest labels together, and return of how many items."""
    codes = dict(zip(known.position.tolist(), known.label.tolist(), strict=True))
    by_model = [
        world.store.read(
            partial(
                model_answers.proba,
                project=project.id,
                version=one.version,
                n_items=project.n_items,
                n_labels=len(project.labels),
            )
        )
        for one in suggesters
    ]
    panel = combine(by_model, codes, project.labels, rng)
    _save(world, project, panel, suggesters, seed, actor)
    return int(panel.answered.sum())


def _save(world: World, project: ProjectFacts, panel: Panel, suggesters: list[Remote], seed: int, actor: str) -> None:
    """Keep the panel as this round's champion, with what it suggests for every item, in one act."""
    kind = "image" if project.modality.is_media else "text"
    stands_in = stand_in(panel, tuple(project.labels), kind, IMAGE_SIDE)
    blob = world.blobs.put(to_bytes(stands_in.to_arrays()))
    now, position = world.clock.now(), np.arange(project.n_items, dtype=np.int64)
    made = new_id(now)
    names = ", ".join(one.name for one in suggesters)
    told = "no gold to judge by" if panel.accuracy is None else f"{panel.accuracy:.1%} of gold is right"
    metrics: dict[str, object] = {
        "champion_accuracy": None,
        "challenger_accuracy": panel.accuracy,
        "n_gold": len(panel.guide.row),
        "p_value": None,
        "n_train": 0,
        "temperature": panel.temperature,
        "calibration": panel.scaling.method,
        "held_out_loss": dict(panel.scaling.losses),
        "reason": f"Suggestions of {names}, as the project file says; {told}.",
        "models": {one.name: one.version for one in suggesters},
    }
    row = ModelRow(
        made, project.round, kind_of_panel(project), None, canonical(metrics).decode(), blob, now, Outcome.PROMOTED
    )
    n_answered = int(panel.answered.sum())

    def save(tx: Tx) -> None:
        models.save(tx, project.id, row)
        projects.set_model(tx, project.id, made)
        body = {**metrics, "seed": str(seed), "blob_sha256": blob, "release": None, "round": project.round}
        record(tx, project.id, EntryKind.MODEL_TRAINED, now, actor=actor, about=made, body=body)
        proposing.keep(tx, project, made, position, panel.proba, now, actor, n_answered=n_answered)
        promoted = {"old": project.model or ""}
        record(tx, project.id, EntryKind.MODEL_PROMOTED, now, actor=actor, about=made, body=promoted)

    world.store.write(save)
