"""Wire types of settings: the text of a project's file, and what another one would change.

In: JSON. Out: records whose lengths are bounded; a key that is not known is refused. Never: anything of another project's file.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from goldseam.edge.server.wire import Sent, Shown, Uuid7

Text = Annotated[str, StringConstraints(min_length=1, max_length=500_000)]


class SettingShown(Shown):
    """One setting: its value and its default, as JSON."""

    key: str
    value: str
    default: str


class SettingsShown(Shown):
    """The settings as a text; `read` goes back with a change of it."""

    version: int
    text: str
    read: str
    in_file: bool
    settings: list[SettingShown]


class PlanAsked(Sent):
    """A text whose changes are asked for."""

    text: Text


class SchemaChangeShown(Shown):
    """One change of the schema; `kind` is compatible, redefine or remove."""

    kind: str
    text: str


class LoadShown(Shown):
    """What a round asks for: answers, and what they cost where a price of an answer is set."""

    answers: int
    money: float | None


class PlanShown(Shown):
    """What the text would change."""

    nothing: bool
    changes_of_schema: list[SchemaChangeShown]
    changes_of_guideline: list[str]
    changes_of_settings: list[str]
    advice: list[str]
    before: LoadShown
    after: LoadShown


class SettingsSent(Sent):
    """A text that the project is to be."""

    id: Uuid7
    read: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    text: Text


class SettingsMade(Shown):
    """The versions that stand now."""

    schema_version: int
    guideline_version: int
    settings_version: Annotated[int, Field(ge=1)]
