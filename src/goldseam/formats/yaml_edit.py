"""YAML written: plain values as a project file's text, and one top-level key of such a text replaced.

In: plain values; a text that `yaml.load` takes. Out: text that reads back to equal values. Never: a byte changed outside of the
key, or a text whose values are other than what was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml as pyyaml

from goldseam.formats import yaml
from goldseam.vocab.errors import BadProjectFile

WIDTH = 110


class _Words(pyyaml.SafeDumper):
    """Texts of several lines as blocks, so that rules are read as they were written; no references."""

    def ignore_aliases(self, data: object) -> bool:
        """Write everything out: our reader takes no alias."""
        return True


def _text(dumper: pyyaml.SafeDumper, text: str) -> pyyaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Words.add_representer(str, _text)


def written(plain: Mapping[str, Any]) -> str:
    """Return plain values as YAML, keys in the order given."""
    return pyyaml.dump(dict(plain), Dumper=_Words, sort_keys=False, allow_unicode=True, width=WIDTH)


def with_key(text: str, key: str, value: object) -> str:
    """Return the text of a project file with another value at one top-level key; all else stays as it was written.

    Raises
    ------
    BadProjectFile
        If the text is not written as one key a line, so that the key's place cannot be told from the rest.
    """
    wanted = {**_plain(text), key: value}
    if _is_json(text):
        return json.dumps(wanted, ensure_ascii=False, indent=2) + "\n"
    first, end = _lines_of(text, key)
    lines = text.splitlines(keepends=True)
    if first is None:
        before = text if text.endswith("\n") or not text else text + "\n"
        made = before + written({key: value})
    else:
        while not lines[end - 1].strip():  # blank lines below a block are not its own
            end -= 1
        made = "".join([*lines[: first - 1], written({key: value}), *lines[end:]])
    if _plain(made) != wanted:
        raise BadProjectFile(f"The project file is not written so that {key!r} can be replaced alone; edit it by hand.")
    return made


def _is_json(text: str) -> bool:
    """Return whether a text is JSON, which is YAML too; it is written whole, as it has no comments to lose."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _plain(text: str) -> dict[str, object]:
    found = yaml.plain(yaml.load(text))
    if not isinstance(found, dict):
        raise BadProjectFile("Line 1: a project file is a list of keys with their values.", line=1)
    return found


def _lines_of(text: str, key: str) -> tuple[int | None, int]:
    """Return the first line of a top-level key and the last line of its value; None and 0 if it is not there."""
    depth, first, last = 0, None, 0
    is_key = True
    for event in pyyaml.parse(text, Loader=pyyaml.SafeLoader):
        if isinstance(event, pyyaml.CollectionStartEvent):
            depth += 1
            continue
        if isinstance(event, pyyaml.CollectionEndEvent):
            depth -= 1
        elif not isinstance(event, pyyaml.ScalarEvent):
            continue
        if depth == 1 and is_key:
            if first is not None:
                break
            first = _marks(event)[0].line + 1 if getattr(event, "value", None) == key else None
            is_key = False
            continue
        if first is not None:
            last = max(last, _last_line(event))
        if depth == 1:
            is_key = True
    return first, last


def _last_line(event: pyyaml.Event) -> int:
    """Return the last line that belongs to an event; the end of a block is found only where the next thing begins."""
    start, end = _marks(event)
    if isinstance(event, pyyaml.CollectionEndEvent) and start.index == end.index:
        return 0
    return int(end.line) if end.column == 0 and end.line > start.line else int(end.line) + 1


def _marks(event: pyyaml.Event) -> tuple[Any, Any]:
    start, end = event.start_mark, event.end_mark
    assert start is not None and end is not None  # noqa: S101 - a parser gives both
    return start, end
