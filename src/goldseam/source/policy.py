"""Policy of the source stage.

In: the project file's `source`. Out: `Policy`. Never: a path; sources are named in `flow.settings`.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.vocab.errors import BadPolicy
from goldseam.vocab.items import Modality


@dataclass(frozen=True, slots=True)
class Policy:
    """How a raw record is read: which field is the item's text, which its key, which a gold label.

    `key` and `label` are empty where a source has none. `metadata` names the fields that are kept beside the text;
    `None` keeps all others.
    """

    kind: Modality = Modality.TEXT
    text: str = "text"
    key: str = ""
    label: str = ""
    metadata: tuple[str, ...] | None = None
    max_chars: int = 200_000

    def __post_init__(self) -> None:
        if not self.text:
            raise BadPolicy("source.text names the field that holds the item's text; it may not be empty.")
        if self.max_chars < 1:
            raise BadPolicy(f"source.max_chars is at least 1; got {self.max_chars}.")
        named = [name for name in (self.text, self.key, self.label) if name]
        if len(set(named)) != len(named):
            raise BadPolicy(f"source.text, source.key and source.label name different fields; got {named}.")
