"""Qualify: the way of an annotator who joined to real work, and what speaks for promoting one; states as a table.

In: the project file's `onboarding` and `qualification`, what somebody did so far, figures, the time, a generator. Out: where they
stand, which questions to ask, whether a test is passed. Never: an item that may come as hidden gold, or the same question twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from goldseam.route.lines import SKILL
from goldseam.vocab.errors import BadPolicy, NotReady

MAX_QUESTIONS = 200


class Use(StrEnum):
    """What a question with a known answer is asked for: its answer is told after practice, and never after a test."""

    PRACTICE = "practice"
    QUALIFY = "qualify"


@dataclass(frozen=True, slots=True)
class Qualify:
    """A test: this many questions, the share that must be right, retries with a wait before each, and what a pass grants."""

    questions: int = 10
    pass_mark: float = 0.8
    retries: int = 2
    wait_hours: float = 24.0
    skill: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.questions <= MAX_QUESTIONS:
            raise BadPolicy(f"questions lies between 1 and {MAX_QUESTIONS}; got {self.questions}.")
        if not 0 < self.pass_mark <= 1:
            raise BadPolicy(f"pass_mark lies above 0 and up to 1; got {self.pass_mark}.")
        if not 0 <= self.retries <= 100:
            raise BadPolicy(f"retries lies between 0 and 100; got {self.retries}.")
        if not 0 <= self.wait_hours <= 8_760:
            raise BadPolicy(f"wait_hours lies between 0 and 8,760 (a year); got {self.wait_hours}.")
        if self.skill and not SKILL.fullmatch(self.skill):
            raise BadPolicy(
                "skill has 1 to 50 small letters, digits, dots, dashes and underscores, or is left out; "
                f"got {self.skill[:80]!r}."
            )

    @property
    def wait(self) -> timedelta:
        """How long somebody waits after a test that was not passed."""
        return timedelta(hours=self.wait_hours)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of onboarding: read the guideline, practice this many questions, or pass a test."""

    read: Literal["guideline"] | None = None
    practice: int | None = None
    qualify: Qualify | None = None

    def __post_init__(self) -> None:
        if [self.read, self.practice, self.qualify].count(None) != 2:
            raise BadPolicy("A step of onboarding has one of the keys read, practice, qualify.")
        if self.practice is not None and not 1 <= self.practice <= MAX_QUESTIONS:
            raise BadPolicy(f"practice lies between 1 and {MAX_QUESTIONS}; got {self.practice}.")

    @property
    def kind(self) -> Literal["read", "practice", "qualify"]:
        """Which of the three it is."""
        if self.read is not None:
            return "read"
        return "practice" if self.practice is not None else "qualify"

    @property
    def n_questions(self) -> int:
        """How many questions it asks."""
        return self.qualify.questions if self.qualify is not None else self.practice or 0


@dataclass(frozen=True, slots=True)
class Promotion:
    """From which figures on an annotator is proposed as a reviewer.

    `gold_low` is for the lower bound of the 95 % interval of accuracy on gold checks; `agreement` is the share of others' answers
    to the same items that were the same.
    """

    answers: int = 500
    gold_low: float = 0.9
    agreement: float = 0.8
    weeks: float = 4.0

    def __post_init__(self) -> None:
        if self.answers < 1:
            raise BadPolicy(f"answers is at least 1; got {self.answers}.")
        if not 0 <= self.gold_low <= 1:
            raise BadPolicy(f"gold_low lies between 0 and 1; got {self.gold_low}.")
        if not 0 <= self.agreement <= 1:
            raise BadPolicy(f"agreement lies between 0 and 1; got {self.agreement}.")
        if not 0 <= self.weeks <= 1_000:
            raise BadPolicy(f"weeks lies between 0 and 1,000; got {self.weeks}.")


@dataclass(frozen=True, slots=True)
class Policy:
    """Where questions with known answers come from, and when a promotion is proposed (never, without `promotion`).

    `files` are CSV files with a column for the item (`id`, `key` or `text`), its `label`, and perhaps `use` (practice or qualify)
    and `why`. `gold` lets gold items serve as questions of tests too, where none is ever a hidden gold check.
    """

    files: tuple[str, ...] = ()
    gold: bool = False
    promotion: Promotion | None = None


class StepState(StrEnum):
    """Where somebody stands with one step."""

    OPEN = "open"
    UNDER_WAY = "under_way"
    RESTING = "resting"
    FAILED = "failed"
    DONE = "done"


class StepEvent(StrEnum):
    """What can happen to a step."""

    BEGIN = "begin"
    FINISH = "finish"
    FAIL = "fail"
    FAIL_FINALLY = "fail_finally"
    ALLOW = "allow"
    WAIVE = "waive"


_S, _E = StepState, StepEvent

TABLE: Mapping[tuple[StepState, StepEvent], StepState] = MappingProxyType(
    {
        (_S.OPEN, _E.BEGIN): _S.UNDER_WAY,
        (_S.OPEN, _E.FINISH): _S.DONE,
        (_S.UNDER_WAY, _E.FINISH): _S.DONE,
        (_S.UNDER_WAY, _E.FAIL): _S.RESTING,
        (_S.UNDER_WAY, _E.FAIL_FINALLY): _S.FAILED,
        (_S.RESTING, _E.BEGIN): _S.UNDER_WAY,
        (_S.FAILED, _E.ALLOW): _S.OPEN,
        (_S.OPEN, _E.WAIVE): _S.DONE,
        (_S.RESTING, _E.WAIVE): _S.DONE,
        (_S.FAILED, _E.WAIVE): _S.DONE,
    }
)
"""Every move there is. A manager may allow one more try after the last one, and may waive a step that nobody is in the
middle of."""


