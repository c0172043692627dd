"""Columns are recognized by what they hold; a name alone makes no column what it is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldseam.source.recognize import ColumnRole, recognize

ROWS = [
    {"id": str(n), "review": f"Film {n} is a quiet wonder.", "stars": "12345"[n % 5], "by": f"p{n}"} for n in range(30)
]


def test_a_table_of_reviews_is_read_as_a_person_would() -> None:
    found = {one.name: one for one in recognize(("id", "review", "stars", "by"), ROWS)}
    assert {name: one.role.value for name, one in found.items()} == {
        "id": "key", "review": "text", "stars": "label", "by": "metadata"
    }  # fmt: skip
    assert found["stars"].values == tuple((star, 6) for star in "12345")
    assert not found["by"].may_hold_labels


def test_an_id_that_repeats_is_no_key() -> None:
    found = recognize(("id", "text"), [{"id": "7", "text": f"words {n}"} for n in range(9)])
    assert found[0].role is ColumnRole.METADATA


@given(st.lists(st.fixed_dictionaries({name: st.text(max_size=40) for name in ("a", "label", "id")}), max_size=30))
def test_no_role_but_metadata_is_given_twice(rows: list[dict[str, str]]) -> None:
    roles = [one.role for one in recognize(("a", "label", "id"), rows) if one.role is not ColumnRole.METADATA]
    assert len(set(roles)) == len(roles)
    assert (ColumnRole.TEXT in roles) == any(cell.strip() for row in rows for cell in row.values())
