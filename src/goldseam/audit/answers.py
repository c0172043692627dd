"""Quality of answers of any kind: agreement by the kind's distance, likeness to gold by the kind's own measure.

In: a question, what was said, what it was settled to, gold, the policy, `rng`. Out: `QuestionQuality`. Never: a mean likeness
passed off as a share of items that are right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from goldseam.adjudicate.answers import GOLD, Decided
from goldseam.adjudicate.kinds import Said
from goldseam.audit.policy import Policy
from goldseam.audit.quality import (
    AgreementRow,
    GoldAccuracy,
    QualityReport,
    QuestionQuality,
    Share,
    band,
    warnings_of,
)
from goldseam.encode.kinds import distance_of
from goldseam.stats import distance as distances
from goldseam.stats import risk
from goldseam.vocab.answers import Abstain, Answer, Number, Rating
from goldseam.vocab.schema import Question, QuestionKind

K = QuestionKind
RIGHT = ""
MEASURES: Mapping[QuestionKind, str] = MappingProxyType({
    K.CHOICE: RIGHT, K.BEST: RIGHT, K.DATE: RIGHT, K.PREFERENCE: RIGHT, K.CHOICES: "MASI of label sets",
    K.TAXONOMY: "MASI of paths", K.RATING: "closeness on the scale", K.NUMBER: "closeness on the scale",
    K.TEXT: "likeness of characters", K.SPAN: "F1 of spans", K.BOX: "matched IoU", K.ELLIPSE: "matched IoU",
    K.POLYGON: "matched IoU", K.POLYLINE: "matched likeness", K.KEYPOINTS: "matched likeness", K.MASK: "matched IoU",
    K.RANKING: "share of pairs in order", K.RUBRIC: "closeness of grades", K.KEY_VALUES: "Jaccard of values",
})  # fmt: skip
"""What accuracy on gold means for each kind; empty where an answer is right or wrong and the share of right ones is told."""
SCALED = frozenset({K.RATING, K.NUMBER})
MOST_PAIRS = 20_000
"""How many pairs of answers the chance agreement of shapes rests on: each takes a polygon's intersection."""


def likeness(question: Question, pairs: Sequence[tuple[Answer, Answer]]) -> list[float]:
    """Return how like each two answers are, from 0 to 1, by the kind's own measure; an abstention is like nothing.

    Numbers are 1 less the share of their difference in the question's scale, or where it has none, in the range of the
    second ones.

    Examples
    --------
    >>> question = Question("stars", QuestionKind.RATING)
    >>> likeness(question, [(Rating(2), Rating(3))])
    [0.75]
    """
    if question.kind in SCALED:
        spread = _spread(question, [right for _, right in pairs])
        return [_close(one, right, spread) for one, right in pairs]
    flat = [answer for pair in pairs for answer in pair]
    units, distance = distance_of(question, flat)
    found = []
    for place in range(0, len(flat), 2):
        one, other = units[place], units[place + 1]
        if one is None or other is None:
            found.append(0.0)
            continue
        table = distances.table([one, other], distance)
        found.append(1 - float(table.distances[table.index[0], table.index[1]]))
    return found


def _spread(question: Question, right: Sequence[Answer]) -> float:
    if question.minimum is not None and question.maximum is not None:
        return float(question.maximum - question.minimum)
    values = [answer.value for answer in right if isinstance(answer, Rating | Number)]
    return max(values, default=0.0) - min(values, default=0.0)


def _close(one: Answer, right: Answer, spread: float) -> float:
    if not isinstance(one, Rating | Number) or not isinstance(right, Rating | Number):
        return 0.0
    off = abs(one.value - right.value)
    return float(off == 0) if spread <= 0 else max(0.0, 1 - off / spread)


