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
    `None` keeps all others. Where items are candidates, `candidates` names the fields that hold them (one that holds a list,
    or one each) and `text` that of the prompt, empty for none; without it, `text` holds prompt and candidates as one object.
    """

    kind: Modality = Modality.TEXT
    text: str = "text"
    key: str = ""
    label: str = ""
    candidates: tuple[str, ...] = ()
    metadata: tuple[str, ...] | None = None
    max_chars: int = 200_000

    def __post_init__(self) -> None:
        if self.candidates and self.kind is not Modality.CANDIDATES:
            raise BadPolicy(f"source.candidates is for items of kind 'candidates'; source.kind is {self.kind.value!r}.")
        if not self.text and not self.candidates:
            raise BadPolicy("source.text names the field that holds the item's text; it may not be empty.")
        if self.max_chars < 1:
            raise BadPolicy(f"source.max_chars is at least 1; got {self.max_chars}.")
        named = self.taken
        if len(set(named)) != len(named):
            raise BadPolicy(f"source.text, key, label and candidates name different fields; got {named}.")

    @property
    def taken(self) -> list[str]:
        """The fields that are read as something else than metadata."""
        return [name for name in (self.text, self.key, self.label, *self.candidates) if name]
