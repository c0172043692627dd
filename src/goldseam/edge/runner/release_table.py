"""The rows of a release: settled labels and answers of every question as columns.

In: a transaction, the annotations that the log covers. Out: a `LabelTable`. Never: an item that waits for a ruling, or a record
for each of a million labels.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from goldseam.adjudicate.settle import How
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.settling_answers import by_labels, questions_of
from goldseam.edge.store import answers, draws, exports
from goldseam.edge.store.annotations import Kept
from goldseam.edge.store.settlements import Settled
from goldseam.edge.store.tx import Positions, Tx
from goldseam.formats.parquet import Column
from goldseam.ledger.canonical import canonical
from goldseam.release.build import soft_names
from goldseam.release.contents import LabelTable, joined
from goldseam.route.tiers import Tier
from goldseam.vocab.people import AnnotatorId


def release_table(tx: Tx, project: ProjectFacts, settled: Settled, kept: Sequence[Kept]) -> tuple[LabelTable, int]:
    """Return the rows of a release, and how many answers are left out of it since they wait for a ruling.

    `settled` are the labels of a first question that is a choice.
    """
    tables, n_left_out = [], 0
    if by_labels(project):
        tables.append(_labels(tx, project, settled, kept))
        n_left_out += int(settled.escalated.sum())
    for question in questions_of(project):
        stands = answers.current(tx, project.id, question.name)
        tables.append(_answers(tx, project, question.name, list(stands.values()), kept))
        n_left_out += sum(one.escalated for one in stands.values())
    return joined(tables), n_left_out


def _labels(tx: Tx, project: ProjectFacts, settled: Settled, kept: Sequence[Kept]) -> LabelTable:
    """Return the labels of a first question that is a choice."""
    chosen = np.flatnonzero(~settled.escalated)
    position, labels = settled.position[chosen], [str(label) for label in project.labels]
    posterior = {name: settled.posterior[chosen, code] for code, name in enumerate(labels)}
    none: list[None] = [None] * len(chosen)
    return _table(
        tx,
        project,
        project.question,
        position,
        labels=[labels[code] for code in settled.label[chosen].tolist()],
        soft={name: posterior.get(name, none) for name in soft_names(project.schema, labels if len(chosen) else ())},
        confidence=np.minimum(settled.confidence[chosen], 1.0),
        n_votes=settled.n_votes[chosen].astype(np.int64),
        methods=[settled.method[row] for row in chosen.tolist()],
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
    found, n = exports.released(tx, project.id, position), len(position)
    routes = draws.routed(tx, project.id)
    tiers = dict(zip(routes.position.tolist(), routes.tier.tolist(), strict=True))
    names = {code: Tier(code).text for code in set(tiers.values())} | {None: How.GOLD.name.lower()}
    tier = [tiers.get(place) for place in position.tolist()]
    return LabelTable(
        items=found["id"],
        hashes=found["content_hash"],
        modalities=found["modality"],
        contents=found["content"],
        media_types=found["media_type"],
        sources=found["source"],
        lines=np.array(found["line"], np.int64),
        keys=found["key"],
        metadata=[_canonical_metadata(text) for text in found["metadata"]],
        questions=[question] * n,
        labels=labels,
        soft=soft,
        confidence=confidence,
        n_votes=n_votes,
        annotators=annotators,
        methods=methods,
        rounds=rounds,
        tiers=[names[code] for code in tier],
        schema_versions=np.full(n, project.schema_version, np.int64),
        guideline_versions=np.full(n, project.guideline_version, np.int64),
        models=["" if code is None else project.model or "" for code in tier],
    )


def _annotators(kept: Sequence[Kept], position: Positions) -> list[str]:
    """Return who answered about each item, as the JSON text of their ids in order."""
    voters: dict[int, set[AnnotatorId]] = defaultdict(set)
    for one in kept:
        voters[one.position].add(one.annotation.annotator)
    texts = {place: canonical(sorted(who)).decode() for place, who in voters.items()}
    return [texts.get(place, "[]") for place in position.tolist()]


def _canonical_metadata(text: str) -> str:
    """Return metadata as canonical JSON; as intake writes it, it is so already."""
    if '": "' in text or '", "' in text:
        return canonical(json.loads(text)).decode()
    return text
