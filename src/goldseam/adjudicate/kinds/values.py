"""Values: settling answers that are labels, numbers, texts, orders, grades and values of keys.

In: a question, what was said. Out: `SettledAnswer` records. Never: a shape; see `marks`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from statistics import median_low

import numpy as np
from scipy.special import ndtr, ndtri

from goldseam.adjudicate.kinds.said import (
    HALF,
    Said,
    SettledAnswer,
    by_item,
    chosen_of,
    inferred,
    inferred_open,
    smoothed,
)
from goldseam.stats import truth
from goldseam.vocab.answers import (
    Answer,
    Best,
    Choice,
    Choices,
    Grade,
    KeyValue,
    KeyValues,
    LabelName,
    Moment,
    Number,
    Paths,
    Preference,
    Ranking,
    Rating,
    Rubric,
    Text,
)
from goldseam.vocab.schema import KeyKind, Question

FEW = 50
"""With at most so many labels, each is asked about for every item; with more, only those that somebody chose."""
TIE = "tie"
ABSENT = ""


def _by_name(
    said: Sequence[Said], names: Sequence[str], name_of: Callable[[Answer], str], answer_of: Callable[[str], Answer]
) -> list[SettledAnswer]:
    """Settle answers that are each one of a closed set of names."""
    decided = inferred([one.item for one in said], [one.annotator for one in said],
                       [name_of(one.answer) for one in said], names)  # fmt: skip
    return [
        SettledAnswer(item, answer_of(decided[item][0]), decided[item][1], len(votes))
        for item, votes in by_item(said).items()
    ]


def choices_of_one(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle single choices."""
    return _by_name(said, question.label_names, lambda a: str(getattr(a, "label", "")), lambda n: Choice(LabelName(n)))


