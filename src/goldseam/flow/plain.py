"""Plain values to frozen records and back, by the records' own fields.

In: what YAML or JSON gives (mappings, lists, texts, numbers, dates), and the record wanted. Out: the record; or the
plain values of one. Never: a list of keys written by hand, a value of the wrong type quietly changed, or an unknown key
ignored.

A record whose first field is a text, and whose other fields may all be left out, can be written as that text alone; one that
names a list of texts as `SHORT` can be written as that list alone, or as the one text in it.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, TypeVar

from goldseam.vocab.errors import GoldseamError, nearest

R = TypeVar("R")
Path = tuple[str | int, ...]
Refusal = type[GoldseamError]
Defaults = Literal["written", "left_out"]

SETTING = re.compile(r"(?:\w+\.)?(\w+)")


def build(record: type[R], value: object, error: Refusal, path: Path = ()) -> R:
    """Return the record that plain values say.

    Raises
    ------
    GoldseamError
        `error` for an unknown or missing key or a wrong type; what a record itself refuses is raised as it is. Both
        have `fields["path"]`, the keys and list positions that lead to the place.
    """
    hints = typing.get_type_hints(record)
    fields = {field.name: field for field in _fields(record)}
    if isinstance(value, str) and _can_be_text(record):
        value = {next(iter(fields)): value}
    short = getattr(record, "SHORT", None)
    if short and isinstance(value, str | list | tuple):
        value = {short: [value] if isinstance(value, str) else value}
    if not isinstance(value, Mapping):
        right = "a mapping with the keys " + ", ".join(fields)
        if short:
            right = f"{WORDS[str]}, a list of texts, or {right}"
        raise _wrong_type(f"{WORDS[str]}, or {right}" if _can_be_text(record) else right, value, error, path)
    for key in value:
        if key not in fields:
            raise _unknown_key(key, fields, error, path)
    for name, field in fields.items():
        if name not in value and not _has_default(field):
            place = where((*path, name))
            raise error(f"{place} is missing; it has no default.", path=path, key=name)
    parts = {key: _read(hints[key], part, error, (*path, key)) for key, part in value.items()}
    try:
        return record(**parts)
    except GoldseamError as refused:
        refused.fields.setdefault("path", _narrowed(path, refused.message, fields))
        raise


def flatten(record: object, defaults: Defaults = "written") -> dict[str, object]:
    """Return the plain values (of JSON's types only) that `build` reads back to an equal record."""
    found: dict[str, object] = {}
    for field in _fields(type(record)):
        value = getattr(record, field.name)
        if defaults == "left_out" and _has_default(field) and value == _default(field):
            continue
        found[field.name] = _plain(value, defaults)
    return found


def where(path: Path) -> str:
    """Return a path as people write it: `schema.questions[0].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "the project file"


def json_schema(record: type) -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of the plain values that `build` takes for a record."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": record.__name__, **_schema_of(record)}


# ---- reading -------------------------------------------------------------------------------------------------------
def _read(hint: Any, value: object, error: Refusal, path: Path) -> object:  # noqa: ANN401 - a type as typing gives it
    hint = _bare(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _read(_without_none(arguments), value, error, path)
    if origin is tuple:
        return _read_list(arguments[0], value, error, path)
    if origin is Mapping:
        return _read_mapping(arguments[1], value, error, path)
    if origin is Literal:
        return _read_member(arguments, value, error, path)
    if dataclasses.is_dataclass(hint):
        return build(typing.cast("type[object]", hint), value, error, path)
    if issubclass(hint, StrEnum):
        return hint(_read_member([member.value for member in hint], value, error, path))
    return _read_scalar(hint, value, error, path)


def _read_list(hint: object, value: object, error: Refusal, path: Path) -> tuple[object, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise _wrong_type("a list", value, error, path)
    return tuple(_read(hint, part, error, (*path, index)) for index, part in enumerate(value))


def _read_mapping(hint: object, value: object, error: Refusal, path: Path) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise _wrong_type("a mapping", value, error, path)
    for key in value:
        if not isinstance(key, str):
            raise error(f"A key of {where(path)} is a text; got {key!r}. Put it in quotes.", path=path)
    return {key: _read(hint, part, error, (*path, key)) for key, part in value.items()}


def _read_member(allowed: Sequence[str], value: object, error: Refusal, path: Path) -> str:
    if not isinstance(value, str):
        raise _wrong_type("one of " + ", ".join(allowed), value, error, path)
    if value not in allowed:
        hint = nearest(value, allowed)
        raise error(f"{where(path)} is one of {', '.join(allowed)}; got {value!r}.{hint}", path=path)
    return value


def _read_scalar(hint: type, value: object, error: Refusal, path: Path) -> object:
    if hint is date:
        return _read_date(value, error, path)
    if hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    elif type(value) is hint:
        return value
    raise _wrong_type(WORDS[hint], value, error, path)


def _read_date(value: object, error: Refusal, path: Path) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _wrong_type(WORDS[date], value, error, path) from None


WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date like 2027-01-31",
}


def _wrong_type(right: str, value: object, error: Refusal, path: Path) -> GoldseamError:
    shown = repr(value) if value is None or isinstance(value, str | int | float) else _kind(value)
    shown = {"None": "nothing", "True": "true", "False": "false"}.get(shown, shown)
    hint = ""
    if value is None:
        hint = " Leave the key out to have its default."
    elif right.startswith(WORDS[str]) and isinstance(value, int | float | date):
        hint = " Put it in quotes."
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return error(f"{where(path)} is {right}; got {shown}.{hint}", path=path)


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, Sequence) else f"{value}"


def _unknown_key(key: object, known: Mapping[str, object], error: Refusal, path: Path) -> GoldseamError:
    place = where((*path, str(key)))
    hint = nearest(str(key), known) or f" Its keys are {', '.join(known)}."
    whole = "the project file" if not path else where(path)
    return error(f"{place!r} is unknown: {whole} has no key {str(key)!r}.{hint}", path=(*path, str(key)))


def _narrowed(path: Path, message: str, fields: Mapping[str, object]) -> Path:
    """Return the path of the setting that a record's refusal begins with, if it begins with one."""
    found = SETTING.match(message)
    return (*path, found[1]) if found and found[1] in fields else path


# ---- writing -------------------------------------------------------------------------------------------------------
def _plain(value: object, defaults: Defaults) -> object:
    if dataclasses.is_dataclass(value):
        return flatten(value, defaults)
    if isinstance(value, tuple):
        return [_plain(part, defaults) for part in value]
    if isinstance(value, Mapping):
        return {key: _plain(part, defaults) for key, part in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


# ---- types ---------------------------------------------------------------------------------------------------------
def _fields(record: type) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(record)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _default(field: dataclasses.Field[Any]) -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _can_be_text(record: type) -> bool:
    first, *rest = _fields(record)
    return _bare(typing.get_type_hints(record)[first.name]) is str and all(map(_has_default, rest))


def _bare(hint: Any) -> Any:  # noqa: ANN401 - a type as typing gives it
    """Return what a `NewType` stands for."""
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    return hint


def _without_none(arguments: Sequence[Any]) -> Any:  # noqa: ANN401 - a type as typing gives it
    return next(argument for argument in arguments if argument is not type(None))


# ---- JSON Schema ---------------------------------------------------------------------------------------------------
JSON_TYPES: Mapping[type, Mapping[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
}


def _schema_of(hint: Any) -> dict[str, object]:  # noqa: ANN401 - a type as typing gives it
    hint = _bare(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_schema_of(_without_none(arguments)), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(arguments[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema_of(arguments[1])}
    if origin is Literal:
        return {"enum": list(arguments)}
    if dataclasses.is_dataclass(hint):
        return _record_schema(typing.cast("type", hint))
    if issubclass(hint, StrEnum):
        return {"enum": [member.value for member in hint]}
    return dict(JSON_TYPES[hint])


def _record_schema(record: type) -> dict[str, object]:
    hints = typing.get_type_hints(record)
    properties = {}
    for field in _fields(record):
        properties[field.name] = _schema_of(hints[field.name])
        if _has_default(field) and not dataclasses.is_dataclass(_default(field)):
            properties[field.name]["default"] = _plain(_default(field), "written")
    schema: dict[str, object] = {
        "type": "object",
        "description": " ".join((record.__doc__ or "").split("\n\n")[0].split()),
        "properties": properties,
        "required": [field.name for field in _fields(record) if not _has_default(field)],
        "additionalProperties": False,
    }
    if getattr(record, "SHORT", None):
        return {"anyOf": [schema, {"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    return {"anyOf": [schema, {"type": "string"}]} if _can_be_text(record) else schema
