"""The project file: one YAML that says what the project is; every mistake in it is named by its line.

In: the file's text. Out: `Settings`. Never: a guess at what a wrong key might have meant (it is said, not done).
"""

from __future__ import annotations

import json
from pathlib import Path

from goldseam.edge.home import Home
from goldseam.flow.settings import Settings, json_schema, settings_from_plain
from goldseam.formats import yaml
from goldseam.sample.policy import NEEDS_MODEL
from goldseam.vocab.errors import BadPolicy, BadProjectFile, GoldseamError
from goldseam.vocab.schema import QuestionKind

SCHEMA_FILE = "goldseam.schema.json"


def read(home: Home) -> Settings:
    """Return the settings of a home's project file.

    Raises
    ------
    BadProjectFile
        If it cannot be read; the message names the line, and the nearest known key for an unknown one.
    """
    try:
        data = home.project_file.read_bytes()
    except OSError as error:
        raise BadProjectFile(f"Cannot read {home.project_file}: {error.strerror}.") from error
    return parse(data, home.project_file)


def parse(data: bytes, path: Path) -> Settings:
    """Return the settings that a project file's bytes say."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadProjectFile(
            f"{path.name}, line {line}: not UTF-8 (byte 0x{data[error.start]:02x}).", line=line
        ) from error
    tree = yaml.load(text)
    try:
        return _followed(settings_from_plain(yaml.plain(tree)))
    except GoldseamError as error:
        where = error.fields.get("path", ())
        keys = tuple(where) if isinstance(where, tuple | list) else ()
        line = yaml.find(tree, keys).line
        message = f"{path.name}, line {line}: {error.message}"
        raise BadProjectFile(message, **{**error.fields, "line": line}) from error


def _followed(settings: Settings) -> Settings:
    """Return the settings, if what they ask for can be done with answers to their first question."""
    main = settings.schema.main
    if main.kind is QuestionKind.CHOICE:
        return settings
    asked = {
        ("annotate",): settings.annotate.stops is not None,
        ("qualification",): bool(settings.qualification.files or settings.qualification.gold),
        ("sample", "strategy"): settings.sample.strategy in NEEDS_MODEL,
    }
    for path, is_asked in asked.items():
        if is_asked:
            raise BadPolicy(
                f"{'.'.join(path)} as it stands needs labels, and the first question, {main.name!r}, is of kind "
                f"{main.kind.value!r}: leave it out, or put a choice before it.",
                path=path,
            )
    return settings


def write_schema(home: Home) -> Path:
    """Write the JSON Schema that gives editors completion, and return where it is."""
    path = home.hidden / SCHEMA_FILE
    path.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    return path
