"""Log lines: the entries of a log as a release carries them, one canonical JSON object on each line.

In: entries, or the bytes of log.jsonl. Out: the other, with what is not right.
Never: a line that is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from goldseam.formats.fields import Fields, mapping
from goldseam.ledger import entries, merkle
from goldseam.ledger.canonical import parse
from goldseam.ledger.entries import Entry
from goldseam.vocab.errors import BadValue


@dataclass(frozen=True, slots=True)
class Logline:
    """One entry with its position in the log and its leaf hash, which was recomputed."""

    position: int
    entry: Entry
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Log:
    """The lines of a log, None where one cannot be read, and what is wrong: (where, what)."""

    lines: tuple[Logline | None, ...]
    problems: tuple[tuple[str, str], ...]

    def at(self, position: int) -> Logline | None:
        """Return the line of a position, if the log reaches so far and it can be read."""
        return self.lines[position] if 0 <= position < len(self.lines) else None


def write_log(log: Iterable[Entry]) -> bytes:
    """Return the lines of these entries, from position 0 on."""
    return b"".join(_lines(log))


def read_log(data: bytes) -> Log:
    """Return the lines of a log and, for each that is not right, its number and what is wrong with it."""
    lines: list[Logline | None] = []
    problems: list[tuple[str, str]] = []
    pieces = data.split(b"\n")
    if not data:
        problems.append(("", "the log is empty"))
    if pieces.pop():
        problems.append((f"line {len(pieces) + 1}", "the last line has no end"))
    for position, piece in enumerate(pieces):
        try:
            lines.append(_line(piece, position))
        except (ValueError, BadValue) as error:
            lines.append(None)
            problems.append((f"line {position + 1} (entry {position})", str(error)))
    return Log(tuple(lines), tuple(problems))


def _lines(log: Iterable[Entry]) -> Iterator[bytes]:
    for position, entry in enumerate(log):
        data = entries.leaf(entry)
        # Canonical, since the entry is and the keys stand in order.
        yield b'{"entry":%b,%b}\n' % (data, _tail(merkle.leaf_hash(data), position))


def _tail(leaf: bytes, position: int) -> bytes:
    return b'"leaf":"%b","position":%d' % (leaf.hex().encode(), position)


def _line(piece: bytes, position: int) -> Logline:
    fields = Fields(mapping(parse(piece), "A line"), "the line")
    plain_entry, leaf, found = fields.take("entry"), fields.text("leaf"), fields.integer("position")
    fields.end()
    if found != position:
        raise BadValue(f"its position is {found}, by its place in the file it is {position}")
    # The whole line is canonical, so the entry's own canonical bytes stand in it as they are.
    tail = len(f',"leaf":"{leaf}","position":{found}}}')
    computed = merkle.leaf_hash(piece[len(b'{"entry":') : -tail])
    if computed.hex() != leaf:
        raise BadValue("its leaf is not the hash of its entry")
    return Logline(position, entries.from_plain(plain_entry), computed)
