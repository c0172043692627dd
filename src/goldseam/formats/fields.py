"""Strict reading of plain mappings: every key is taken once, and what is left over is an error with a hint.

In: a mapping as `json.loads` or the YAML reader gives it. Out: typed values. Never: a conversion: `"3"` is not 3.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from goldseam.vocab.errors import BadValue, GoldseamError, nearest

Refusal = type[GoldseamError]

MISSING: object = object()
E = TypeVar("E", bound=StrEnum)


class Fields:
    """The keys of one mapping, to be taken one by one; `end` refuses the rest.

    `where` names the place in messages ("question 'mood'"); `refusal` is the error that is raised.
    """

    def __init__(self, value: Mapping[str, object], where: str, refusal: Refusal = BadValue) -> None:
        self.value = value
        self.where = where
        self.refusal = refusal
        self.taken: set[str] = set()

    def take(self, key: str, default: object = MISSING) -> object:
        """Return the value of a key as it is."""
        self.taken.add(key)
        found = self.value.get(key, default)
        if found is MISSING:
            raise self.refusal(f"{_upper(self.where)} lacks the key {key!r}.", key=key)
        return found

    def text(self, key: str, default: object = MISSING) -> str:
        """Return a text."""
        return text_of(self.take(key, default), f"{key!r} of {self.where}", self.refusal)

    def texts(self, key: str, default: object = MISSING) -> tuple[str, ...]:
        """Return a list of texts."""
        what = f"Each of {key!r} of {self.where}"
        return tuple(text_of(text, what, self.refusal) for text in self.list(key, default))

    def list(self, key: str, default: object = MISSING) -> Sequence[object]:
        """Return a list."""
        return listed(self.take(key, default), f"{key!r} of {self.where}", self.refusal)

    def integer(self, key: str, default: object = MISSING) -> int:
        """Return a whole number; 3.0 counts as one, since JSON does not tell them apart; beyond 2**53 readers change it."""
        found = self.take(key, default)
        if isinstance(found, float) and found.is_integer() and abs(found) < 2**53:
            found = int(found)
        if not isinstance(found, int) or isinstance(found, bool) or abs(found) >= 2**53:
            raise self.refusal(f"{key!r} of {self.where} is a whole number; got {_short(found)}.", key=key)
        return found

    def number(self, key: str, default: object = MISSING) -> float:
        """Return a finite number."""
        found = self.take(key, default)
        if not isinstance(found, int | float) or isinstance(found, bool) or not _finite(found):
            raise self.refusal(f"{key!r} of {self.where} is a number; got {_short(found)}.", key=key)
        return float(found)

    def flag(self, key: str, default: object = MISSING) -> bool:
        """Return true or false."""
        found = self.take(key, default)
        if not isinstance(found, bool):
            raise self.refusal(f"{key!r} of {self.where} is true or false; got {_short(found)}.", key=key)
        return found

    def end(self) -> None:
        """Raise if a key was not taken, and name the nearest that would have been."""
        for key in self.value:
            if key not in self.taken:
                raise self.refusal(f"{_upper(self.where)} has no key {key!r}.{nearest(str(key), self.taken)}", key=key)


def mapping(value: object, what: str, refusal: Refusal = BadValue) -> Mapping[str, object]:
    """Return the value if it is a mapping with texts as keys."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise refusal(f"{what} is a mapping of names to values; got {_short(value)}.")
    return value


def listed(value: object, what: str, refusal: Refusal = BadValue) -> Sequence[object]:
    """Return the value if it is a list."""
    if not isinstance(value, builtins.list | tuple):
        raise refusal(f"{what} is a list; got {_short(value)}.")
    return value


def text_of(value: object, what: str, refusal: Refusal = BadValue) -> str:
    """Return the value if it is a text that has a UTF-8 form."""
    if not isinstance(value, str):
        raise refusal(f"{what} is a text; got {_short(value)}.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise refusal(f"{what} holds half of a surrogate pair, which is not text.") from error
    return value


def member(closed: type[E], value: str, what: str, refusal: Refusal = BadValue) -> E:
    """Return the member of a closed set that has this value."""
    try:
        return closed(value)
    except ValueError as error:
        raise refusal(f"There is no {what} {value!r}.{nearest(value, [one.value for one in closed])}") from error


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
