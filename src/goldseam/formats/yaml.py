"""YAML, the safe part: text to nodes that know their line, so that an error can name it.

In: the text of a project file. Out: a tree of `Node`. Never: a tag, an anchor or alias (they hide bombs), a key twice,
or `no` read as false: plain words are texts but for null, true and false; `007` is a text, 7 a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import yaml

from goldseam.vocab.errors import BadProjectFile

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 50
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?")
WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands; lines and columns count from 1."""

    value: Scalar | tuple[Node, ...] | Mapping[str, Node]
    line: int
    column: int


def load(text: str) -> Node:
    """Return the one document of a YAML text.

    Raises
    ------
    BadProjectFile
        If it is not YAML, or uses what is left out here; the message and `fields["line"]` name the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadProjectFile(f"The file has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed.")
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused((mark.line if mark else 0) + 1, error.problem or "this is not YAML") from error
    except yaml.YAMLError as error:
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        raise _refused(line, "a character that YAML does not allow") from error
    documents = [event for event in events if isinstance(event, yaml.DocumentStartEvent)]
    if not documents:
        raise _refused(1, "the file is empty")
    if len(documents) > 1:
        raise _refused(_line(documents[1]), "a second document starts here; one is allowed")
    rest = iter(events[2:])
    return _node(next(rest), rest, 0)


def plain(node: Node) -> object:
    """Return the values without their places: what `json.loads` would give."""
    if isinstance(node.value, Mapping):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(child) for child in node.value]
    return node.value


def find(node: Node, path: Sequence[str | int]) -> Node:
    """Return the node at a path of keys and places in lists, or the nearest above it that exists."""
    for step in path:
        below = _child(node, step)
        if below is None:
            break
        node = below
    return node


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.value, Mapping):
        return node.value.get(str(step))
    if isinstance(node.value, tuple) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    return None


def _node(event: yaml.Event, rest: Iterator[yaml.Event], depth: int) -> Node:
    line, column = _line(event), event.start_mark.column + 1 if event.start_mark else 1
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _refused(line, "anchors (&) and aliases (*) are not allowed; write the value out")
    tag = getattr(event, "tag", None)
    if tag:
        raise _refused(line, f"tags such as {tag!r} are not allowed")
    if depth > MAX_DEPTH:
        raise _refused(line, f"nested more than {MAX_DEPTH} deep")
    if isinstance(event, yaml.ScalarEvent):
        return Node(event.value if event.style else _scalar(event.value), line, column)
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(tuple(_children(rest, depth + 1)), line, column)
    return Node(_mapping(rest, depth + 1), line, column)


def _children(rest: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
    for event in rest:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield _node(event, rest, depth)


def _mapping(rest: Iterator[yaml.Event], depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for event in rest:
        if isinstance(event, yaml.MappingEndEvent):
            break
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise _refused(line, "a key is a plain text")
        _node(event, rest, depth)
        if event.value in found:
            first = found[event.value].line
            raise _refused(line, f"the key {event.value!r} stands twice (first with line {first})")
        # A value stands where its key does: a block below it begins a line later, and the mistake may be the key.
        found[event.value] = replace(_node(next(rest), rest, depth), line=line)
    return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _scalar(text: str) -> Scalar:
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if WHOLE.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    return text


def _refused(line: int, what: str) -> BadProjectFile:
    return BadProjectFile(f"Line {line}: {what}.", line=line)
