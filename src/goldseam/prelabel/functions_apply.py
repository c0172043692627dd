"""Applying: what every labeling function says of a batch of items, in one pass.

In: functions with and without code, texts and metadata. Out: label codes, and how often each function failed, and why. Never: a
batch lost to a function that raises, returns what is no label, or takes too long: that is an abstention with a counted reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain, repeat
from types import MappingProxyType, TracebackType
from typing import Any

import numpy as np
import re2
from numpy.typing import NDArray

from goldseam.prelabel.functions import LabelingFunction, Seen
from goldseam.prelabel.functions_policy import Keywords, Lookup, Pattern, compiling

Codes = NDArray[np.int16]
Function = Keywords | Pattern | Lookup | LabelingFunction
Watch = Callable[[Iterator[Seen]], AbstractContextManager[None]]
"""Looks after the calls of one function: raises `TookTooLong` inside a call that is at the same item for too long."""

ABSTAIN = -1
TOGETHER = 64
"""Patterns that are looked for in one pass over a text."""
MOST_SLOW = 3
"""Calls of a function that may take too long in a batch; then it abstains on the rest of the batch."""
NOTHING: Mapping[str, object] = MappingProxyType({})


class TookTooLong(BaseException):
    """A call of a labeling function took too long; no `except Exception` inside the function stops this."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Items as columns: their texts, and their metadata as JSON."""

    text: Sequence[str]
    metadata: Sequence[str]

    def __len__(self) -> int:
        return len(self.text)

    def column(self, name: str) -> list[str]:
        """Return the texts, or a field of the metadata, empty where an item has none."""
        if not name:
            return list(self.text)
        return [_text(json.loads(one).get(name, "")) if one != "{}" else "" for one in self.metadata]

    def seen(self) -> list[Seen]:
        """Return the items as functions with code see them."""
        plain = (NOTHING if one == "{}" else MappingProxyType(json.loads(one)) for one in self.metadata)
        return list(map(Seen, self.text, plain))


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """What functions said: `codes` (n_items, n_functions) with -1 for abstaining, and per function its faults by reason."""

    codes: Codes
    faults: tuple[Mapping[str, int], ...]


def unwatched(_: Iterator[Seen]) -> AbstractContextManager[None]:
    """Watch nothing: for functions that are known to end."""
    return nullcontext()


def apply(functions: Sequence[Function], batch: Batch, labels: Sequence[str], watch: Watch = unwatched) -> Applied:
    """Return what each function says of each item; `labels` are the names that codes stand for.

    Examples
    --------
    >>> found = apply([Keywords("fun", "pos", ("fun",))], Batch(["Fun!", "funny"], ["{}", "{}"]), ["neg", "pos"])
    >>> found.codes.tolist()
    [[1], [-1]]
    """
    code: dict[Any, int] = {str(name): at for at, name in enumerate(labels)}
    found = np.full((len(functions), len(batch)), ABSTAIN, np.int16)
    faults: list[Mapping[str, int]] = [NOTHING_FAILED] * len(functions)
    searched: dict[str, list[int]] = {}
    seen: list[Seen] | None = None
    for at, one in enumerate(functions):
        match one:
            case Keywords() | Pattern():
                searched.setdefault(one.field, []).append(at)
            case Lookup():
                found[at] = _looked_up(one, batch.column(one.field), code)
            case LabelingFunction():
                seen = batch.seen() if seen is None else seen
                found[at], faults[at] = _called(one, seen, code, watch)
    for field, places in searched.items():
        encoded = [text.encode("utf-8", "replace") for text in batch.column(field)]
        for first in range(0, len(places), TOGETHER):
            some = places[first : first + TOGETHER]
            _search([functions[at] for at in some], encoded, code, found, some)
    return Applied(np.ascontiguousarray(found.T), tuple(faults))


NOTHING_FAILED: Mapping[str, int] = MappingProxyType({})


