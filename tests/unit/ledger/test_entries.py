"""Entries: what the log says, and what it hides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from goldseam.ledger import entries
from goldseam.ledger.canonical import parse
from goldseam.ledger.entries import Entry, EntryKind

AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def test_an_entry_comes_back_from_its_leaf() -> None:
    entry = Entry(EntryKind.ITEMS_DRAWN, AT, "p1", "j1", "d1", {"seed": 7, "n": 100})
    assert entries.from_plain(parse(entries.leaf(entry))) == entry


def test_the_same_moment_is_the_same_leaf_in_every_time_zone() -> None:
    east = AT.astimezone(timezone(timedelta(hours=9)))
    first, second = (Entry(EntryKind.ROUND_ENDED, at, "p1", "j1", "r1") for at in (AT, east))
    assert entries.leaf(first) == entries.leaf(second)


def test_an_entry_without_a_time_zone_cannot_be_born() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Entry(EntryKind.ROUND_ENDED, AT.replace(tzinfo=None), "p1", "j1", "r1")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "label.painted"},
        {"v": 2},
        {"v": True},
        {"at": "2026-05-01 09:30"},
        {"at": "2026-05-01T09:30:00.000000+00:00"},
        {"actor": 1},
        {"body": []},
        {"more": 1},
    ],
)
def test_an_entry_of_another_form_is_refused(change: dict[str, object]) -> None:
    plain = entries.to_plain(Entry(EntryKind.GOLD_SET, AT, "p1", "j1", "g1")) | change
    with pytest.raises(ValueError):
        entries.from_plain(plain)


def test_a_commitment_depends_on_salt_and_value() -> None:
    made = {entries.commitment(salt, value) for salt in (bytes(16), b"s" * 16) for value in (b"yes", b"no")}
    assert len(made) == 4


def test_a_salt_of_another_length_is_refused_since_it_could_move_bytes_into_the_value() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        entries.commitment(bytes(15), b"x")
