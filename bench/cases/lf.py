"""Ten labeling functions on short texts, against Snorkel: documents per second of one core, and of all.

In: texts drawn from a stated seed, the same regular expressions on both sides. Out: documents per second of processor time, from
texts to the matrix of votes. Never: a side that starts from a form that suits it better; a text that was matched before.
"""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N_DOCS, N_PEER = 200_000, 20_000
N_CORES = 2
STRETCH = 20_000
LABELS = ("ham", "spam")
COMMON = re.findall(
    r"\w+",
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you "
    "were all her she there would their we him been has when who will no more if out so up said what its about than into them "
    "can only other time new some could these two may first then do any like my now over such our man me even most made after",
)
TELLING = (
    "great fun", "terrible", "http://x.example/a", "win $100", "call now 555-1234", "boring", "loved", "refund please",
    "subscribe", "URGENT",
)  # fmt: skip
PATTERNS = (
    r"\bgreat\b|\bloved\b|\bfun\b", r"(?i)terrible|awful|boring", r"https?://\S+", r"\$\s?\d+", r"\bcall\b.*\d{3}-\d{4}",
    r"(?i)\bwin\b", r"refund(s|ed)?", r"(?i)subscribe|check out", r"\b(good|well)\b.*\bworld\b", r"\b[A-Z]{3,}\b",
)  # fmt: skip


def texts(n: int) -> list[str]:
    """Return texts of 8 to 40 common words, every other one with something that a pattern finds."""
    import numpy as np

    rng = np.random.default_rng(20261121)
    found = []
    for length in rng.integers(8, 41, n).tolist():
        words = [COMMON[at] for at in rng.integers(0, len(COMMON), length).tolist()]
        if rng.random() < 0.5:
            words.insert(int(rng.integers(0, length)), TELLING[int(rng.integers(0, len(TELLING)))])
        found.append(" ".join(words))
    return found


def _in_python(pattern: str) -> Callable[[Any], str | None]:
    search = re.compile(pattern).search

    def call(item: Any) -> str | None:  # noqa: ANN401 - the item as each side has it
        return "spam" if search(item.text) else None

    return call


def _functions(form: str) -> list[Any]:
    from goldseam.prelabel.functions import LabelingFunction
    from goldseam.prelabel.functions_policy import Pattern
    from goldseam.vocab.answers import LabelName

    if form == "python":
        return [LabelingFunction(f"f{at}", _in_python(one)) for at, one in enumerate(PATTERNS)]
    return [Pattern(f"f{at}", LabelName("spam"), one) for at, one in enumerate(PATTERNS)]


def applied(form: str) -> float:
    """Ours: batch after batch on one core, faults caught, as a run does it."""
    from goldseam.edge.runner.functions_workers import watching
    from goldseam.prelabel.functions_apply import Batch, apply

    found, functions = texts(N_DOCS), _functions(form)
    begin = time.process_time()
    for start in range(0, N_DOCS, STRETCH):
        some = found[start : start + STRETCH]
        apply(functions, Batch(some, ["{}"] * len(some)), LABELS, watching(1.0))
    return N_DOCS / (time.process_time() - begin)


def applied_peer(form: str) -> float:
    """Snorkel: the functions in Python, on a data frame, as its manual has it, or on a list of plain objects, its quickest."""
    from types import SimpleNamespace

    import pandas as pd
    from snorkel.labeling import LFApplier, PandasLFApplier
    from snorkel.labeling.lf import LabelingFunction

    def function(at: int, pattern: str) -> LabelingFunction:
        search = re.compile(pattern).search
        return LabelingFunction(f"f{at}", lambda item: 1 if search(item.text) else -1)

    functions, found = [function(at, pattern) for at, pattern in enumerate(PATTERNS)], texts(N_PEER)
    frame, plain = pd.DataFrame({"text": found}), [SimpleNamespace(text=text) for text in found]
    begin = time.process_time()
    if form == "frame":
        PandasLFApplier(functions).apply(frame, progress_bar=False)
    else:
        LFApplier(functions).apply(plain, progress_bar=False)
    return N_PEER / (time.process_time() - begin)


def on_all_cores() -> float:
    """Ours: patterns by a process per core, from texts over Arrow to votes; wall time, the processes started before."""
    from goldseam.edge.runner import functions_workers
    from goldseam.edge.runner.functions_workers import Setup, Stretch
    from goldseam.formats import batches

    found = texts(N_DOCS)
    patterns = [{"name": f"f{at}", "label": "spam", "pattern": one} for at, one in enumerate(PATTERNS)]
    names = tuple(f"f{at}" for at in range(len(PATTERNS)))

    def stretches() -> Iterator[Stretch]:
        # The first ones are for the processes to start.
        for start in [*[0] * (4 * N_CORES), *range(0, N_DOCS, STRETCH)]:
            some = found[start : start + STRETCH]
            yield Stretch(start, len(some), names, batches.pack({"text": some, "metadata": ["{}"] * len(some)}))

    run = functions_workers.run(stretches(), Setup(".", {"patterns": patterns}, LABELS), N_CORES)
    for _ in range(4 * N_CORES):
        next(run)
    begin = time.perf_counter()
    n = sum(one.part.n for one in run)
    return n / (time.perf_counter() - begin)


CASES = (
    Case(
        "functions_python", "ten labeling functions in Python, one core; peer on a data frame", "docs/s",
        partial(applied, "python"), partial(applied_peer, "frame"), "Snorkel", least_ratio=5, more_is_better=True,
    ),
    Case(
        "functions_python_list", "the same; peer on a list of plain objects, its quickest", "docs/s",
        partial(applied, "python"), partial(applied_peer, "list"), "Snorkel", least_ratio=5, more_is_better=True,
    ),
    Case(
        "functions_patterns", "the same ten as patterns, one core; peer on a data frame", "docs/s",
        partial(applied, "patterns"), partial(applied_peer, "frame"), "Snorkel", least_ratio=20, more_is_better=True,
    ),
    Case(
        "functions_patterns_list", "the same; peer on a list of plain objects, its quickest", "docs/s",
        partial(applied, "patterns"), partial(applied_peer, "list"), "Snorkel", least_ratio=20, more_is_better=True,
    ),
    Case(
        "functions_cores", "the same ten as patterns, a process on each of two cores, wall time", "docs/s",
        on_all_cores, more_is_better=True, usual=False,
    ),
)  # fmt: skip
