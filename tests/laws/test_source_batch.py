"""Laws of intake in columns: whatever the bytes, and wherever they are cut, the verdicts are those of one record at a time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.formats import pieces
from goldseam.formats.pieces import Piece, csv_pieces
from goldseam.formats.text import Raw, Unreadable, csv_records
from goldseam.source.batch import Keys, from_piece, from_raw, object_text
from goldseam.source.intake import Accepted, Refused, read
from goldseam.source.policy import Policy
from goldseam.source.runs import Runs

POLICY = Policy(text="text", key="id", label="gold", max_chars=12)
CELL = st.one_of(
    st.text(st.sampled_from("ab ,\"\né'\r"), max_size=14).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.text(st.sampled_from("abcé \"'"), max_size=14),
    st.sampled_from(["", " ", "x", "y"]),
)
LINES = st.lists(st.lists(CELL, min_size=3, max_size=5).map(",".join), max_size=25)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@settings(max_examples=150)
@given(lines=LINES, end=st.sampled_from(["\n", "\r\n"]), piece=st.integers(5, 90), chunk=st.integers(1, 40))
def test_columns_give_the_verdicts_that_records_give(lines: list[str], end: str, piece: int, chunk: int) -> None:
    data = end.join(["id,text,gold,site", *lines]).encode()
    expected = list(read(csv_records([data]), POLICY, "a.csv"))
    keys, accepted, refused = Keys(), [], []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "PIECE", piece)
        for one in csv_pieces(cut(data, chunk)):
            made = from_piece(one, POLICY, "a.csv") if isinstance(one, Piece) else from_raw(one, POLICY, "a.csv")
            batch = made.without(keys.clashes(made))
            columns = (batch.lines, batch.contents, batch.keys, batch.gold, batch.metadata, batch.hashes)
            accepted += zip(*columns, strict=True)
            refused += [(bad.line, bad.reason) for bad in batch.refused]
    good = [row for row in expected if isinstance(row, Accepted)]
    assert accepted == [
        (r.line, r.item.content, r.item.origin.key, r.gold, object_text(r.item.metadata), r.item.content_hash)
        for r in good
    ]
    assert refused == [(row.line, row.reason) for row in expected if isinstance(row, Refused)]


@settings(max_examples=80)
@given(lines=LINES, piece=st.integers(5, 90))
def test_pieces_hold_the_records_that_the_strict_reader_reads(lines: list[str], piece: int) -> None:
    data = "\n".join(["id,text,gold,site", *lines]).encode()
    found: list[Raw | Unreadable] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "PIECE", piece)
        for one in csv_pieces(cut(data, 7)):
            found += one.raw(range(one.n_rows)) if isinstance(one, Piece) else one
    assert [(row.line, getattr(row, "fields", None)) for row in found] == [
        (row.line, getattr(row, "fields", None)) for row in csv_records([data])
    ]


@given(st.lists(st.lists(st.integers(0, 40), unique=True, max_size=12), max_size=12))
def test_runs_know_just_the_numbers_that_were_added_with_their_first_facts(batches: list[list[int]]) -> None:
    import numpy as np

    runs, known = Runs(1), dict[int, int]()
    for at, batch in enumerate(batches):
        numbers = np.array(batch, np.uint64)
        facts, found = runs.find(numbers)
        assert found.tolist() == [number in known for number in batch]
        assert [int(fact) for fact in facts[found, 0]] == [known[number] for number in batch if number in known]
        fresh = numbers[~found]
        runs.add(fresh, np.full((len(fresh), 1), at, np.uint64))
        known |= dict.fromkeys(fresh.tolist(), at)
        assert len(runs) == len(known)
