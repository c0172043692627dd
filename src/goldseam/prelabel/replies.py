"""Replies: what a language model's text says, once it was held against the schema; and how sure it is.

In: a reply's text, the schema. Out: `Reply`, probabilities. Never: an answer that the schema does not allow, or a text without
end taken apart.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.answers import (
    Answer,
    Choice,
    Choices,
    LabelName,
    Moment,
    Number,
    Paths,
    Rating,
    Span,
    Spans,
    Text,
)
from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.options import QuestionName
from goldseam.vocab.schema import Question, QuestionKind, Schema

LONGEST = 100_000
"""No answer that the schema allows needs more characters than this."""
REASON = 2_000
STARTS = 20
"""So many opening braces of a text are tried, for servers that do not hold a model to JSON alone."""
K = QuestionKind


@dataclass(frozen=True, slots=True)
class Reply:
    """What one reply says: answers, or why there are none."""

    answers: Mapping[QuestionName, Answer] = field(default_factory=lambda: MappingProxyType({}))
    abstained: str = ""
    reasoning: str = ""


def read(text: str, schema: Schema, content: str) -> Reply:
    """Return what a reply says; whatever does not fit the schema is an abstention that says so."""
    if len(text) > LONGEST:
        return Reply(abstained=f"The reply is longer than {LONGEST:,} characters.")
    found = _parsed(text)
    if found is None:
        return Reply(abstained="The reply is no JSON object.")
    reasoning = _short(found.get("reasoning"))
    said_no = _short(found.get("abstain"))
    if said_no:
        return Reply(abstained=f"The model abstained: {said_no[:200]}", reasoning=reasoning)
    given = found.get("answers")
    if not isinstance(given, dict):
        return Reply(abstained="The reply has no answers.", reasoning=reasoning)
    try:
        return Reply(_answers(given, schema, content), reasoning=reasoning)
    except BadAnswer as error:
        return Reply(abstained=f"The reply does not fit the schema: {error.message[:200]}", reasoning=reasoning)


def _short(value: object) -> str:
    """Return a text without control characters, which could play tricks on a terminal, and without an end far away."""
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text[:REASON] if c.isprintable() or c in "\n\t").strip()


def _parsed(text: str) -> dict[str, Any] | None:
    """Return the first JSON object of a text that has answers or abstains, or the whole text if it is one."""
    decoder = json.JSONDecoder()
    start = -1
    for _ in range(STARTS):
        start = text.find("{", start + 1)
        if start < 0:
            return None
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found.keys() & {"answers", "abstain"}:
            return found
    return None


def _answers(given: Mapping[str, Any], schema: Schema, content: str) -> dict[QuestionName, Answer]:
    names = {one.name for one in schema.questions}
    for name in given:
        if name not in names:
            raise BadAnswer(f"there is no question {name[:60]!r}.")
    read_so_far: dict[QuestionName, Answer] = {}
    for question in schema.questions:
        if question not in schema.asked(read_so_far):
            continue
        value = given.get(question.name)
        if value is None:
            if question.required:
                raise BadAnswer(f"question {question.name!r} has no answer.")
            continue
        answer = _read(question, value, content)
        question.check(answer)
        read_so_far[question.name] = answer
    return read_so_far


def _read(question: Question, value: Any, content: str) -> Answer:  # noqa: ANN401 - whatever JSON may say
    reader = READ.get(question.kind)
    if reader is None:
        raise BadAnswer(f"question {question.name!r} cannot be answered by a language model.")
    try:
        return reader(value, content)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise BadAnswer(f"the answer to {question.name!r} is of the wrong form.") from error


def _text(value: Any, _: str = "") -> str:  # noqa: ANN401 - whatever JSON may say
    if not isinstance(value, str):
        raise TypeError
    return value


def _names(value: Any, _: str = "") -> tuple[LabelName, ...]:  # noqa: ANN401 - whatever JSON may say
    if not isinstance(value, list):
        raise TypeError
    return tuple(dict.fromkeys(LabelName(_text(one)) for one in value))


def _number(value: Any, _: str = "") -> float:  # noqa: ANN401 - whatever JSON may say
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _whole(value: Any, _: str = "") -> int:  # noqa: ANN401 - whatever JSON may say
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _spans(value: Any, content: str) -> Spans:  # noqa: ANN401 - whatever JSON may say
    """Find each quoted text in the item; the same text quoted twice is its next place."""
    found: list[Span] = []
    ends: dict[tuple[str, str], int] = {}
    for one in value:
        quoted, label = _text(one["text"]), _text(one["label"])
        start = content.find(quoted, ends.get((quoted, label), 0)) if quoted else -1
        if start < 0:
            raise BadAnswer(f"the item does not contain the quoted text {quoted[:60]!r}.")
        ends[quoted, label] = start + len(quoted)
        found.append(Span(start, start + len(quoted), LabelName(label)))
    return Spans(tuple(found))


READ: Mapping[QuestionKind, Callable[[Any, str], Answer]] = MappingProxyType(
    {
        K.CHOICE: lambda value, _: Choice(LabelName(_text(value))),
        K.CHOICES: lambda value, _: Choices(_names(value)),
        K.TAXONOMY: lambda value, _: Paths(_names(value)),
        K.RATING: lambda value, _: Rating(_whole(value)),
        K.NUMBER: lambda value, _: Number(_number(value)),
        K.DATE: lambda value, _: Moment(_text(value)),
        K.TEXT: lambda value, _: Text(_text(value)),
        K.SPAN: _spans,
    }
)
"""By kind of question: how its answer is read; the same kinds as in `prompts.FORMS`."""


# ---- how sure --------------------------------------------------------------------------------------------------------
def spread(labels: Sequence[str], said: Sequence[str]) -> NDArray[np.float32]:
    """Return probabilities from several answers to the same prompt: shares of the labels, with one answer spread over all.

    One answer alone is no certainty: of two labels it gets 3/4, and five that agree give 11/12.
    """
    counted = Counter(said)
    found = np.array([counted[label] + 1 / len(labels) for label in labels], np.float64)
    return np.asarray(found / found.sum(), np.float32)


def at_chance(labels: Sequence[str], said: str, chance: float) -> NDArray[np.float32]:
    """Return probabilities of which one label has `chance`, and the others share the rest."""
    k = len(labels)
    sure = min(max(chance, 1 / k), 1 - 1e-4) if k > 1 else 1.0
    found = np.full(k, (1 - sure) / max(k - 1, 1), np.float32)
    found[list(labels).index(said)] = sure
    return found


def chance_of(tokens: Sequence[tuple[str, float]], question: str, label: str) -> float | None:
    """Return the probability of the tokens that wrote a label into a reply; None if they cannot be told."""
    text = "".join(token for token, _ in tokens)
    after = text.rfind(json.dumps(question, ensure_ascii=False))
    if after < 0:
        return None
    written = json.dumps(label, ensure_ascii=False)
    start = text.find(written, after + len(question) + 2)
    if start < 0:
        return None
    start, end = start + 1, start + len(written) - 1
    place, total = 0, 0.0
    for token, logprob in tokens:
        if place < end and place + len(token) > start:
            total += logprob
        place += len(token)
    return math.exp(min(total, 0.0)) if math.isfinite(total) else None
