"""Production: takes in what a model put out there and what people made of it; nothing else happens inside the call.

In: a permit, captures, signals, each with an id that the client made. Out: how many were new. Never: an item, a vote or a
place in the queue made inside a call (`producing` does that), a text in the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import captures as rows
from goldseam.edge.store.tx import Tx
from goldseam.ledger.canonical import canonical
from goldseam.ledger.entries import EntryKind
from goldseam.source.captured import MOST_AT_ONCE, Capture, Signaled
from goldseam.vocab.errors import BadValue, Conflict, NotFound, nearest


@dataclass(frozen=True, slots=True)
class Taken:
    """How many of what was sent is new, and how much was sent before."""

    captures: int
    signals: int
    repeated: int


def capture(world: World, permit: Permit, sent: Sequence[Capture], signals: Sequence[Signaled]) -> Taken:
    """Keep captures and signals, all or none; what was sent before under the same id changes nothing.

    Raises
    ------
    BadValue
        If there are too many, an id stands twice, a text cannot be an item here, or a label is none of the schema's.
    NotFound
        If a signal is about a capture that is not there.
    Conflict
        If an id was used before for something else.
    """
    _check(permit, sent, signals)
    now, project = world.clock.now(), permit.project.id
    everything: list[Capture | Signaled] = [*sent, *signals]
    hashes = {one.id: hash_of(one) for one in everything}

    def save(tx: Tx) -> Taken:
        before = rows.known(tx, list(hashes))
        for name, (where, digest) in before.items():
            if (where, digest) != (project, hashes[name]):
                raise Conflict("This id was used before for something else; make a new one.", id=name)
        fresh = [one for one in sent if one.id not in before]
        said = [one for one in signals if one.id not in before]
        there = {one.id for one in fresh} | rows.are_there(tx, project, [one.capture for one in said])
        for one in said:
            if one.capture not in there:
                raise NotFound("A signal is about no capture of this project.", id=one.id, capture=one.capture)
        rows.add(tx, project, fresh, hashes, permit.annotator, now)
        rows.add_signals(tx, project, said, hashes, permit.annotator, now)
        if fresh or said:
            body = {"captures": len(fresh), "signals": len(said), "sha256": digest_of([*fresh, *said], hashes)}
            record(tx, project, EntryKind.PRODUCTION_CAPTURED, now, actor=permit.annotator, about=project, body=body)
        return Taken(len(fresh), len(said), len(before))

    return world.store.write(save)


def was_captured(world: World, project: ProjectFacts) -> bool:
    """Return whether anything was ever captured for a project."""
    return world.store.read(lambda tx: rows.newest(tx, project.id)) > 0


def digest_of(sent: Sequence[Capture | Signaled], hashes: dict[str, str]) -> str:
    """Return the hash over ids and what was sent under them: the ids, which nobody can guess, salt it."""
    return hashlib.sha256("".join(f"{one.id} {hashes[one.id]}\n" for one in sent).encode()).hexdigest()


def _check(permit: Permit, sent: Sequence[Capture], signals: Sequence[Signaled]) -> None:
    ids = [*(one.id for one in sent), *(one.id for one in signals)]
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise BadValue(f"One call carries 1 to {MOST_AT_ONCE} captures and signals; got {len(ids)}.")
    if len(set(ids)) != len(ids):
        raise BadValue("Two captures or signals of one call have the same id.")
    project = permit.project
    for one in sent:
        if one.text is not None and project.modality.is_media:
            raise BadValue("This project shows images: a capture names an item that it has by 'item'.", id=one.id)
    for said in signals:
        if said.label is not None and said.label not in project.labels:
            hint = nearest(said.label, project.labels)
            raise BadValue(f"The project has no label {said.label!r}.{hint}", id=said.id)


def hash_of(one: Capture | Signaled) -> str:
    """Return the hash of what was sent under an id."""
    return hashlib.sha256(canonical(_plain(one))).hexdigest()


def _plain(one: Capture | Signaled) -> dict[str, object]:
    plain = asdict(one)
    if "metadata" in plain:
        plain["metadata"] = dict(plain["metadata"])
    if plain.get("confidence") is not None:
        plain["confidence"] = repr(float(plain["confidence"]))
    return plain
