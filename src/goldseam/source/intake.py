"""Intake: raw records become items, or refusals that say why and keep the line.

In: raw records of `formats`, the policy. Out: `Accepted` and `Refused`, one per record, in order. Never: a bad record
that stops the rest, or one that is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from goldseam.formats.contents import READERS, content_of
from goldseam.formats.images import probe
from goldseam.formats.text import Raw, Unreadable
from goldseam.source.policy import Policy
from goldseam.vocab.errors import BadSource, BadValue, nearest
from goldseam.vocab.items import Item, ItemId, Modality, Origin

KEPT_TEXT = 10_000
"""Characters of a refused record's raw text that are kept."""

KEY_LENGTH = 500
"""A source's own key is no longer than this."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that became an item; `gold` is its label where the source brings one, else empty."""

    item: Item
    gold: str = ""

    @property
    def line(self) -> int:
        """The line it came from."""
        return self.item.origin.line


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot be labeled: its line, the reason, and the raw text (cut to a length that can be kept)."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A record whose content is an item already."""

    line: int
    item: ItemId


@dataclass(frozen=True, slots=True)
class Intake:
    """How a source was taken in."""

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0

    @property
    def n_records(self) -> int:
        """How many records there were."""
        return self.accepted + self.duplicate + self.refused

    def __add__(self, other: Intake) -> Intake:
        """Return the counts of both."""
        return Intake(self.accepted + other.accepted, self.duplicate + other.duplicate, self.refused + other.refused)


class _Wrong(Exception):
    """Why a record is refused, on its way from where that was found to the record."""


def check_fields(fields: Collection[str], policy: Policy, source: str, hint: str = "") -> None:
    """Check the header of a table before its rows; `hint` is what the reader guesses is wrong with the header.

    Raises
    ------
    BadSource
        If a field that the policy names is missing; with the nearest one and the hint.
    """
    wanted = [("text", policy.text), ("key", policy.key), ("label", policy.label)]
    wanted += [("candidates", name) for name in policy.candidates]
    wanted += [("metadata", name) for name in policy.metadata or ()]
    for setting, name in wanted:
        if name and name not in fields:
            shown = ", ".join(repr(field) for field in fields)
            shown = shown if len(shown) <= 300 else shown[:297] + "..."
            raise BadSource(
                f"{source} has no column {name!r} (named by source.{setting}); it has {shown}.{nearest(name, fields)}"
                + (f" {hint}" if hint else ""),
                source=source,
                column=name,
            )


def read(raw: Iterable[Raw | Unreadable], policy: Policy, source: str) -> Iterator[Accepted | Refused]:
    """Read records one by one, as they come; each gives an item or a refusal with its reason.

    Where the policy names a key, two records of the same key must have the same content: the second is refused
    otherwise.
    """
    seen: dict[str, tuple[int, ItemId]] = {}
    for record in raw:
        row = read_alone(record, policy, source)
        if isinstance(row, Accepted) and policy.key:
            try:
                _check_key(row, seen)
            except _Wrong as wrong:
                row = Refused(record.line, str(wrong), record.text[:KEPT_TEXT])
        yield row


def read_alone(record: Raw | Unreadable, policy: Policy, source: str) -> Accepted | Refused:
    """Read one record, whatever key the others have."""
    if isinstance(record, Unreadable):
        return Refused(record.line, record.reason, record.text[:KEPT_TEXT])
    try:
        return _accept(record, policy, source)
    except _Wrong as wrong:
        return Refused(record.line, str(wrong), record.text[:KEPT_TEXT])


def read_image(name: str, data: bytes, source: str, policy: Policy, line: int = 0) -> Accepted | Refused:
    """Read one image file; its content is the SHA-256 of its bytes, its key the file's name."""
    if policy.kind is not Modality.IMAGE:
        raise BadSource(f"{source} holds images, but source.kind is {policy.kind.value!r}.", source=source)
    if not data:
        return Refused(line, "the file is empty", name)
    try:
        facts = probe(data)
    except BadValue as bad:
        return Refused(line, bad.message, name)
    item = Item(
        modality=Modality.IMAGE,
        content=hashlib.sha256(data).hexdigest(),
        origin=Origin(source, line, name),
        media_type=facts.media_type,
        metadata=MappingProxyType({"width": str(facts.width), "height": str(facts.height)}),
    )
    return Accepted(item)


