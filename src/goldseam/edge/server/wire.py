"""Wire types: what may be sent, and what comes back.

In: JSON. Out: records whose lengths and list sizes are bounded; a key that is not known is refused.
Never: a conversion (`"3"` is not 3), or the author or time of an act (those come from the session and the clock).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from goldseam.formats.answer_schemas import ANSWER_SCHEMA

MAX_BATCH = 100
MAX_QUESTIONS = 50
UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

Uuid7 = Annotated[str, StringConstraints(pattern=UUID7)]
"""An id that the client made: UUID version 7, in lower case."""
ItemKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Opaque = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(max_length=2_000)]
PlainAnswer = Annotated[dict[Annotated[str, StringConstraints(max_length=50)], Any], WithJsonSchema(ANSWER_SCHEMA)]
"""An answer as `formats.plain` reads it; read there, so that a wrong one is refused alone."""
Plain = dict[str, Any]


class Sent(BaseModel):
    """What a client sends: nothing is converted, nothing unknown is passed over."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Shown(BaseModel):
    """What the server sends: these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# ---- session ---------------------------------------------------------------------------------------------------------
class SignIn(Sent):
    """A login with its password, or a one-time code that the terminal printed."""

    login: Annotated[str, StringConstraints(max_length=200)] | None = None
    password: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    code: Annotated[str, StringConstraints(max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> SignIn:
        pair = self.login is not None and self.password is not None and self.code is None
        alone = self.login is None and self.password is None and self.code is not None
        if not (pair or alone):
            raise ValueError("Send either 'login' and 'password', or 'code'.")
        return self


class MyProject(Shown):
    """A project in which the person has a role."""

    id: str
    name: str
    role: str


class Me(Shown):
    """Who is signed in."""

    id: str
    name: str
    login: str
    projects: list[MyProject]


class SignedIn(Shown):
    """The reply to a sign-in; the session itself travels in a cookie that no script can read."""

    me: Me


class Done(Shown):
    """An act that was done and has nothing to say."""

    done: Literal[True] = True


# ---- projects --------------------------------------------------------------------------------------------------------
class ProjectLine(Shown):
    """One project in the list."""

    id: str
    name: str
    modality: str
    role: str
    round: int
    n_items: int


class PagePolicy(Shown):
    """What the page needs of the policies."""

    prefetch: int
    lease_seconds: float


class ProjectPage(Shown):
    """A project as an annotator needs it: questions, guideline, and what the person may do."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str
    name: str
    modality: str
    role: str
    acts: list[str]
    round: int
    schema_version: int
    guideline_version: int
    questions: Annotated[Plain, Field(alias="schema")]
    guideline_html: str
    policy: PagePolicy


# ---- annotate --------------------------------------------------------------------------------------------------------
class AssignmentsWanted(Sent):
    """How many items to lease, or (for replays and services) which."""

    count: Annotated[int, Field(ge=1, le=MAX_BATCH)] | None = None
    items: Annotated[list[ItemKey], Field(min_length=1, max_length=MAX_BATCH)] | None = None
    holding: Annotated[list[Opaque], Field(max_length=500)] | None = None
    """What the caller's page still has in hand; other leases of theirs end, so that a page loaded again gets them."""

    @model_validator(mode="after")
    def _one_of_two(self) -> AssignmentsWanted:
        if (self.count is None) == (self.items is None):
            raise ValueError("Send either 'count' or 'items'.")
        if self.items is not None and self.holding is not None:
            raise ValueError("'holding' goes with 'count' alone.")
        return self


class ItemShown(Shown):
    """An item as the page shows it; `media_url` is where its bytes are, `html` what is safe to set into a page, by part."""

    id: str
    modality: str
    text: str | None
    media_url: str | None
    metadata: dict[str, str]
    html: tuple[str, ...] = ()


class SuggestionShown(Shown):
    """An answer to a question that a machine proposes; `label` is empty where it is not a label."""

    label: str
    confidence: float
    source: str
    question: str
    answer: Plain
    reason: str = ""


class AssignmentShown(Shown):
    """One assignment; a gold check has the same fields as any other, and nothing more."""

    id: str
    token: str
    item: ItemShown
    expires_at: datetime
    seconds: float
    suggestion: SuggestionShown | None
    further: list[SuggestionShown] = []


class WaitingShown(Shown):
    """Why there is nothing to lease right now, and when to look again if that is known."""

    reason: str
    text: str
    opens_at: datetime | None = None


class RestShown(Shown):
    """Advice to rest; nobody is kept from going on."""

    text: str
    for_minutes: float


class ClaimRefused(Shown):
    """An item that was asked for by its id and is not to be had, and why."""

    item: str
    reason: str


class AssignmentsLeased(Shown):
    """The reply to a lease or a claim."""

    assignments: list[AssignmentShown]
    waiting: WaitingShown | None
    refused: list[ClaimRefused]
    rest: RestShown | None = None


class AssignmentAgain(Shown):
    """The reply to a withdrawal: the item is leased to the same person again."""

    assignment: AssignmentShown


class AnnotationSent(Sent):
    """The answers to one assignment."""

    id: Uuid7
    assignment: Opaque
    token: Opaque
    answers: Annotated[dict[Name, PlainAnswer], Field(min_length=1, max_length=MAX_QUESTIONS)]
    seconds: Annotated[float, Field(ge=0, lt=86_400, allow_inf_nan=False)]
    schema_version: Annotated[int, Field(ge=0, le=2**31)]
    guideline_version: Annotated[int, Field(ge=0, le=2**31)]


class Unreadable(Shown):
    """An annotation of the wrong form: kept apart, so that one bad one never loses the good ones."""

    id: str
    problems: list[Any]


def _apart(value: object, read: ValidatorFunctionWrapHandler) -> AnnotationSent | Unreadable:
    try:
        found: AnnotationSent = read(value)
    except ValidationError as error:
        given = value.get("id") if isinstance(value, dict) else None
        return Unreadable(id=given[:100] if isinstance(given, str) else "", problems=list(error.errors()))
    return found


class AnnotationsSent(Sent):
    """Up to a hundred annotations."""

    annotations: Annotated[
        list[Annotated[AnnotationSent, WrapValidator(_apart)]], Field(min_length=1, max_length=MAX_BATCH)
    ]


class FateName(StrEnum):
    """What may become of an annotation."""

    SAVED = "saved"
    REPEATED = "repeated"
    SURPLUS = "surplus"
    REFUSED = "refused"


class Fate(Shown):
    """What became of one annotation."""

    id: str
    status: FateName
    error: Plain | None


class Fates(Shown):
    """What became of each annotation, in the order sent."""

    results: list[Fate]


class SkipSent(Sent):
    """A pass on an assignment."""

    id: Uuid7
    token: Opaque
    reason: Reason = ""


class WithdrawalSent(Sent):
    """An undo."""

    id: Uuid7


# ---- adjudicate ------------------------------------------------------------------------------------------------------
class RulingSent(Sent):
    """A person's decision about an escalated item."""

    id: Uuid7
    item: ItemKey
    question: Name
    answer: PlainAnswer
    reason: Reason = ""
