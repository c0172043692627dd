"""Item: what is to be labeled; immutable, and known by its content hash.

In: a payload (text, or the hash of media bytes). Out: an `Item`. Never: the bytes of media, or a change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from goldseam.vocab.errors import BadValue

ProjectId = NewType("ProjectId", str)
ItemId = NewType("ItemId", str)
ContentHash = NewType("ContentHash", str)

ITEM_ID_DIGITS = 32
"""An item's id is the first 128 bits of its content hash: the same content has the same id in every project."""


class Modality(StrEnum):
    """What an item shows."""

    TEXT = "text"
    IMAGE = "image"
    HTML = "html"
    CHAT = "chat"
    CANDIDATES = "candidates"
    TABLE = "table"

    @property
    def is_media(self) -> bool:
        """Whether the content is the hash of bytes that are kept elsewhere; otherwise it is the content itself."""
        return self is Modality.IMAGE


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item came from: the source as it was named, the line or file, and the source's own key for it."""

    source: str
    line: int
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be labeled.

    `content` is the text itself (JSON for a chat, candidates or a table, as `formats.contents` writes it), or for media the
    SHA-256 of its bytes; `media_type` is empty for all but media.
    """

    modality: Modality
    content: str
    origin: Origin
    media_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not self.content:
            raise BadValue("An item needs content: a text, or the hash of its media.")
        if self.modality.is_media and not self.media_type:
            raise BadValue("An image needs its media type, such as image/png.")

    @property
    def content_hash(self) -> ContentHash:
        """SHA-256 over modality and content; metadata and origin do not count, so equal content is one item."""
        return content_hash(self.modality, self.content)

    @property
    def id(self) -> ItemId:
        """The first 32 hexadecimal digits of the content hash."""
        return ItemId(self.content_hash[:ITEM_ID_DIGITS])


def content_hash(modality: Modality, content: str) -> ContentHash:
    """Return the SHA-256 (hexadecimal) that an item of this content is known by."""
    return content_hashes(modality, (content,))[0]


def content_hashes(modality: Modality, contents: Iterable[str]) -> list[ContentHash]:
    """Return the content hash of each content, quickly."""
    head, sha256 = f"goldseam.item.v1\n{modality.value}\n".encode(), hashlib.sha256
    return [ContentHash(sha256(head + content.encode()).hexdigest()) for content in contents]
