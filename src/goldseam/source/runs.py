"""Runs: a growing set of 64-bit numbers, each with a few facts, in as little memory as they take.

In: arrays. Out: which numbers were added before, and their facts. Never: a number forgotten.

Sorted runs, merged when the newer is as long as the older: each number moves a few times in all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
PREFIX = 16
"""Hexadecimal digits that are one 64-bit number."""


@dataclass(slots=True)
class Runs:
    """Numbers with `n_facts` facts each; the first facts given for a number stay."""

    n_facts: int = 0
    _runs: list[tuple[Numbers, Numbers]] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(len(numbers) for numbers, _ in self._runs)

    def find(self, numbers: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """Return the facts of each number, and whether it was added."""
        facts = np.zeros((len(numbers), self.n_facts), np.uint64)
        found = np.zeros(len(numbers), np.bool_)
        order = np.argsort(numbers)
        ordered = numbers[order]  # looked up in order, neighbors are found near each other
        for run, known in self._runs:
            place = np.minimum(np.searchsorted(run, ordered), len(run) - 1)
            hit = run[place] == ordered
            found[order[hit]] = True
            facts[order[hit]] = known[place[hit]]
        return facts, found

    def add(self, numbers: Numbers, facts: Numbers | None = None) -> None:
        """Add numbers that were not added before."""
        if len(numbers) == 0:
            return
        order = np.argsort(numbers)
        given = np.zeros((len(numbers), 0), np.uint64) if facts is None else facts
        run = (numbers[order], given[order])
        while self._runs and len(self._runs[-1][0]) <= len(run[0]):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


def prefixes(digits: Iterable[str]) -> Numbers:
    """Return the first 64 bits of texts of hexadecimal digits, as numbers; they sort as the texts do."""
    return of_digits("".join([each[:PREFIX] for each in digits]))


def of_digits(digits: str) -> Numbers:
    """Return numbers that stand one after the other, each `PREFIX` hexadecimal digits."""
    return np.frombuffer(bytes.fromhex(digits), ">u8").astype(np.uint64)


def repeated(numbers: Numbers) -> NDArray[np.bool_]:
    """Return which numbers stand more than once."""
    order = np.argsort(numbers)
    same = numbers[order][1:] == numbers[order][:-1]
    twice = np.zeros(len(numbers), np.bool_)
    twice[order[1:][same]] = True
    twice[order[:-1][same]] = True
    return twice


def _merged(older: tuple[Numbers, Numbers], newer: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
    numbers = np.concatenate((older[0], newer[0]))
    order = np.argsort(numbers, kind="stable")
    return numbers[order], np.concatenate((older[1], newer[1]))[order]
