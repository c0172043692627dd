"""Wire types of calibration: sessions, answers, comments, what was agreed.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: an author or a time that was
sent, or a name to whoever does not manage.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from goldseam.annotate.calibrate import MAX_ITEMS, MAX_PEOPLE
from goldseam.edge.server.wire import MAX_QUESTIONS, ItemKey, ItemShown, Name, Opaque, PlainAnswer, Sent, Shown, Uuid7
from goldseam.edge.server.wire_talk import MaybeWords, Words
from goldseam.vocab.talk import MAX_CLAUSE

Number = Annotated[int, Field(ge=1, le=MAX_ITEMS)]


class SessionSent(Sent):
    """A session to start: `items` with choosing `given`, else how many."""

    id: Uuid7
    title: Name
    choosing: Literal["disagreement", "random", "given"]
    n_items: Number = 10
    items: Annotated[list[ItemKey], Field(default_factory=list, max_length=MAX_ITEMS)]
    people: Annotated[list[Opaque], Field(min_length=2, max_length=MAX_PEOPLE)]


class SessionAnswerSent(Sent):
    """The answers to one item of a session, by question, and why."""

    id: Uuid7
    number: Number
    answers: Annotated[dict[Name, PlainAnswer], Field(min_length=1, max_length=MAX_QUESTIONS)]
    reason: MaybeWords = ""
    seconds: Annotated[float, Field(ge=0, lt=86_400, allow_inf_nan=False)]


class SessionMoveSent(Sent):
    """A session goes on."""

    id: Uuid7


class SessionCommentSent(Sent):
    """Something said about an item of a session."""

    id: Uuid7
    number: Number
    text: Words


class AgreedSent(Sent):
    """The answer to a question that was agreed about an item, and the clause of the guideline."""

    id: Uuid7
    number: Number
    question: Name
    answer: PlainAnswer
    clause: Annotated[str, StringConstraints(max_length=MAX_CLAUSE)] = ""
    reason: MaybeWords = ""


class MeasuredShown(Shown):
    """Krippendorff's alpha of one question, by its kind's distance, with its 95 % interval; without a value, the reason."""

    question: str
    kind: str
    value: float | None
    low: float | None
    high: float | None
    reason: str
    n_items: int
    n_votes: int


class SessionLine(Shown):
    """One session in the list; `id` goes into `before_id` for the next page."""

    id: str
    title: str
    choosing: str
    state: str
    n_items: int
    n_people: int
    n_answers: int
    guideline_version: int
    at: datetime
    discussed_at: datetime | None
    finished_at: datetime | None
    before: list[MeasuredShown] | None
    after: list[MeasuredShown] | None


class SessionPerson(Shown):
    """Somebody who takes part; `name` is for those who manage."""

    cover: str
    mine: bool
    name: str | None
    n_answers: int


class SessionVote(Shown):
    """What somebody answered, by question, beside the others."""

    cover: str
    mine: bool
    answers: dict[str, dict[str, Any]]
    reason: str
    seconds: float


class SessionComment(Shown):
    """One comment."""

    cover: str
    mine: bool
    text: str
    at: datetime


class AgreedShown(Shown):
    """What was agreed about an item; `in_guideline` says whether the clause stands there now."""

    question: str
    answer: dict[str, Any]
    clause: str
    in_guideline: bool
    reason: str
    at: datetime


class SessionItem(Shown):
    """One item of a session; while it is blind, `votes` holds one's own answer at most.

    `apart` is how far the answers to each question are apart, from 0 to 1, and `disagreement` the farthest of these.
    """

    number: int
    item: ItemShown
    disagreement: float | None
    apart: dict[str, float]
    votes: list[SessionVote]
    comments: list[SessionComment]
    agreed: list[AgreedShown]


class SessionShown(Shown):
    """A session; after the blind part its items stand in the order of their disagreement."""

    session: SessionLine
    takes_part: bool
    people: list[SessionPerson]
    items: list[SessionItem]
