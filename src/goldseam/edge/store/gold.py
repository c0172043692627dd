"""Gold: items whose label was settled beforehand by trusted means. The newest entry per item and question counts.

In: positions with label codes, who says so, and how. Out: arrays. Never: gold changed; a correction is a new row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.sql.selectable import Select

from goldseam.edge.store import tables as t
from goldseam.edge.store.tx import Positions, Tx, Values, arrays, insert_columns, micros
from goldseam.vocab.items import ProjectId
from goldseam.vocab.people import AnnotatorId


@dataclass(frozen=True, slots=True)
class Gold:
    """Gold for a choice question: positions in order, and the label code of each."""

    position: Positions
    label: NDArray[np.int32]


def save(
    tx: Tx,
    project: ProjectId,
    question: str,
    position: Positions,
    label: NDArray[np.integer] | list[int | None],
    answer_text: list[str],
    how: str,
    by: AnnotatorId,
    now: datetime,
    salt: str | None = None,
) -> None:
    """Set gold; `label` holds codes (None where the answer is no label of the first question), `answer_text` canonical JSON.

    The salt is that of the commitment to answers other than labels.
    """
    columns: dict[str, Values | object] = {
        "project": project,
        "position": position,
        "question": question,
        "label": label,
        "answer": answer_text,
        "how": how,
        "by": by,
        "at": micros(now),
    }
    insert_columns(tx, t.gold, columns if salt is None else columns | {"salt": salt})


def current(tx: Tx, project: ProjectId, question: str) -> Gold:
    """Return the gold of a choice question as it stands, by position."""
    g = t.gold.c
    query = select(g.position, g.label).where(g.seq.in_(_newest(project, question)), g.label.is_not(None))
    position, label = arrays(tx, query.order_by(g.position), np.int64, np.int32)
    return Gold(position, label)


def ever(tx: Tx, project: ProjectId, question: str) -> tuple[Positions, NDArray[np.int32], NDArray[np.int64]]:
    """Return all gold ever set for a choice question, in the order it was: positions, label codes, and when."""
    g = t.gold.c
    query = select(g.position, g.label, g.at).where(g.project == project, g.question == question, g.label.is_not(None))
    position, label, at = arrays(tx, query.order_by(g.seq), np.int64, np.int32, np.int64)
    return position, label, at


def answers(tx: Tx, project: ProjectId, question: str) -> dict[int, str]:
    """Return the gold answers of any kind of question as canonical JSON, by position."""
    g = t.gold.c
    query = select(g.position, g.answer).where(g.seq.in_(_newest(project, question)))
    return {row.position: row.answer for row in tx.run(query)}


def answers_set_at(tx: Tx, project: ProjectId, question: str, at: datetime) -> tuple[str, list[tuple[int, str]]]:
    """Return the answers set as gold at this moment, in the order they were, with the salt of their commitment."""
    g = t.gold.c
    query = select(g.position, g.answer, g.salt).where(g.project == project, g.question == question, g.at == micros(at))
    rows = tx.run(query.where(g.salt.is_not(None)).order_by(g.seq)).all()
    return (rows[0].salt if rows else ""), [(row.position, row.answer) for row in rows]


def answer_moments(tx: Tx, project: ProjectId) -> frozenset[int]:
    """Return when answers other than labels were set as gold, in microseconds."""
    g = t.gold.c
    return frozenset(tx.run(select(g.at).where(g.project == project, g.salt.is_not(None)).distinct()).scalars())


def count(tx: Tx, project: ProjectId) -> int:
    """Return how many items are gold."""
    g = t.gold.c
    return int(tx.run(select(func.count(g.position.distinct())).where(g.project == project)).scalar_one())


def _newest(project: ProjectId, question: str) -> Select[Any]:
    g = t.gold.c
    return select(func.max(g.seq)).where(g.project == project, g.question == question).group_by(g.position)
