"""Wire types of talk: comments, proposals, disputes, escalations.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: an author or a time that was sent,
or a name to whoever does not manage.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from goldseam.edge.server.wire import ItemKey, ItemShown, Name, Plain, PlainAnswer, Sent, Shown, Uuid7
from goldseam.vocab.talk import MAX_CLAUSE, MAX_WORDS

Words = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORDS)]
MaybeWords = Annotated[str, StringConstraints(max_length=MAX_WORDS)]
Before = Annotated[int, Field(ge=1, le=2**62)]


class CommentSent(Sent):
    """A comment, or a question, about an item."""

    id: Uuid7
    item: ItemKey
    text: Words


class ReplySent(Sent):
    """A reply in a thread."""

    id: Uuid7
    text: Words


class CloseSent(Sent):
    """The end of a thread, with a last word or without."""

    id: Uuid7
    text: MaybeWords = ""


class ThreadNamed(Shown):
    """The thread that a comment went to."""

    thread: str


class CommentShown(Shown):
    """One comment; `says` is comment, reply or close, and `name` is for those who manage."""

    id: str
    says: str
    mine: bool
    name: str | None
    text: str
    at: datetime


class ThreadShown(Shown):
    """A thread with all its comments; `number` goes into `before` for the next page."""

    id: str
    number: int
    item: ItemShown
    state: str
    mine: bool
    comments: list[CommentShown]


class ProposalSent(Sent):
    """A change of the guideline that somebody asks for."""

    id: Uuid7
    about: Literal["clause", "label", "worked_example"]
    text: MaybeWords = ""
    clause: Annotated[str, StringConstraints(max_length=MAX_CLAUSE)] = ""
    label: Name | None = None
    item: ItemKey | None = None
    why: MaybeWords = ""


class DecisionShown(Shown):
    """How a proposal or a dispute ended; `guideline_version` is the one in force then."""

    reason: str
    at: datetime
    guideline_version: int


class EditShown(Shown):
    """The edit of the project file that a proposal asks for; `made` says that it stands there now."""

    keys: list[str | int]
    old: str
    new: str
    made: bool
    line: int | None


class ProposalShown(Shown):
    """A proposal and what became of it."""

    id: str
    number: int
    about: str
    text: str
    clause: str
    label: str | None
    item: str | None
    why: str
    mine: bool
    at: datetime
    guideline_version: int
    state: str
    decision: DecisionShown | None
    edit: EditShown | None


class ProposalDecided(Sent):
    """Acceptance or refusal of a proposal, with its reason."""

    id: Uuid7
    state: Literal["accepted", "declined"]
    reason: Words


class DisputeSent(Sent):
    """An annotator contests an item that they answered: its label, or the answer to a question."""

    id: Uuid7
    item: ItemKey
    label: Name | None = None
    question: Name | None = None
    answer: PlainAnswer | None = None
    text: Words

    @model_validator(mode="after")
    def _one_of_two(self) -> DisputeSent:
        if (self.label is None) == (self.answer is None) or (self.question is None) != (self.answer is None):
            raise ValueError("Send 'label', or 'answer' with its 'question'.")
        return self


class SettledShown(Shown):
    """What stands, and how it came about; `label` is empty where that is not a label."""

    label: str
    answer: Plain
    method: str
    reason: str


class DisputeShown(Shown):
    """A dispute; `settled` only for whoever may decide it."""

    id: str
    number: int
    item: ItemShown
    question: str
    label: str
    answer: Plain
    text: str
    mine: bool
    at: datetime
    state: str
    decision: DecisionShown | None
    settled: SettledShown | None


class DisputeDecided(Sent):
    """The label stands, or another takes its place; `worked_example` is the id of a proposal to make of the item."""

    id: Uuid7
    state: Literal["upheld", "overruled"]
    reason: Words
    label: Name | None = None
    answer: PlainAnswer | None = None
    worked_example: Uuid7 | None = None

    @model_validator(mode="after")
    def _answer_if_overruled(self) -> DisputeDecided:
        if (self.label is not None) + (self.answer is not None) != (self.state == "overruled"):
            raise ValueError("Send 'label' or 'answer' with 'overruled', and neither with 'upheld'.")
        return self


class EscalationSent(Sent):
    """An item that the caller cannot decide goes to the next tier."""

    id: Uuid7
    item: ItemKey
    reason: MaybeWords = ""
    question: Name | None = None


class Escalated(Shown):
    """The number of the tier that an item went to; the first is 0."""

    tier: int
