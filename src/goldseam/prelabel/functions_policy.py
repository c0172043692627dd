"""Policy of labeling functions: those without code, and the Python file of those with code.

In: the project file's `functions`. Out: `Policy`. Never: code loaded; a pattern whose time the length of the text does not bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import re2

from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadPolicy

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
MEMORY = 64 << 20
"""Bytes that the automaton of one group of patterns may take."""
LONGEST = 2_000
MOST_FUNCTIONS = 1_000
EDGE = r"[^\pL\pN_]"
"""What stands before and after a word, in any script."""


def compiling() -> re2.Options:
    """Return how patterns are compiled: quiet, with bounded memory."""
    found = re2.Options()
    found.log_errors = False
    found.max_mem = MEMORY
    return found


def check_name(name: str, what: str) -> None:
    """Refuse a name that is not plain, so that it can stand in a command and a file's name."""
    if not NAME.fullmatch(name):
        raise BadPolicy(
            f"{what}: a labeling function's name is letters, digits, '_', '.' and '-', a letter or '_' first; got {name!r}."
        )


@dataclass(frozen=True, slots=True)
class Keywords:
    """A labeling function that gives `label` where one of `words` stands.

    By default as whole words in any script, large and small letters alike; `field` is a metadata field to look in, empty for the
    text.
    """

    name: str
    label: LabelName
    words: tuple[str, ...]
    match: Literal["words", "anywhere"] = "words"
    case: Literal["ignored", "kept"] = "ignored"
    field: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "functions.keywords")
        if not self.words or not all(word.strip() for word in self.words):
            raise BadPolicy(f"functions.keywords: {self.name!r} needs at least one word, and none of them empty.")

    @property
    def expression(self) -> str:
        """The pattern that finds the words."""
        words = "|".join(re2.escape(word.strip()) for word in self.words)
        found = f"(?:{words})"
        if self.match == "words":
            found = f"(?:^|{EDGE}){found}(?:$|{EDGE})"
        return f"(?i){found}" if self.case == "ignored" else found


@dataclass(frozen=True, slots=True)
class Pattern:
    """A labeling function that gives `label` where a regular expression (RE2's syntax) finds something."""

    name: str
    label: LabelName
    pattern: str
    field: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "functions.patterns")
        if not 1 <= len(self.pattern) <= LONGEST:
            raise BadPolicy(
                f"functions.patterns: the pattern of {self.name!r} has 1 to {LONGEST:,} characters; it has {len(self.pattern):,}."
            )
        try:
            compiled = re2.compile(self.pattern, compiling())
        except re2.error as error:
            raise BadPolicy(
                f"functions.patterns: {self.name!r} is no pattern of RE2: {error}. Looking ahead or behind and references back "
                f"are left out of RE2, as their time has no bound: write such a function in Python."
            ) from None
        if compiled.search(""):
            raise BadPolicy(
                f"functions.patterns: {self.name!r} finds something in the empty text, so it would give its label to every item."
            )

    @property
    def expression(self) -> str:
        """The pattern itself."""
        return self.pattern


@dataclass(frozen=True, slots=True)
class Lookup:
    """A labeling function that looks a metadata field (or the whole text) up in a table of values and their labels."""

    name: str
    labels: Mapping[str, LabelName]
    field: str = ""
    case: Literal["ignored", "kept"] = "ignored"

    def __post_init__(self) -> None:
        check_name(self.name, "functions.lookups")
        if not self.labels:
            raise BadPolicy(f"functions.lookups: {self.name!r} needs at least one value with its label.")
        folded = [value.casefold() for value in self.labels]
        if self.case == "ignored" and len(set(folded)) < len(folded):
            raise BadPolicy(f"functions.lookups: two values of {self.name!r} differ by large and small letters only.")
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))


@dataclass(frozen=True, slots=True)
class Policy:
    """The project's labeling functions, and how the label model joins what they say.

    `file` is a Python file in the project's folder, with functions marked `@labeling_function`. A call of one may take `seconds`.
    With `correlations: none` functions are taken to be independent of each other, with `balance: flat` labels to be equally
    frequent; both are learned by default.
    """

    file: str = ""
    keywords: tuple[Keywords, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    seconds: float = 1.0
    correlations: Literal["learned", "none"] = "learned"
    balance: Literal["learned", "flat"] = "learned"

    def __post_init__(self) -> None:
        if not 0.01 <= self.seconds <= 60:
            raise BadPolicy(f"functions.seconds lies between 0.01 and 60; got {self.seconds}.")
        found = self.without_code
        names = [one.name for one in found]
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise BadPolicy(f"functions: two labeling functions are named {double!r}.")
        if len(found) > MOST_FUNCTIONS:
            raise BadPolicy(f"functions: at most {MOST_FUNCTIONS:,} labeling functions; there are {len(found):,}.")

    @property
    def without_code(self) -> tuple[Keywords | Pattern | Lookup, ...]:
        """The functions that need no code, in the order of the file."""
        return (*self.keywords, *self.patterns, *self.lookups)

    @property
    def is_empty(self) -> bool:
        """Whether there is no labeling function at all."""
        return not self.file and not self.without_code

    @property
    def labels(self) -> tuple[LabelName, ...]:
        """Every label that a function without code gives."""
        given = [*(one.label for one in self.keywords), *(one.label for one in self.patterns)]
        for one in self.lookups:
            given += one.labels.values()
        return tuple(dict.fromkeys(given))
