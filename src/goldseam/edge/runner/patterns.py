"""Patterns: where the champion errs, on its training items while they were held out.

In: a project with a champion. Out: patterns with items as examples. Never: a model trained, a change made.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goldseam.edge.runner import functions_set
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.prelabel import load
from goldseam.edge.runner.route import segments_of
from goldseam.edge.runner.world import World
from goldseam.edge.store import annotations as annotation_rows
from goldseam.edge.store import items, people, settlements
from goldseam.edge.store.tx import Tx
from goldseam.retrain.patterns import Held, Pattern, patterns
from goldseam.vocab.errors import NotReady


def found(world: World, permit: Permit) -> dict[str, object]:
    """Return the patterns of the champion's errors as plain values, with how many suggestions were looked at.

    Raises
    ------
    NotReady
        If there is no champion, or nothing of it was held out.
    """
    project = permit.project
    if project.model is None:
        raise NotReady(
            "There is no model yet whose errors could be looked at: the first is trained at the end of a round."
        )
    if functions_set.is_champion(world, project):
        raise NotReady("Labeling functions make the suggestions: goldseam lf analyze says where each of them is wrong.")
    model = load(world, project, project.model)
    guide = model.guide
    if not len(guide.row):
        raise NotReady("Nothing was held out when this model was trained; the next one keeps what it needs.")

    def look(tx: Tx) -> dict[str, object]:
        settled = settlements.current(tx, project.id, project.question, np.sort(guide.row))
        codes = {str(name): code for code, name in enumerate(project.labels)}
        said = np.array([codes.get(model.labels[at], -1) for at in guide.label.tolist()], np.int64)
        there = np.isin(guide.row, settled.position)
        row = guide.row[there]
        label = settled.label[np.searchsorted(settled.position, row)].astype(np.int64)
        held = Held(said[there], label, guide.confidence[there])
        groups: dict[tuple[str, str], NDArray[np.bool_]] = {}
        segment = segments_of(tx, project, row)
        for number, one in enumerate(project.settings.segments):
            groups["segment", one.name] = segment == number
        names = {one.id: one.name for one, _ in people.members(tx, project.id)}
        votes = annotation_rows.votes(tx, project.id, project.question)
        place = np.asarray(votes.items, np.int64)[votes.item]
        for number, who in enumerate(votes.annotators):
            groups["annotator", names.get(who, str(who))] = np.isin(row, place[votes.annotator == number])
        made = patterns(held, [str(one) for one in project.labels], project.guideline.text, groups)
        plain = [_plain(one, items.ids_of(tx, project.id, row[list(one.rows)])) for one in made]
        return {"model": project.model, "n": len(row), "wrong": int(held.wrong.sum()), "patterns": plain}

    return world.store.read(look)


def _plain(one: Pattern, some: Sequence[str]) -> dict[str, object]:
    return {
        "kind": one.kind,
        "name": one.name,
        "n": one.n,
        "wrong": one.wrong,
        "p": one.p,
        "low": one.rate.low,
        "high": one.rate.high,
        "advice": one.advice,
        "items": list(some),
    }
