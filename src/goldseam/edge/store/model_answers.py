"""What models that are asked elsewhere said of items, kept by version and item; and what they took.

In: what was said. Out: the same, as records or arrays; sums. Never: a key, or an answer that was paid for dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, case, func, select, update

from goldseam.edge.store.model_tables import model_answers, model_spending
from goldseam.edge.store.suggestions import PROBA
from goldseam.edge.store.tx import Positions, Tx, arrays, insert_columns, micros, within
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.prelabel.suggester import Said, Usage
from goldseam.vocab.answers import Answer
from goldseam.vocab.items import ProjectId
from goldseam.vocab.options import QuestionName

ERASED = "erased"
"""What stands in place of an abstention's words when they are erased: an abstention has a reason."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one model was asked and took, over all of its versions; `n_here` items of them in `round`."""

    name: str
    n_asked: int
    n_abstained: int
    usage: Usage
    round: int
    n_here: int


def save(
    tx: Tx,
    project: ProjectId,
    name: str,
    version: str,
    positions: Positions,
    proba: NDArray[np.floating],
    said: Sequence[Said],
    round: int,
    now: datetime,
) -> None:
    """Keep what a model said of items, and add up what it took."""
    plain = np.ascontiguousarray(proba, PROBA)
    columns = {
        "project": project,
        "version": version,
        "position": positions,
        "name": name,
        "proba": [row.tobytes() if row.any() else None for row in plain],
        "answers": [_written(one.answers) for one in said],
        "abstained": [one.abstained for one in said],
        "reasoning": [one.reasoning for one in said],
        "confidence": [float(one.confidence) for one in said],
        "tokens_in": [one.usage.tokens_in for one in said],
        "tokens_out": [one.usage.tokens_out for one in said],
        "micros": [one.usage.micros for one in said],
        "at": micros(now),
    }
    # Two runs may ask about the same item at the same time: both were paid, and the first answer stays.
    insert_columns(tx, model_answers, columns, then="ON CONFLICT (project, version, position) DO NOTHING")
    usage = sum((one.usage for one in said), Usage())
    spend(tx, project, name, usage, len(said), sum(bool(one.abstained) for one in said), round)


def _written(answers: Mapping[QuestionName, Answer]) -> str:
    return canonical({name: answer_to_plain(answer) for name, answer in answers.items()}).decode()


def spend(tx: Tx, project: ProjectId, name: str, usage: Usage, n_asked: int, n_abstained: int, round: int) -> None:
    """Add to what a model took."""
    c = model_spending.c
    none = {"n_asked": 0, "n_abstained": 0, "tokens_in": 0, "tokens_out": 0, "micros": 0, "round": round, "n_here": 0}
    first = {"project": project, "name": [name], **none}
    insert_columns(tx, model_spending, first, then="ON CONFLICT (project, name) DO NOTHING")
    tx.run(
        update(model_spending)
        .where(c.project == project, c.name == name)
        .values(
            n_asked=c.n_asked + n_asked,
            n_abstained=c.n_abstained + n_abstained,
            tokens_in=c.tokens_in + usage.tokens_in,
            tokens_out=c.tokens_out + usage.tokens_out,
            micros=c.micros + usage.micros,
            n_here=case((c.round == round, c.n_here), else_=0) + n_asked,
            round=round,
        )
    )


def spending(tx: Tx, project: ProjectId) -> tuple[Spending, ...]:
    """Return what each model took, by name."""
    c = model_spending.c
    return tuple(
        Spending(
            row.name,
            row.n_asked,
            row.n_abstained,
            Usage(row.tokens_in, row.tokens_out, row.micros),
            row.round,
            row.n_here,
        )
        for row in tx.run(select(model_spending).where(c.project == project).order_by(c.name))
    )


def known(tx: Tx, project: ProjectId, version: str) -> Positions:
    """Return the items of which this version said something, or abstained, in order."""
    c = model_answers.c
    query = select(c.position).where(c.project == project, c.version == version).order_by(c.position)
    (found,) = arrays(tx, query, np.int64)
    return found


def proba(tx: Tx, project: ProjectId, version: str, n_items: int, n_labels: int) -> NDArray[np.float32]:
    """Return the probabilities (n_items, n_labels) that this version gave, by position; rows of 0 where it gave none."""
    c = model_answers.c
    query = select(c.position, c.proba).where(c.project == project, c.version == version, c.proba.is_not(None))
    positions, blobs = arrays(tx, query.order_by(c.position), np.int64, object)
    found = np.zeros((n_items, n_labels), np.float32)
    for position, blob in zip(positions.tolist(), blobs.tolist(), strict=True):
        row = np.frombuffer(blob, PROBA)
        found[position, : len(row)] = row[:n_labels]
    return found


def said(tx: Tx, project: ProjectId, version: str, positions: Positions) -> dict[int, Said]:
    """Return what this version said of these items, by position; those that it was not asked about are left out."""
    c = model_answers.c
    query = select(model_answers).where(c.project == project, c.version == version, within(tx, c.position, positions))
    return {row.position: _said(row) for row in tx.run(query)}


def forget_words(tx: Tx, project: ProjectId, position: int) -> int:
    """Erase what models wrote about an item in words of their own, in every version; return of how many answers that was.

    That is their reasoning, and what they said in place of an answer; labels and what the answers took stay, so that nothing is
    asked, or paid, again.
    """
    c = model_answers.c
    wrote = (c.reasoning != "") | ~c.abstained.in_(["", ERASED])
    mine = update(model_answers).where(c.project == project, c.position == position, wrote)
    return tx.run(mine.values(reasoning="", abstained=case((c.abstained != "", ERASED), else_=""))).rowcount


def n_answered(tx: Tx, project: ProjectId, version: str) -> tuple[int, int]:
    """Return about how many items this version was asked, and of how many it abstained."""
    c = model_answers.c
    mine = select(func.count()).where(c.project == project, c.version == version)
    return int(tx.run(mine).scalar_one()), int(tx.run(mine.where(c.abstained != "")).scalar_one())


def _said(row: Row[Any]) -> Said:
    answers = {QuestionName(name): answer_from_plain(one) for name, one in json.loads(row.answers).items()}
    return Said(answers, row.abstained, row.reasoning, Usage(row.tokens_in, row.tokens_out, row.micros), row.confidence)