def scales(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle ratings on their scale."""
    scale = [str(value) for value in range(int(question.minimum or 0), int(question.maximum or 0) + 1)]
    return _by_name(said, scale, lambda a: str(getattr(a, "value", "")), lambda name: Rating(int(name)))


def bests(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle which candidate is the best."""
    del question
    names = sorted({str(one.answer.chosen) for one in said if isinstance(one.answer, Best)}, key=int)
    return _by_name(said, names, lambda a: str(getattr(a, "chosen", "")), lambda name: Best(int(name)))


def preferences(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle preferences; the strength is the middle one of those who chose the same."""
    strengths: dict[tuple[str, int | None], list[int]] = {}
    for one in said:
        if isinstance(one.answer, Preference) and one.answer.strength is not None:
            strengths.setdefault((one.item, one.answer.chosen), []).append(one.answer.strength)
    chosen = sorted(
        {one.answer.chosen for one in said if isinstance(one.answer, Preference)} - {None}, key=lambda n: n or 0
    )
    names = [*(str(place) for place in chosen), TIE]

    def name_of(answer: Answer) -> str:
        place = answer.chosen if isinstance(answer, Preference) else None
        return TIE if place is None else str(place)

    settled = _by_name(said, names, name_of, lambda name: Preference(None if name == TIE else int(name)))
    if not question.strengths:
        return settled
    found = []
    for each in settled:
        place = each.answer.chosen if isinstance(each.answer, Preference) else None
        given = strengths.get((each.item, place), [])
        answer = Preference(place, median_low(given)) if place is not None and given else Preference(place)
        found.append(replace(each, answer=answer))
    return found


def dates(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle dates: read off the item, they are right or wrong."""
    del question
    values = [str(getattr(one.answer, "value", "")) for one in said]
    decided = inferred_open([one.item for one in said], [one.annotator for one in said], values)
    return [
        SettledAnswer(item, Moment(decided[item][0]), decided[item][1], len(votes))
        for item, votes in by_item(said).items()
    ]


def labels_of_many(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle sets of labels, also those of a tree: label by label."""
    sets = [frozenset[str](one.answer.labels) for one in said if isinstance(one.answer, Choices | Paths)]
    used = frozenset(label for labels in sets for label in labels)
    chances = chosen_of(
        [one.item for one in said], [one.annotator for one in said], sets, used if len(used) <= FEW else None
    )
    kind = Paths if any(isinstance(one.answer, Paths) for one in said) else Choices
    found = []
    for item, votes in by_item(said).items():
        chance = chances[item]
        best = sorted(chance, key=lambda label: (-chance[label], label))
        many = min(sum(share >= HALF for share in chance.values()), question.at_most or len(best))
        kept = _deepest(best[: max(many, question.at_least or 0)], kind)
        sure = [share if label in kept else 1 - share for label, share in chance.items()]
        parts = tuple(chance[label] for label in sorted(kept))
        answer = kind(tuple(LabelName(label) for label in kept))
        found.append(
            SettledAnswer(item, answer, min(sure, default=smoothed(len(votes), len(votes))), len(votes), parts)
        )
    return found


def _deepest(labels: Sequence[str], kind: type) -> list[str]:
    """Return labels of a tree without those that lie above another."""
    if kind is Choices:
        return list(labels)
    return [one for one in labels if not any(other.startswith(f"{one}/") for other in labels)]


def paths(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle labels of a tree: one of them as a whole path, several label by label."""
    if question.at_most == question.at_least == 1:
        used = {label for one in said if isinstance(one.answer, Paths) for label in one.answer.labels}
        names = [name for name in question.label_names if name in used]
        return _by_name(said, names, lambda a: str(getattr(a, "labels", ("",))[0]), lambda n: Paths((LabelName(n),)))
    return labels_of_many(question, said)


def numbers(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle numbers; where they go in steps, the confidence is the chance that the step is the right one."""
    low, high = question.minimum, question.maximum
    values = [float(getattr(one.answer, "value", 0.0)) for one in said]
    bounds = None if low is None or high is None else (float(low), float(high))
    found = truth.numbers([one.item for one in said], [one.annotator for one in said], values, bounds=bounds)
    place = {str(name): at for at, name in enumerate(found.items.tolist())}
    step = question.step if question.step is not None else 1.0 if question.integer else None
    settled = []
    for item, votes in by_item(said).items():
        at = place[item]
        value = float(found.value[at])
        ends = None if found.low is None or found.high is None else (float(found.low[at]), float(found.high[at]))
        if step is not None:
            value = (low or 0) + round((value - (low or 0)) / step) * step
        if low is not None or high is not None:
            value = float(np.clip(value, low, high))
        sure, reason = _sure_of(step, ends, found.level, found.reason)
        settled.append(
            SettledAnswer(
                item, Number(value), sure, len(votes), reason=reason, low=ends and ends[0], high=ends and ends[1]
            )
        )
    return settled


def _sure_of(
    step: float | None, ends: tuple[float, float] | None, level: float, reason: str
) -> tuple[float | None, str]:
    if ends is None:
        return None, reason
    if step is None:
        return None, "A number without steps has an interval, not a chance to be right."
    error = (ends[1] - ends[0]) / 2 / -float(ndtri((1 - level) / 2))
    return (1.0 if error <= 0 else float(2 * ndtr(step / 2 / error) - 1)), ""


def texts(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle texts: the one nearest to the others; the confidence is how like the right one it is expected to be."""
    del question
    found = truth.texts([one.item for one in said], [one.annotator for one in said],
                        [one.answer.text if isinstance(one.answer, Text) else "" for one in said])  # fmt: skip
    place = {str(name): at for at, name in enumerate(found.items.tolist())}
    return [
        SettledAnswer(item, Text(found.text[place[item]]), float(found.confidence[place[item]]), len(votes))
        for item, votes in by_item(said).items()
    ]


def rankings(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle the order of each item's candidates: the one that turns round the fewest pairs, with the ties of most."""
    del question
    settled = []
    for item, votes in by_item(said).items():
        orders = [one.answer.order for one in votes if isinstance(one.answer, Ranking)]
        found = truth.ranking([[list(group) for group in order] for order in orders], method="kemeny")
        order = [int(name) for name in found.names()]
        groups = [[order[0]]]
        for above, place in pairwise(order):
            if 2 * _n_tied(orders, above, place) > len(orders):
                groups[-1].append(place)
            else:
                groups.append([place])
        answer = Ranking(tuple(tuple(group) for group in groups))
        parts = tuple(_share_alike(orders, answer.order, a, b) for a, b in combinations(order, 2))
        settled.append(SettledAnswer(item, answer, min(parts), len(votes), parts))
    return settled


def _steps(order: Sequence[Sequence[int]]) -> dict[int, int]:
    return {place: step for step, group in enumerate(order) for place in group}


def _n_tied(orders: Sequence[Sequence[Sequence[int]]], one: int, other: int) -> int:
    """Return how many orders put two candidates on the same step."""
    return sum(steps[one] == steps[other] for steps in map(_steps, orders))


def _share_alike(
    orders: Sequence[Sequence[Sequence[int]]], settled: Sequence[Sequence[int]], one: int, other: int
) -> float:
    """Return the share of orders that put two candidates as the settled one does; a tie on one side counts half."""
    right = _steps(settled)
    wanted = np.sign(right[one] - right[other])
    alike = sum(1 - abs(float(np.sign(steps[one] - steps[other]) - wanted)) / 2 for steps in map(_steps, orders))
    return smoothed(alike, len(orders))


def rubrics(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle grades, criterion by criterion; one that most left out is left out."""
    items = by_item(said)
    grades: dict[str, list[tuple[Grade, float]]] = {item: [] for item in items}
    for criterion in question.criteria:
        rows = [
            ((one.item, grade.turn), one.annotator, grade)
            for one in said
            if isinstance(one.answer, Rubric)
            for grade in one.answer.grades
            if grade.criterion == criterion.name
        ]
        if not rows:
            continue
        scale = [str(value) for value in range(criterion.minimum, criterion.maximum + 1)]
        decided = inferred([r[0] for r in rows], [r[1] for r in rows], [str(r[2].value) for r in rows], scale)
        given: dict[tuple[str, int | None], int] = {}
        for unit, _, _ in rows:
            given[unit] = given.get(unit, 0) + 1
        for (item, turn), n in given.items():
            if 2 * n >= len(items[item]):
                value, sure = decided[item, turn]
                grades[item].append((Grade(criterion.name, int(value), turn), sure))
    settled = []
    for item, votes in items.items():
        listed = sorted(
            grades[item], key=lambda pair: (-1 if pair[0].turn is None else pair[0].turn, pair[0].criterion)
        )
        parts = tuple(sure for _, sure in listed)
        answer = Rubric(tuple(grade for grade, _ in listed))
        settled.append(
            SettledAnswer(item, answer, min(parts, default=smoothed(len(votes), len(votes))), len(votes), parts)
        )
    return settled


def key_values(question: Question, said: Sequence[Said]) -> list[SettledAnswer]:
    """Settle the values of documents, key by key; that a key has none is one of the things to be said."""
    items = by_item(said)
    sure: dict[str, list[float]] = {item: [] for item in items}
    pairs: dict[str, list[tuple[KeyValue, float]]] = {item: [] for item in items}
    who, unit = [one.annotator for one in said], [one.item for one in said]
    for key in question.keys:
        values = [
            frozenset(json.dumps(pair.value) for pair in one.answer.pairs if pair.key == key.name)
            if isinstance(one.answer, KeyValues)
            else frozenset[str]()
            for one in said
        ]
        chances: Mapping[str, Mapping[str, float]]
        if key.several:
            chances = chosen_of(unit, who, values, None)
        else:
            single = [next(iter(one), ABSENT) for one in values]
            closed = key.kind in {KeyKind.CHOICE, KeyKind.FLAG}
            names = sorted(set(single))
            decided = inferred(unit, who, single, names) if closed else inferred_open(unit, who, single)
            chances = {item: dict([decided[item]]) for item in items}
        for item, chance in chances.items():
            kept = {value for value, share in chance.items() if value != ABSENT and (share >= HALF or not key.several)}
            sure[item] += [share if value in kept or value == ABSENT else 1 - share for value, share in chance.items()]
            pairs[item] += [(KeyValue(key.name, json.loads(value)), chance[value]) for value in sorted(kept)]
    settled = []
    for item, votes in items.items():
        listed = sorted(pairs[item], key=lambda pair: pair[0].key)
        answer = KeyValues(tuple(pair for pair, _ in listed))
        parts = tuple(share for _, share in listed)
        least = min(sure[item], default=smoothed(len(votes), len(votes)))
        settled.append(SettledAnswer(item, answer, least, len(votes), parts))
    return settled
