"""Choices to votes.

In: annotations, a question, and the positions of items. Out: `Votes`. Never: an annotation that was withdrawn; the
caller leaves those out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from goldseam.stats.votes import Votes
from goldseam.vocab.annotations import Annotation
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, nearest
from goldseam.vocab.items import ItemId
from goldseam.vocab.schema import Question


def labels_of(question: Question) -> tuple[LabelName, ...]:
    """Return the names that index a question's labels, in the schema's order."""
    return question.label_names


def votes(
    annotations: Iterable[Annotation],
    question: Question,
    positions: Mapping[ItemId, int],
    labels: Sequence[LabelName] | None = None,
) -> Votes:
    """Return the votes on one choice question; items are positions in ascending order, also those without votes.

    An abstention is not a vote; a surplus answer is one. Of several answers by one annotator about one item, the last
    in the order given counts. `labels` are the names in the order of the store's codes, which may hold names that the
    schema has dropped since; by default the question's own.

    Raises
    ------
    BadValue
        If an annotation names an item or a label that is not known here.
    """
    names = tuple(labels) if labels is not None else labels_of(question)
    codes = {name: code for code, name in enumerate(names)}
    placed: dict[tuple[str, int], int] = {}
    for annotation in annotations:
        if annotation.question != question.name or not isinstance(annotation.answer, Choice):
            continue
        position, code = positions.get(annotation.item), codes.get(annotation.answer.label)
        if position is None:
            raise BadValue(
                f"Annotation {annotation.id} is about the item {annotation.item}, which has no position here."
            )
        if code is None:
            label = annotation.answer.label
            raise BadValue(f"Annotation {annotation.id} has the label {label!r}.{nearest(label, names)}", label=label)
        placed[annotation.annotator, position] = code
    items = np.array(sorted(positions.values()), dtype=np.int64)
    annotators = sorted({annotator for annotator, _ in placed})
    index = {annotator: at for at, annotator in enumerate(annotators)}
    voted = np.array([position for _, position in placed], dtype=np.int64)
    return Votes(
        items=items,
        annotators=np.array(annotators, dtype=object),
        labels=names,
        item=np.searchsorted(items, voted).astype(np.int32),
        annotator=np.array([index[annotator] for annotator, _ in placed], dtype=np.int32),
        label=np.array(list(placed.values()), dtype=np.int32),
    )
