"""The rows of a release: settled labels and answers of every question as columns.

In: a transaction, the annotations that the log covers. Out: a `LabelTable`. Never: an item that waits for a ruling, or a record
for each of a million labels.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.settle import How
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels, questions_of
from goldseam.edge.store import answers, flags, released
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.released import Stands
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.parquet import Column
from goldseam.formats.texts import Coded, Texts, coded, same
from goldseam.ledger.canonical import canonical
from goldseam.release.build import soft_names
from goldseam.release.contents import LabelTable, joined
from goldseam.route.tiers import Tier
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Answers that are not in a release: those that wait for a ruling, and those of items that were flagged out."""

    waiting: int
    flagged: int


def release_table(tx: Tx, project: ProjectFacts, settled: Stands, kept: Sequence[Kept]) -> tuple[LabelTable, LeftOut]:
    """Return the rows of a release, and how many answers are left out of it.

    `settled` are the labels of a first question that is a choice. What was flagged out of the queue is in no release, even
    if it had been settled before: it waits for a manager's decision, or was left out for good.
    """
    out = flags.out(tx, project.id)
    tables, waiting, flagged = [], 0, 0
    if by_labels(project):
        is_out = np.isin(settled.position, out)
        tables.append(_labels(tx, project, settled, kept, ~settled.escalated & ~is_out))
        waiting += int((settled.escalated & ~is_out).sum())
        flagged += int(is_out.sum())
    gone = frozenset(out.tolist())
    for question in questions_of(project):
        stands = answers.current(tx, project.id, question.name)
        here = [one for one in stands.values() if one.position not in gone]
        tables.append(_answers(tx, project, question.name, here, kept))
        waiting += sum(one.escalated for one in here)
        flagged += len(stands) - len(here)
    return joined(tables), LeftOut(waiting, flagged)


def _labels(
    tx: Tx, project: ProjectFacts, settled: Stands, kept: Sequence[Kept], is_in: NDArray[np.bool_]
) -> LabelTable:
    """Return the labels of a first question that is a choice."""
    chosen = np.flatnonzero(is_in)
    position, labels = settled.position[chosen], [str(label) for label in project.labels]
    posterior = {name: settled.posterior[chosen, code] for code, name in enumerate(labels)}
    none: list[None] = [None] * len(chosen)
    return _table(
        tx,
        project,
        project.question,
        position,
        labels=Coded(settled.label[chosen], labels),
        soft={name: posterior.get(name, none) for name in soft_names(project.schema, labels if len(chosen) else ())},
        confidence=np.minimum(settled.confidence[chosen], 1.0),
        n_votes=settled.n_votes[chosen].astype(np.int64),
        methods=settled.method.taken(chosen),
        rounds=settled.round[chosen].astype(np.int64),
        annotators=_annotators(kept, position),
    )


def _answers(
    tx: Tx, project: ProjectFacts, question: str, stands: Sequence[answers.Kept], kept: Sequence[Kept]
) -> LabelTable:
    """Return the settled answers of a question of any kind; those of a choice are its labels' names."""
    chosen = [one for one in stands if not one.escalated]
    position = np.array([one.position for one in chosen], np.int64)
    none: list[None] = [None] * len(chosen)
    return _table(
        tx,
        project,
        question,
        position,
        labels=[_label(one.answer) for one in chosen],
        soft=dict.fromkeys(soft_names(project.schema, ()), none),
        confidence=np.array([one.confidence for one in chosen], np.float64),
        n_votes=np.array([one.n_votes for one in chosen], np.int64),
        methods=[one.method for one in chosen],
        rounds=np.array([one.round for one in chosen], np.int64),
        annotators=_annotators([one for one in kept if one.annotation.question == question], position),
    )


def _label(answer: str) -> str:
    plain = json.loads(answer)
    return str(plain["label"]) if plain["kind"] == "choice" else answer


def _table(
    tx: Tx,
    project: ProjectFacts,
    question: str,
    position: Positions,
    *,
    labels: Sequence[str],
    soft: Mapping[str, Column],
    confidence: NDArray[np.float64],
    n_votes: NDArray[np.int64],
    methods: Sequence[str],
    rounds: NDArray[np.int64],
    annotators: Sequence[str],
) -> LabelTable:
    found, n = released.items(tx, project.id, position), len(position)
    tiers, models = _routes(tx, project, position)
    return LabelTable(
        items=found.ids,
        hashes=found.hashes,
        modalities=found.modality,
        contents=found.content,
        media_types=found.media_type,
        sources=found.source,
        lines=found.line,
        keys=found.key,
        metadata=_metadata(found.metadata),
        questions=same(question, n),
        labels=labels,
        soft=soft,
        confidence=confidence,
        n_votes=n_votes,
        annotators=annotators,
        methods=methods,
        rounds=rounds,
        tiers=tiers,
        schema_versions=np.full(n, project.schema_version, np.int64),
        guideline_versions=np.full(n, project.guideline_version, np.int64),
        models=models,
    )


def _routes(tx: Tx, project: ProjectFacts, position: Positions) -> tuple[Coded, Coded]:
    """Return the tier of each item, and the model that routed it; gold has neither."""
    routed, tier = released.tiers(tx, project.id)
    place = np.searchsorted(routed, position, side="right") - 1
    is_routed = np.zeros(len(position), np.bool_)
    if len(routed):
        is_routed = (place >= 0) & (routed[place] == position)
    known = sorted(Tier)
    code = np.full(len(position), len(known), np.int16)
    code[is_routed] = np.searchsorted(np.array(known), tier[place[is_routed]])
    names = [each.text for each in known] + [How.GOLD.name.lower()]
    return Coded(code, names), Coded(is_routed.astype(np.int8), ("", project.model or ""))


def _annotators(kept: Sequence[Kept], position: Positions) -> Coded:
    """Return who answered about each item, as the JSON text of their ids in order."""
    voters: dict[int, set[AnnotatorId]] = defaultdict(set)
    for one in kept:
        voters[one.position].add(one.annotation.annotator)
    if not voters:
        return same("[]", len(position))
    texts = {place: canonical(sorted(who)).decode() for place, who in voters.items()}
    return coded([texts.get(place, "[]") for place in position.tolist()])


def _metadata(texts: Sequence[str]) -> Sequence[str]:
    """Return metadata as canonical JSON."""
    if isinstance(texts, Coded):
        return Coded(texts.codes, [_canonical_metadata(text) for text in texts.texts])
    return Texts(_canonical_metadata(text) for text in texts)


def _canonical_metadata(text: str) -> str:
    """Return metadata as canonical JSON; as intake writes it, it is so already."""
    if '": "' in text or '", "' in text:
        return canonical(json.loads(text)).decode()
    return text