def sift(batch: Sequence[Accepted], known: Collection[ItemId]) -> tuple[tuple[Accepted, ...], tuple[Duplicate, ...]]:
    """Part a batch into new items and duplicates: of items already known, or of one earlier in the batch."""
    fresh: dict[ItemId, Accepted] = {}
    duplicates: list[Duplicate] = []
    for accepted in batch:
        item = accepted.item.id
        if item in known or item in fresh:
            duplicates.append(Duplicate(accepted.line, item))
        else:
            fresh[item] = accepted
    return tuple(fresh.values()), tuple(duplicates)


def _accept(record: Raw, policy: Policy, source: str) -> Accepted:
    content = _content(record.fields, policy)
    key = _scalar(record.fields, policy.key, "key") if policy.key else ""
    if len(key) > KEY_LENGTH:
        raise _Wrong(f"the key in field {policy.key!r} has {len(key):,} characters; {KEY_LENGTH} at most")
    gold = ""
    if policy.label and record.fields.get(policy.label) is not None:
        gold = _scalar(record.fields, policy.label, "label")
    item = Item(
        modality=policy.kind,
        content=content,
        origin=Origin(source, record.line, key),
        metadata=MappingProxyType(_metadata(record.fields, policy)),
    )
    return Accepted(item, gold)


def _content(fields: Mapping[str, object], policy: Policy) -> str:
    value = _with_candidates(fields, policy) if policy.candidates else _field(fields, policy.text)
    if policy.kind in READERS:
        try:
            value = content_of(policy.kind, value)
        except BadValue as bad:
            what = "record" if policy.candidates else f"field {policy.text!r}"
            raise _Wrong(f"the {what} does not hold {FORMS[policy.kind]}: {bad.message}") from bad
    if not isinstance(value, str):
        raise _Wrong(f"the field {policy.text!r} should be a text; it is {_kind(value)}")
    if not value.strip():
        raise _Wrong(f"the field {policy.text!r} is empty")
    if len(value) > policy.max_chars:
        raise _Wrong(f"the text has {len(value):,} characters; {policy.max_chars:,} at most (source.max_chars)")
    return _storable(value, policy.text)


def _field(fields: Mapping[str, object], name: str) -> object:
    if name not in fields:
        raise _Wrong(f"it lacks the field {name!r}{nearest(name, fields)}")
    return fields[name]


def _with_candidates(fields: Mapping[str, object], policy: Policy) -> dict[str, object]:
    """Return prompt and candidates, each from its field, as one object."""
    found = [_field(fields, name) for name in policy.candidates]
    candidates = found[0] if len(found) == 1 and isinstance(found[0], list) else found
    return {"prompt": _field(fields, policy.text) if policy.text else "", "candidates": candidates}


def _scalar(fields: Mapping[str, object], name: str, what: str) -> str:
    """Return a key or label as text; a number counts as its digits."""
    if name not in fields:
        raise _Wrong(f"it lacks the field {name!r}, which holds the {what}{nearest(name, fields)}")
    value = fields[name]
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Wrong(f"the {what} in field {name!r} should be a text or a whole number; it is {_kind(value)}")
    text = str(value).strip()
    if not text and what == "key":
        raise _Wrong(f"the key in field {name!r} is empty")
    return _storable(text, name)


def _metadata(fields: Mapping[str, object], policy: Policy) -> dict[str, str]:
    if policy.metadata is None:
        names = [name for name in fields if name not in policy.taken]
    else:
        names = [name for name in policy.metadata if name in fields]
    return {
        _storable(name, name): _storable(_as_text(fields[name]), name) for name in names if fields[name] is not None
    }


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _storable(text: str, field: str) -> str:
    """Return the text if every store can keep it: no NUL, and no half of a surrogate pair."""
    if "\0" in text:
        raise _Wrong(f"the field {field!r} holds a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Wrong("a field holds half of a surrogate pair, which is not text") from None
    return text


def _check_key(accepted: Accepted, seen: dict[str, tuple[int, ItemId]]) -> None:
    key, item = accepted.item.origin.key, accepted.item.id
    line, first = seen.setdefault(key, (accepted.line, item))
    if first != item:
        raise _Wrong(f"the key {key!r} stands on line {line} with another text")


FORMS: Mapping[Modality, str] = MappingProxyType(
    {Modality.CHAT: "a chat", Modality.CANDIDATES: "candidates", Modality.TABLE: "a table"}
)
KINDS: Mapping[type, str] = MappingProxyType(
    {
        type(None): "missing",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
)


def _kind(value: object) -> str:
    return KINDS.get(type(value), "something else")
