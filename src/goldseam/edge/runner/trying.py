"""Trying: one item put to one model, to see the prompt and the answer before many are asked.

In: a permit, an item, a model's name. Out: what was sent, what came back, what it took. Never: a suggestion or a vote; only what
was spent is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from goldseam.edge.runner import elsewhere
from goldseam.edge.runner.asking import Purse
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.world import World
from goldseam.edge.store import items, model_answers
from goldseam.edge.store.tx import Tx
from goldseam.formats.plain import answer_to_plain
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.suggester import Said, Usage
from goldseam.vocab.errors import NotFound, NotReady
from goldseam.vocab.items import ItemId, ProjectId

Doing = Literal["ask", "show"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a model is sent about an item, and what it says, if it was asked."""

    model: str
    sent: Any
    said: Said | None
    chances: tuple[tuple[str, float], ...]

    @property
    def plain(self) -> dict[str, object]:
        """The same as plain values."""
        found: dict[str, object] = {"model": self.model, "sent": self.sent}
        if self.said is not None:
            found |= {
                "answers": {name: answer_to_plain(answer) for name, answer in self.said.answers.items()},
                "abstained": self.said.abstained,
                "reasoning": self.said.reasoning,
                "chances": dict(self.chances),
                "tokens_in": self.said.usage.tokens_in,
                "tokens_out": self.said.usage.tokens_out,
                "money": self.said.usage.money,
            }
        return found


def attempt(world: World, permit: Permit, item: str, model: str | None, doing: Doing) -> Tried:
    """Show what a model would be sent about an item, and ask it; what that takes counts for the limits.

    Raises
    ------
    NotFound
        If there is no such item or model.
    NotReady
        If the project file names no models, or a limit is reached.
    """
    project = permit.project
    setting = elsewhere.setting_of(project, model)
    position = world.store.read(lambda tx: _position(tx, project.id, item))
    suggester = elsewhere.suggester(project, setting)
    (content,) = elsewhere.contents_of(world, project, np.array([position], np.int64))
    sent = suggester.messages(content)
    if doing == "show":
        return Tried(setting.name, sent, None, ())
    spending = world.store.read(lambda tx: model_answers.spending(tx, project.id))
    purse = Purse(project.settings.prelabel.limit, sum((one.usage for one in spending), Usage()))
    if reached := purse.refuses(suggester.most([content])):
        raise NotReady(f"One more answer could break {reached}.")
    came = suggester.propose([content])
    (said,), now = came.said, world.clock.now()
    usage = said.usage
    body = {"model": setting.name, "version": suggester.version, "n": 1, "n_abstained": int(bool(said.abstained))}
    body |= {"tokens_in": usage.tokens_in, "tokens_out": usage.tokens_out, "micros": usage.micros}

    def save(tx: Tx) -> None:
        model_answers.spend(tx, project.id, setting.name, usage, 0, 0, project.round)
        record(tx, project.id, EntryKind.MODEL_ASKED, now, actor=permit.annotator, about=project.id, body=body)

    world.store.write(save)
    chances = zip(suggester.labels, came.proba[0].tolist(), strict=True) if came.proba.any() else ()
    return Tried(setting.name, sent, said, tuple(chances))


def _position(tx: Tx, project: ProjectId, item: str) -> int:
    """Return the position of an item by its id, or by its source's key."""
    if items.known(tx, project, [ItemId(item)]):
        return int(items.positions_of(tx, project, [ItemId(item)])[0])
    found = items.positions_by_key(tx, project).get(item)
    if found is None:
        raise NotFound(f"The project has no item {item!r}, by id or by key.", item=item)
    return found


def spending(world: World, permit: Permit) -> list[dict[str, object]]:
    """Return what each model was asked and took, as plain values, by name; models that were never asked too."""
    project = permit.project
    known = {one.name: one for one in world.store.read(lambda tx: model_answers.spending(tx, project.id))}
    named = {one.name: one for one in project.settings.prelabel.models}
    return [
        {
            "name": name,
            "gives": named[name].gives if name in named else "",
            "asked": known[name].n_asked if name in known else 0,
            "abstained": known[name].n_abstained if name in known else 0,
            "tokens_in": known[name].usage.tokens_in if name in known else 0,
            "tokens_out": known[name].usage.tokens_out if name in known else 0,
            "money": known[name].usage.money if name in known else 0.0,
        }
        for name in sorted(known | named)
    ]
