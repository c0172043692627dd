"""Entries: what the log says was decided, by whom, when, and about what.

In: plain values. Out: an `Entry`, its plain form, its leaf bytes, and commitments.
Never: personal data or free text in clear.

`actor` and `object` are opaque ids. Whatever belongs to a person stands in the body only as a salted commitment; salt
and value live in an ordinary table, so that erasing them leaves every proof intact. An `annotation.given` entry has the
annotation's id as `object` and in its body the key `commitment`; an `annotation.withdrawn` entry has the id of one as
`object`, and if several were taken back together, all of them in its body under `annotations`.
"""

from __future__ import annotations

import builtins
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from goldseam.ledger.canonical import canonical

ENTRY_VERSION = 1
SALT_BYTES = 16
"""A salt of one length only: otherwise bytes could move between salt and value without changing the commitment."""

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
FIELDS = frozenset({"v", "kind", "at", "actor", "project", "object", "body"})


class EntryKind(StrEnum):
    """What can be decided; closed, so that a reader knows every kind."""

    PROJECT_APPLIED = "project.applied"
    SOURCE_TAKEN_IN = "source.taken_in"
    ITEMS_DRAWN = "items.drawn"
    SUGGESTIONS_MADE = "suggestions.made"
    SUGGESTIONS_SWITCHED = "suggestions.switched"
    ITEMS_ROUTED = "items.routed"
    ANNOTATION_GIVEN = "annotation.given"
    ANNOTATION_WITHDRAWN = "annotation.withdrawn"
    ASSIGNMENT_SKIPPED = "assignment.skipped"
    GOLD_SET = "gold.set"
    ITEMS_SETTLED = "items.settled"
    LABEL_RULED = "label.ruled"
    QUALITY_MEASURED = "quality.measured"
    RELEASE_PUBLISHED = "release.published"
    MODEL_TRAINED = "model.trained"
    MODEL_PROMOTED = "model.promoted"
    MODEL_KEPT = "model.kept"
    MODEL_ASKED = "model.asked"
    ROLE_GRANTED = "role.granted"
    ACCOUNT_MADE = "account.made"
    TOKEN_MADE = "token.made"  # noqa: S105 (the name of a kind, not a secret)
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 (the name of a kind, not a secret)
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 (the name of a kind, not a secret)
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    INVITATION_MADE = "invitation.made"
    INVITATION_REVOKED = "invitation.revoked"
    INVITATION_ACCEPTED = "invitation.accepted"
    KEY_MADE = "key.made"
    ROUND_ENDED = "round.ended"
    STOP_WEIGHED = "stop.weighed"
    PRODUCTION_CAPTURED = "production.captured"
    DRIFT_MEASURED = "drift.measured"
    CERTIFICATE_MADE = "certificate.made"
    TIER_CLOSED = "tier.closed"
    SKILL_GRANTED = "skill.granted"
    SKILL_REVOKED = "skill.revoked"
    BATCH_ASSIGNED = "batch.assigned"
    BATCH_RELEASED = "batch.released"
    PRIORITY_SET = "priority.set"
    ITEMS_ASKED = "items.asked"
    SHEET_CLOSED = "sheet.closed"
    SHEET_UNDONE = "sheet.undone"
    COMMENT_MADE = "comment.made"
    CHANGE_PROPOSED = "change.proposed"
    PROPOSAL_DECIDED = "proposal.decided"
    LABEL_DISPUTED = "label.disputed"
    DISPUTE_DECIDED = "dispute.decided"
    ITEM_ESCALATED = "item.escalated"
    ITEM_FLAGGED = "item.flagged"
    ITEM_HELD = "item.held"
    HOLD_DECIDED = "hold.decided"
    WEBHOOK_MADE = "webhook.made"
    WEBHOOK_CHANGED = "webhook.changed"
    QUESTIONS_SET = "questions.set"
    ONBOARDING_MOVED = "onboarding.moved"
    TRIAL_BEGUN = "trial.begun"
    TRIAL_ENDED = "trial.ended"
    PROMOTION_PROPOSED = "promotion.proposed"
    PROMOTION_DECIDED = "promotion.decided"
    CALIBRATION_STARTED = "calibration.started"
    CALIBRATION_ANSWERED = "calibration.answered"
    CALIBRATION_MOVED = "calibration.moved"
    CALIBRATION_SAID = "calibration.said"
    CALIBRATION_AGREED = "calibration.agreed"
    CALIBRATION_MEASURED = "calibration.measured"
    PAY_RATE_SET = "pay.rate_set"
    PAY_STATED = "pay.stated"
    PAY_MOVED = "pay.moved"