# ---- without code ------------------------------------------------------------------------------------------------------
def _search(
    functions: Sequence[Any], encoded: Sequence[bytes], code: Mapping[str, int], found: Codes, places: Sequence[int]
) -> None:
    """Look for all patterns in one pass over each text.

    The first pattern of the group is empty and found everywhere: where it is missing, the automaton ran out of memory, and the
    patterns are looked for one by one.
    """
    group = re2.Set.SearchSet(compiling())
    for expression in ("", *(one.expression for one in functions)):
        group.Add(expression)
    group.Compile()
    hits = [group.Match(text) or () for text in encoded]
    lengths = np.fromiter(map(len, hits), np.int64, len(hits))
    which = np.fromiter(chain.from_iterable(hits), np.int64, int(lengths.sum()))
    rows = np.repeat(np.arange(len(hits)), lengths)
    place = np.array([-1, *places])[which]
    label = np.array([ABSTAIN, *(code[one.label] for one in functions)], np.int16)[which]
    told = which > 0
    found[place[told], rows[told]] = label[told]
    lost = np.flatnonzero(lengths == 0).tolist()
    if lost:
        alone = [re2.compile(one.expression, compiling()) for one in functions]
        for row in lost:
            for one, compiled, at in zip(functions, alone, places, strict=True):
                if compiled.search(encoded[row]):
                    found[at, row] = code[one.label]


def _looked_up(one: Lookup, column: Sequence[str], code: Mapping[str, int]) -> Codes:
    if one.case == "kept":
        table = {value: code[label] for value, label in one.labels.items()}
        values: Iterator[str] = map(str.strip, column)
    else:
        table = {value.casefold(): code[label] for value, label in one.labels.items()}
        values = (value.strip().casefold() for value in column)
    return np.fromiter(map(table.get, values, repeat(ABSTAIN)), np.int16, len(column))


# ---- with code ---------------------------------------------------------------------------------------------------------
def _called(
    one: LabelingFunction, seen: Sequence[Seen], code: Mapping[object, int], watch: Watch
) -> tuple[Codes, Mapping[str, int]]:
    """Call a function on each item; whatever it raises is an abstention there, counted by its reason."""
    values: list[object] = []
    faults: Counter[str] = Counter()
    items = iter(seen)
    while len(values) < len(seen):
        try:
            with watch(items):
                for value in map(one.call, items):
                    values.append(value)  # noqa: PERF402 - what was said before a fault stays
        except (Exception, TookTooLong) as error:
            reason = _fault(error, one)
            faults[reason] += 1
            # Where the item's answer came just before it was interrupted, it does not count.
            values[len(seen) - _left(items) - 1 :] = [None]
            if isinstance(error, TookTooLong) and faults[reason] >= MOST_SLOW:
                left = len(seen) - len(values)
                faults["left out: it took too long before"] += left
                values += [None] * left
    return _coded(values, {None: ABSTAIN, **code}, faults), faults


def _coded(values: Sequence[object], known: Mapping[object, int], faults: Counter[str]) -> Codes:
    try:
        return np.fromiter(map(known.__getitem__, values), np.int16, len(values))
    except (KeyError, TypeError):
        found = np.full(len(values), ABSTAIN, np.int16)
        for row, value in enumerate(values):
            if isinstance(value, str) and value in known:
                found[row] = known[value]
            elif value is not None:
                what = f"returned {value[:50]!r}" if isinstance(value, str) else f"returned a {type(value).__name__}"
                faults[f"{what}, which is no label"] += 1
        return found


def _left(items: Iterator[Seen]) -> int:
    return int(items.__length_hint__())  # type: ignore[attr-defined]  # iterators of lists have it


def _fault(error: BaseException, one: LabelingFunction) -> str:
    """Return what went wrong and in which line, without the text of the error, which may quote the item."""
    if isinstance(error, TookTooLong):
        return "took too long"
    code = getattr(one.call, "__code__", None)
    trace: TracebackType | None = error.__traceback__
    line = ""
    while trace is not None and code is not None:
        if trace.tb_frame.f_code.co_filename == code.co_filename:
            line = f" in line {trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{line}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