def after(state: StepState, event: StepEvent) -> StepState:
    """Return the state that follows.

    Raises
    ------
    NotReady
        If the event cannot happen in this state; the message says what can.
    """
    found = TABLE.get((state, event))
    if found is None:
        possible = ", ".join(sorted(said.value for known, said in TABLE if known is state)) or "nothing"
        raise NotReady(f"This step is {state.value}, so {event.value!r} cannot happen; possible: {possible}.")
    return found


@dataclass(frozen=True, slots=True)
class StepAct:
    """Something that happened to one step of one annotator."""

    step: str
    event: StepEvent
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One step as it stands for one annotator; `n_failed` counts tests that were not passed."""

    key: str
    step: Step
    state: StepState = StepState.OPEN
    since: datetime | None = None
    n_failed: int = 0

    @property
    def opens_at(self) -> datetime | None:
        """When the next try may begin; None where nothing has to be waited for."""
        if self.state is not StepState.RESTING or self.since is None or self.step.qualify is None:
            return None
        return self.since + self.step.qualify.wait

    @property
    def tries_left(self) -> int | None:
        """How many more tries there are; None for a step that is no test."""
        if self.step.qualify is None:
            return None
        left = self.step.qualify.retries + 1 - self.n_failed
        return max(left, 1 if self.state is StepState.OPEN else 0)


def keyed(path: Sequence[Step]) -> tuple[tuple[str, Step], ...]:
    """Return the steps with keys: a kind and its number, so that a step added elsewhere changes no other's key."""
    counts: dict[str, int] = {}
    found = []
    for step in path:
        counts[step.kind] = counts.get(step.kind, 0) + 1
        found.append((f"{step.kind}-{counts[step.kind]}", step))
    return tuple(found)


def standings(path: Sequence[Step], acts: Iterable[StepAct]) -> tuple[Standing, ...]:
    """Return every step as it stands after what was done, in order; acts on steps that are gone count no more."""
    found = {key: Standing(key, step) for key, step in keyed(path)}
    for act in acts:
        before = found.get(act.step)
        if before is not None:
            failed = act.event in {StepEvent.FAIL, StepEvent.FAIL_FINALLY}
            state = after(before.state, act.event)
            found[act.step] = Standing(act.step, before.step, state, act.at, before.n_failed + failed)
    return tuple(found.values())


def current(steps: Sequence[Standing]) -> Standing | None:
    """Return the first step that is not done; None for whoever is through."""
    return next((one for one in steps if one.state is not StepState.DONE), None)


def check_may_begin(step: Standing, now: datetime) -> None:
    """Refuse, with `NotReady`, a try that comes too early, or where there is nothing to try."""
    if not step.step.n_questions:
        raise NotReady("This step is to be read, and asks no questions.")
    after(step.state, StepEvent.BEGIN)
    opens = step.opens_at
    if opens is not None and now < opens:
        raise NotReady(f"The next try opens at {opens:%Y-%m-%d %H:%M} UTC.", opens_at=opens.isoformat())


def draw(candidates: NDArray[np.int64], asked: Iterable[int], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `n` questions that this annotator was never asked, in an order of chance.

    Raises
    ------
    NotReady
        If there are fewer.
    """
    fresh = np.setdiff1d(candidates, np.fromiter(asked, np.int64))
    if len(fresh) < n:
        raise NotReady(
            f"{n} questions are needed that were not asked before, and {len(fresh)} are left: the project's manager adds "
            "some to the files that 'qualification' names."
        )
    return np.asarray(rng.choice(fresh, n, replace=False), np.int64)


def judged(step: Standing, n_right: int, n_questions: int) -> StepEvent:
    """Return what the answers to all questions of a try make of its step; practice is always finished."""
    qualify = step.step.qualify
    # A mark of 0.8 of 10 is 8: floats are compared with room for their rounding.
    if qualify is None or n_right >= qualify.pass_mark * n_questions - 1e-9:
        return StepEvent.FINISH
    return StepEvent.FAIL if step.n_failed < qualify.retries else StepEvent.FAIL_FINALLY


@dataclass(frozen=True, slots=True)
class Figures:
    """What speaks for promoting an annotator; a bound or share is None where nothing was measured."""

    n_answers: int
    n_gold: int
    gold_low: float | None
    n_compared: int
    agreement: float | None
    weeks: float


def falls_short(figures: Figures, wanted: Promotion) -> tuple[str, ...]:
    """Return what is missing for a promotion, in words; nothing is missing for whoever is proposed."""
    missing = []
    if figures.n_answers < wanted.answers:
        missing.append(f"{figures.n_answers:,} answers; {wanted.answers:,} are wanted")
    if (figures.gold_low or 0.0) < wanted.gold_low:
        low = "unknown" if figures.gold_low is None else f"{figures.gold_low:.3f}"
        missing.append(f"accuracy on gold is at least {low}; {wanted.gold_low:.3f} is wanted")
    if (figures.agreement or 0.0) < wanted.agreement:
        same = "unknown" if figures.agreement is None else f"{figures.agreement:.3f}"
        missing.append(f"agreement with others is {same}; {wanted.agreement:.3f} is wanted")
    if figures.weeks < wanted.weeks:
        missing.append(f"{figures.weeks:.1f} weeks in the project; {wanted.weeks:g} are wanted")
    return tuple(missing)