@dataclass(frozen=True, slots=True)
class Entry:
    """One logged decision.

    `body` holds the facts of its kind: counts, seeds, policies, hashes and commitments.
    """

    kind: EntryKind
    at: datetime
    actor: str
    project: str
    object: str
    body: Mapping[str, builtins.object] = field(default_factory=lambda: MappingProxyType({}))
    v: int = ENTRY_VERSION

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("An entry's time carries its time zone.")
        if type(self.v) is not int or self.v != ENTRY_VERSION:
            raise ValueError(f"An entry is of version {ENTRY_VERSION}; got {self.v}.")


def to_plain(entry: Entry) -> dict[str, object]:
    """Return the entry as plain values, with its time in UTC to the microsecond."""
    return {
        "v": entry.v,
        "kind": entry.kind.value,
        "at": time_text(entry.at),
        "actor": entry.actor,
        "project": entry.project,
        "object": entry.object,
        "body": dict(entry.body),
    }


def from_plain(value: object) -> Entry:
    """Return the entry of a plain value.

    Raises
    ------
    ValueError
        If a key is missing or unknown, or a value is of the wrong form.
    """
    if not isinstance(value, Mapping) or value.keys() != FIELDS:
        raise ValueError(f"An entry has exactly the keys {', '.join(sorted(FIELDS))}.")
    for key in ("actor", "project", "object", "kind", "at"):
        if not isinstance(value[key], str):
            raise ValueError(f"The {key!r} of an entry is a text; got {value[key]!r}.")  # noqa: TRY004 (one family)
    if not isinstance(value["body"], Mapping):
        raise ValueError("The 'body' of an entry is an object.")  # noqa: TRY004 (one family)
    return Entry(
        kind=EntryKind(value["kind"]),
        at=time_from_text(value["at"]),
        actor=value["actor"],
        project=value["project"],
        object=value["object"],
        body=MappingProxyType(dict(value["body"])),
        v=value["v"],
    )


def leaf(entry: Entry) -> bytes:
    """Return the bytes that the tree hashes: the canonical JSON of the entry."""
    return canonical(to_plain(entry))


def withdrawn_by(entry: Entry) -> tuple[str, ...]:
    """Return the annotations that an `annotation.withdrawn` entry takes back."""
    together = entry.body.get("annotations")
    if isinstance(together, list | tuple):
        return (entry.object, *(str(one) for one in together if one != entry.object))
    return (entry.object,)


def commitment(salt: bytes, value: bytes) -> str:
    """Return SHA-256 of salt and value in hexadecimal: shows nothing now, proves the value later.

    Raises
    ------
    ValueError
        If the salt has another length than `SALT_BYTES`.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"A salt has {SALT_BYTES} bytes; got {len(salt)}.")
    return hashlib.sha256(salt + value).hexdigest()


def time_text(at: datetime) -> str:
    """Return a time as `2026-05-01T09:30:00.000000Z`: UTC, to the microsecond, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_from_text(text: str) -> datetime:
    """Return the time of a text that `time_text` wrote.

    Raises
    ------
    ValueError
        If the text is written in another way.
    """
    if not TIME.fullmatch(text):
        raise ValueError(f"A time is written like 2026-05-01T09:30:00.000000Z; got {text!r}.")
    return datetime.fromisoformat(text)
