"""Workers: processes that apply labeling functions to batches on all cores.

In: what the functions are made from, batches as Arrow. Out: what they said of each batch, as each is done. Never: a function that
travels as a pickle: every process reads the project's file by itself; a call that takes for ever.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from goldseam.edge.home import Home
from goldseam.edge.runner import functions_file
from goldseam.flow import plain
from goldseam.formats import batches
from goldseam.prelabel.functions_apply import Applied, Batch, Codes, Function, TookTooLong, apply
from goldseam.prelabel.functions_policy import Policy
from goldseam.vocab.errors import BadProjectFile, StoreFailed

AHEAD = 2
"""Batches that wait per process, so that none is idle and memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process makes the functions from: the folder, the policy as plain values, and the names that codes stand for."""

    folder: str
    policy: Mapping[str, object]
    labels: tuple[str, ...]

    def functions(self) -> dict[str, Function]:
        """Read the file, and return every function by its name."""
        policy = plain.build(Policy, self.policy, BadProjectFile)
        found: dict[str, Function] = {one.name: one for one in policy.without_code}
        if policy.file:
            from_file = functions_file.load(Home(Path(self.folder)), policy.file).functions
            found |= {one.name: one for one in from_file}
        return found


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the intake, and the functions that are to look at it; `data` is its items as Arrow."""

    start: int
    n: int
    names: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What was said of a stretch."""

    part: Stretch
    applied: Applied


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def run(stretches: Iterator[Stretch], setup: Setup, n_processes: int) -> Iterator[Spoken]:
    """Apply functions to stretch after stretch, yielding each when it is done; with one process, in this one.

    Raises
    ------
    StoreFailed
        If a process dies. What was yielded before stands.
    """
    if n_processes < 2:
        functions, seconds = setup.functions(), _seconds(setup)
        for part in stretches:
            yield _result(part, _apply(part, functions, setup.labels, seconds))
        return
    with ProcessPoolExecutor(
        n_processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(setup,)
    ) as pool:
        waiting: dict[Future[Any], Stretch] = {}
        more = True
        while more or waiting:
            while more and len(waiting) < AHEAD * n_processes:
                upcoming = next(stretches, None)
                more = upcoming is not None
                if upcoming is not None:
                    waiting[pool.submit(_work, upcoming)] = upcoming
            ended, _ = wait(waiting, return_when=FIRST_COMPLETED) if waiting else (set(), None)
            for one in ended:
                part = waiting.pop(one)
                try:
                    found = one.result()
                except BrokenProcessPool as error:
                    raise StoreFailed(
                        "A process that applied labeling functions died: it was killed, or memory ran out. What was done so far "
                        "is kept; the same command goes on from there."
                    ) from error
                yield _result(part, found)


_SETUP: list[tuple[Setup, dict[str, Function]]] = []
"""What this process works with, once it has begun."""


def _begin(setup: Setup) -> None:
    _SETUP[:] = [(setup, setup.functions())]


def _work(part: Stretch) -> tuple[bytes, tuple[Mapping[str, int], ...]]:
    setup, functions = _SETUP[0]
    return _apply(part, functions, setup.labels, _seconds(setup))


def _apply(
    part: Stretch, functions: Mapping[str, Function], labels: Sequence[str], seconds: float
) -> tuple[bytes, tuple[Mapping[str, int], ...]]:
    columns = batches.unpack(part.data)
    batch = Batch(columns["text"], columns["metadata"])
    found = apply([functions[name] for name in part.names], batch, labels, watching(seconds))
    return found.codes.tobytes(), tuple(dict(one) for one in found.faults)


def _result(part: Stretch, found: tuple[bytes, tuple[Mapping[str, int], ...]]) -> Spoken:
    codes: Codes = np.frombuffer(found[0], np.int16).reshape(part.n, len(part.names))
    return Spoken(part, Applied(codes, found[1]))


def _seconds(setup: Setup) -> float:
    seconds = setup.policy.get("seconds", 1.0)
    return float(str(seconds))


def watching(seconds: float) -> Any:  # noqa: ANN401 - a `Watch`, which mypy cannot see through a context manager
    """Return a watch that ends a call which is at the same item at two looks, `seconds` apart.

    Only a process's main thread can be interrupted; elsewhere nothing is watched.
    """

    @contextmanager
    def watch(items: Iterator[Any]) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        last = [-1]

        def look(_signal: int, _frame: FrameType | None) -> None:
            left = int(items.__length_hint__())  # type: ignore[attr-defined]  # iterators of lists have it
            if left == last[0]:
                raise TookTooLong
            last[0] = left

        before = signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    return watch