def measure_question(
    question: Question,
    said: Sequence[Said],
    decided: Sequence[Decided],
    gold: Mapping[int, Answer],
    policy: Policy,
    rng: np.random.Generator,
) -> QuestionQuality:
    """Return agreement and likeness to gold of one question, of whatever kind.

    What gold itself settled proves nothing: there the answer by the votes is judged, and without votes there is none.
    """
    spoken = [one for one in said if not isinstance(one.answer, Abstain)]
    row = _agreement(question, spoken, policy, rng)
    judged = [(one, one.voted if one.method == GOLD else one.answer) for one in decided if one.position in gold]
    pairs = [(answer, gold[one.position]) for one, answer in judged if answer is not None]
    votes = [(one, gold[int(one.item)]) for one in spoken if int(one.item) in gold]
    return QuestionQuality(
        question=question.name,
        kind=question.kind.value,
        n_items=len({one.item for one in spoken}),
        n_votes=len(spoken),
        n_settled=sum(not one.escalated for one in decided),
        n_escalated=sum(one.escalated for one in decided),
        agreement=row,
        band=band(row.value, policy),
        accuracy=_mean(question, pairs, policy, "No gold item is settled."),
        vote_accuracy=_mean(
            question, [(one.answer, right) for one, right in votes], policy, "No vote is on a gold item."
        ),
        annotators=_annotators(question, spoken, votes, policy),
    )


def report_of(quality: QuestionQuality, others: Sequence[QuestionQuality], policy: Policy) -> QualityReport:
    """Return the report of a project whose first question is of this quality; labels and their pairs are none."""
    report = QualityReport(
        n_items=quality.n_items,
        n_votes=quality.n_votes,
        n_annotators=len(quality.annotators),
        n_settled=quality.n_settled,
        n_escalated=quality.n_escalated,
        votes_per_item=quality.n_votes / quality.n_items if quality.n_items else 0.0,
        agreement=quality.agreement,
        band=quality.band,
        accuracy=quality.accuracy,
        vote_accuracy=quality.vote_accuracy,
        annotators=quality.annotators,
        labels=(),
        pairs=(),
        warnings=(),
        questions=tuple(others),
    )
    return warnings_of(report, policy)


def _agreement(question: Question, spoken: Sequence[Said], policy: Policy, rng: np.random.Generator) -> AgreementRow:
    units, distance = distance_of(question, [one.answer for one in spoken])
    found = distances.by_distance(
        [one.item for one in spoken],
        [one.annotator for one in spoken],
        units,
        distance,
        rng=rng,
        level=policy.level,
        draws=policy.draws,
        most_pairs=250_000 if isinstance(distance, str) else MOST_PAIRS,
    )
    return AgreementRow(
        value=found.value,
        low=found.interval.low,
        high=found.interval.high,
        reason=found.reason,
        observed=found.observed,
        expected=found.expected,
        n_items=found.n_items,
        n_votes=found.n_votes,
    )


def _mean(question: Question, pairs: Sequence[tuple[Answer, Answer]], policy: Policy, reason: str) -> Share:
    """Return the mean likeness with Wilson's interval: no mean of values from 0 to 1 is less certain than a share."""
    alike = likeness(question, pairs)
    total, n = sum(alike), len(alike)
    low, high = risk.wilson(total, n, policy.level)
    n_right = sum(one >= 1 for one in alike)
    measure = MEASURES[question.kind]
    if not n:
        return Share(0, 0, None, low, high, reason, measure)
    return Share(n_right, n, total / n, low, high, _error(question, pairs), measure)


def _error(question: Question, pairs: Sequence[tuple[Answer, Answer]]) -> str:
    """Return the mean error of numbers in words; nothing for other kinds."""
    if question.kind not in SCALED:
        return ""
    both = [
        (one, right) for one, right in pairs if isinstance(one, Rating | Number) and isinstance(right, Rating | Number)
    ]
    if not both:
        return ""
    error = float(np.mean([abs(one.value - right.value) for one, right in both]))
    return f"mean error {error:.3g} {question.unit}".rstrip()


def _annotators(
    question: Question, spoken: Sequence[Said], votes: Sequence[tuple[Said, Answer]], policy: Policy
) -> tuple[GoldAccuracy, ...]:
    """Return everybody who answered, the least like gold first, then those without gold."""
    by: dict[str, list[tuple[Answer, Answer]]] = defaultdict(list)
    for one, right in votes:
        by[one.annotator].append((one.answer, right))
    n_votes: dict[str, int] = defaultdict(int)
    for one in spoken:
        n_votes[one.annotator] += 1
    found = []
    for annotator, n in n_votes.items():
        gold = _mean(question, by[annotator], policy, "No gold item was answered.")
        short = gold.n >= policy.min_gold and gold.value is not None and gold.value < policy.gold_accuracy
        found.append(GoldAccuracy(annotator, n, gold, short))
    found.sort(key=lambda row: (row.gold.value is None, row.gold.value or 0.0, row.annotator))
    return tuple(found)
