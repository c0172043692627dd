"""Wire types of qualification: onboarding, tries, promotions, one's own figures.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: the right answer of a test's
question, a figure about somebody else, an author or a time that was sent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from goldseam.edge.server.wire import ItemShown, PlainAnswer, Sent, Shown, Uuid7
from goldseam.edge.server.wire_talk import DecisionShown, Words

Seconds = Annotated[float, Field(ge=0, lt=86_400, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=1, le=10_000)]


class GuidelineRead(Sent):
    """The caller read the guideline, in this version."""

    id: Uuid7
    guideline_version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class TrialSent(Sent):
    """The caller begins the questions that come next."""

    id: Uuid7


class TrialAnswerSent(Sent):
    """The answer to one question of a try."""

    id: Uuid7
    number: Number
    answer: PlainAnswer
    seconds: Seconds


class InterventionSent(Sent):
    """A manager allows one more try, or waives the step."""

    id: Uuid7
    event: Literal["allow", "waive"]


class StepShown(Shown):
    """One step of onboarding as it stands for somebody."""

    key: str
    kind: str
    state: str
    since: datetime | None
    n_questions: int
    pass_mark: float | None
    tries_left: int | None
    opens_at: datetime | None


class QuestionShown(Shown):
    """One question of a try."""

    number: int
    item: ItemShown
    answered: bool


class ToldShown(Shown):
    """The right answer to a practice question."""

    number: int
    right: str
    said: str | None
    why: str


class TrialEnded(Shown):
    """How a try ended; `told` is empty after a test."""

    n_right: int
    passed: bool
    told: list[ToldShown]


class TrialShown(Shown):
    """A try: practice or a test."""

    id: str
    step: str
    use: str
    questions: list[QuestionShown]
    ended: TrialEnded | None


class OnboardingShown(Shown):
    """Where the caller stands on the way to real work, and their newest try."""

    through: bool
    steps: list[StepShown]
    trial: TrialShown | None


class MemberOnboarding(Shown):
    """Where an annotator stands."""

    annotator: str
    name: str
    through: bool
    steps: list[StepShown]


class PromotionFigures(Shown):
    """What speaks for a promotion."""

    n_answers: int
    n_gold: int
    gold_low: float | None
    n_compared: int
    agreement: float | None
    weeks: float


class PromotionShown(Shown):
    """A promotion to reviewer that was proposed; `number` goes into `before` for the next page."""

    id: str
    number: int
    annotator: str
    name: str
    figures: PromotionFigures
    at: datetime
    state: str
    decision: DecisionShown | None


class PromotionDecided(Sent):
    """Acceptance or refusal of a promotion, with its reason."""

    id: Uuid7
    state: Literal["accepted", "declined"]
    reason: Words


class OwnFigures(Shown):
    """What one is told about oneself: not fresh, and never by item."""

    at: datetime
    n_answers: int
    n_gold: int
    gold: float | None
    gold_low: float | None
    gold_high: float | None
    n_compared: int
    agreement: float | None
    seconds: float | None
    seconds_all: float | None


class OwnFiguresShown(Shown):
    """The caller's own figures; None before the first measurement."""

    figures: OwnFigures | None
