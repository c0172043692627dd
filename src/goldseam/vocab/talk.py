"""Talk: what people say about items and rules: comments in threads, proposals to change the guideline, disputes of a label.

In: plain values. Out: frozen records that cannot be born wrong, and the table of a thread's states.
Never: markup. Text is data: it is shown as it was typed, and nothing in it is ever obeyed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType

from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName
from goldseam.vocab.errors import BadValue
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import AnnotatorId
from goldseam.vocab.schema import GuidelineVersion, QuestionName

CommentId = NewType("CommentId", str)
ThreadId = NewType("ThreadId", str)
"""A thread has the id of its first comment."""
ProposalId = NewType("ProposalId", str)
DisputeId = NewType("DisputeId", str)

MAX_WORDS: Final = 4_000
"""Characters of one comment, proposal or reason."""
MAX_CLAUSE: Final = 1_000
MAX_COMMENTS: Final = 100
"""Comments of one thread: what needs more is a matter for a meeting, and a thread is always read whole."""
EXCERPT: Final = 500
"""Characters of an item's text that a worked example quotes."""
KEPT_CONTROLS: Final = frozenset("\n\t")


class ThreadState(StrEnum):
    """Whose turn it is."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Say(StrEnum):
    """What one comment does in its thread: the annotator says something, staff replies, or staff closes it."""

    COMMENT = "comment"
    REPLY = "reply"
    CLOSE = "close"


MOVES: Mapping[ThreadState, Mapping[Say, ThreadState]] = MappingProxyType(
    {
        ThreadState.OPEN: {
            Say.COMMENT: ThreadState.OPEN,
            Say.REPLY: ThreadState.ANSWERED,
            Say.CLOSE: ThreadState.CLOSED,
        },
        ThreadState.ANSWERED: {
            Say.COMMENT: ThreadState.OPEN,
            Say.REPLY: ThreadState.ANSWERED,
            Say.CLOSE: ThreadState.CLOSED,
        },
        ThreadState.CLOSED: {Say.COMMENT: ThreadState.OPEN, Say.REPLY: ThreadState.ANSWERED},
    }
)
"""A closed thread is opened again by whoever says more; it cannot be closed twice."""


def state_after(said: Iterable[Say]) -> ThreadState:
    """Return how a thread stands after all that was said in it, in order."""
    state = ThreadState.OPEN
    for one in said:
        state = MOVES[state][one]
    return state


class About(StrEnum):
    """What a proposal wants changed: a clause of the guideline, a label's definition, or one worked example more."""

    CLAUSE = "clause"
    LABEL = "label"
    WORKED_EXAMPLE = "worked_example"


class ProposalState(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class DisputeState(StrEnum):
    """What became of a dispute: the label stands (`upheld`), or a new ruling took its place (`overruled`)."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERRULED = "overruled"


def check_words(text: str, what: str, most: int = MAX_WORDS, *, may_be_empty: bool = False) -> None:
    """Refuse a text that is empty, too long, or holds characters that are not for reading.

    Raises
    ------
    BadValue
        With what would be right.
    """
    if not may_be_empty and not text.strip():
        raise BadValue(f"{what} needs some words.", what=what)
    if len(text) > most:
        raise BadValue(f"{what} has at most {most:,} characters; got {len(text):,}.", what=what)
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in KEPT_CONTROLS for one in text):
        raise BadValue(f"{what} holds a control character; only line ends and tabs are kept.", what=what)


@dataclass(frozen=True, slots=True)
class Comment:
    """One thing said in a thread; a close may be without words."""

    id: CommentId
    thread: ThreadId
    author: AnnotatorId
    say: Say
    text: str
    at: datetime

    def __post_init__(self) -> None:
        check_words(self.text, "A comment", may_be_empty=self.say is Say.CLOSE)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a proposal or a dispute ended: by whom, when, and why; under which version of the guideline."""

    by: AnnotatorId
    at: datetime
    reason: str
    guideline_version: GuidelineVersion

    def __post_init__(self) -> None:
        check_words(self.reason, "A reason")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the guideline that somebody proposes.

    A clause is named by a line of the guideline as it stands (empty for a new one), a label by its name; `text` is what
    should stand there. A worked example is an item's text (`text`) with the label it should get, and `why`.
    """

    id: ProposalId
    by: AnnotatorId
    about: About
    text: str
    guideline_version: GuidelineVersion
    at: datetime
    clause: str = ""
    label: LabelName | None = None
    item: ItemId | None = None
    why: str = ""
    state: ProposalState = ProposalState.OPEN
    decision: Decision | None = None

    def __post_init__(self) -> None:
        check_words(self.text, "A proposal")
        check_words(self.why, "The reason for a proposal", may_be_empty=True)
        check_words(self.clause, "The clause of a proposal", MAX_CLAUSE, may_be_empty=True)
        if self.clause and self.about is not About.CLAUSE:
            raise BadValue("Only a proposal about a clause names one.")
        if (self.label is None) != (self.about is About.CLAUSE):
            raise BadValue("A proposal about a label or a worked example names its label, one about a clause does not.")
        if (self.item is None) == (self.about is About.WORKED_EXAMPLE):
            raise BadValue("A worked example names its item, and no other proposal does.")
        _check_decided(self.state is ProposalState.OPEN, self.decision)


@dataclass(frozen=True, slots=True)
class Dispute:
    """An annotator contests what an item that they answered is settled to, and says what it should be.

    A label of the project's first question is named by `label`; any other answer stands in `answer`, with its `question`.
    """

    id: DisputeId
    item: ItemId
    by: AnnotatorId
    label: LabelName | None
    text: str
    at: datetime
    state: DisputeState = DisputeState.OPEN
    decision: Decision | None = None
    question: QuestionName | None = None
    answer: Answer | None = None

    def __post_init__(self) -> None:
        check_words(self.text, "A dispute")
        _check_decided(self.state is DisputeState.OPEN, self.decision)
        if (self.label is None) == (self.answer is None) or (self.question is None) != (self.answer is None):
            raise BadValue("A dispute says what would be right: a label, or an answer with its question.")
        if isinstance(self.answer, Abstain):
            raise BadValue("A dispute says what would be right; that nobody can decide is no answer.")

    @property
    def wanted(self) -> Answer:
        """What it should be."""
        if self.answer is not None:
            return self.answer
        assert self.label is not None  # noqa: S101 - one of the two, see above
        return Choice(self.label)


def _check_decided(is_open: bool, decision: Decision | None) -> None:  # noqa: FBT001 (private)
    if is_open != (decision is None):
        raise BadValue("What is open has no decision yet, and what is not open has one.")
