"""Find: which items of a project are asked for, as people write it and as the store is asked.

In: `label=pos`, `state=open`, `meta.site=web`, words. Out: `Wanted`, `Phrase`; the words of a text, the same for every database.
Never: a condition on what is not in the list here: no secret can be sought by guessing at it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from goldseam.vocab.errors import BadValue, nearest

MAX_WORDS = 16
"""So many words one search has at most."""
MAX_CHARS = 20_000
"""So many characters of an item's text are indexed."""
MAX_WORD = 64
"""A longer word is cut to so many characters."""
META = "meta."

LETTERS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0eff"
"""Scripts without spaces between words: each of their signs is a word, so that any part of a text is found as a phrase."""
WORD = re.compile(rf"[{LETTERS}]|[^\W_{LETTERS}]+")
TERM = re.compile(r'"([^"]*)"|(\S+)')


class ItemState(StrEnum):
    """Where an item stands: each is in one of the first five, and may be flagged besides."""

    POOL = "pool"
    OPEN = "open"
    DONE = "done"
    SETTLED = "settled"
    ESCALATED = "escalated"
    FLAGGED = "flagged"


class Order(StrEnum):
    """In which order items are listed."""

    POSITION = "position"
    LEAST = "confidence"
    MOST = "-confidence"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand one after another; with `is_begun` the last may go on."""

    words: tuple[str, ...]
    is_begun: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items are asked for; what is empty or None does not matter."""

    state: ItemState | None = None
    label: str = ""
    annotator: str = ""
    least: float | None = None
    most: float | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    phrases: tuple[Phrase, ...] = ()

    def __post_init__(self) -> None:
        for bound in (self.least, self.most):
            if bound is not None and not (math.isfinite(bound) and 0 <= bound <= 1):
                raise BadValue(f"A confidence lies between 0 and 1; got {bound}.")
        if len(self.metadata) > MAX_WORDS or sum(len(phrase.words) for phrase in self.phrases) > MAX_WORDS:
            raise BadValue(f"A search has at most {MAX_WORDS} words, and as many fields.")

    @property
    def is_everything(self) -> bool:
        """Whether nothing is asked for: then all items are meant."""
        return self == Wanted()


def wanted(conditions: Sequence[str], search: str = "") -> Wanted:
    """Return what conditions as people write them ask for: `label=pos`, `confidence=0.2..0.6`, `meta.site=web`.

    Raises
    ------
    BadValue
        If one is written otherwise, names something else, or something twice; with the nearest name.
    """
    found: dict[str, str] = {}
    metadata: list[tuple[str, str]] = []
    for condition in conditions:
        name, sign, value = condition.partition("=")
        name, value = name.strip(), value.strip()
        if not sign or not value:
            raise BadValue(f"A condition is written like label=pos; got {condition!r}.")
        if name.startswith(META):
            metadata.append((name.removeprefix(META), value))
            continue
        if name not in NAMES:
            raise BadValue(
                f"Items are not sought by {name!r}, but by {', '.join(NAMES)} and meta.NAME.{nearest(name, NAMES)}"
            )
        if name in found:
            raise BadValue(f"{name!r} is asked for twice; ask for one value.")
        found[name] = value
    least, most = between(found["confidence"]) if "confidence" in found else (None, None)
    return Wanted(
        state=state_named(found["state"]) if "state" in found else None,
        label=found.get("label", ""),
        annotator=found.get("annotator", ""),
        least=least,
        most=most,
        metadata=tuple(metadata),
        phrases=phrases(search),
    )


NAMES = ("state", "label", "annotator", "confidence")


def state_named(text: str) -> ItemState:
    """Return the state of this name."""
    if text not in {state.value for state in ItemState}:
        raise BadValue(f"There is no state {text!r} of an item.{nearest(text, [state.value for state in ItemState])}")
    return ItemState(text)


def between(text: str) -> tuple[float | None, float | None]:
    """Return the bounds of `0.2..0.6`, `..0.6` or `0.2..`; one number stands for both."""
    low, dots, high = text.partition("..")
    try:
        least = float(low) if low else None
        most = float(high) if high else None
    except ValueError:
        raise BadValue(f"A range of confidence is written like 0.2..0.6; got {text!r}.") from None
    return least, most if dots else least


def phrases(search: str) -> tuple[Phrase, ...]:
    """Return what is sought: words, words begun (`sun*`) and phrases in quotes; all of them have to be there.

    Raises
    ------
    BadValue
        If something was asked for that holds no word.
    """
    found = []
    for quoted, plain in TERM.findall(search):
        made = tuple(words_of(quoted or plain))
        if made:
            found.append(Phrase(made, is_begun=not quoted and plain.endswith("*")))
    if search.strip() and not found:
        raise BadValue("A search needs a word: letters or digits.")
    return tuple(found)


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded: without case, without accents, no longer than an index keeps."""
    part = text[:MAX_CHARS]
    folded = part.lower() if part.isascii() else _folded(part)
    return [word[:MAX_WORD] for word in WORD.findall(folded)]


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join([sign for sign in apart if not unicodedata.combining(sign)])
    return unicodedata.normalize("NFKC", plain)
