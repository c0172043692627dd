"""Segments in the project file: short forms, errors that say where, and the schema that editors read."""

from __future__ import annotations

import pytest

from goldseam.flow.settings import json_schema, settings_from_plain, settings_to_plain
from goldseam.route.segments import Condition
from goldseam.vocab.errors import GoldseamError

BASE = {"name": "x", "schema": {"questions": [{"name": "m", "labels": ["a", "b"]}]}}
WHERE = {"domain": "med", "shelf": ["s1", "s2"], "year": {"min": 2000, "max": 2010}}


def test_a_condition_is_a_value_a_list_or_bounds_and_reads_back_the_same() -> None:
    found = settings_from_plain({**BASE, "segments": [{"name": "medical", "where": WHERE, "skills": ["medical:2"]}]})
    (segment,) = found.segments
    assert segment.where == {
        "domain": Condition(("med",)),
        "shelf": Condition(("s1", "s2")),
        "year": Condition(min=2000.0, max=2010.0),
    }
    assert settings_from_plain(settings_to_plain(found)) == found
    assert settings_from_plain(settings_to_plain(found, "left_out")) == found


@pytest.mark.parametrize(
    ("segment", "where", "said"),
    [
        ({"name": "m", "redundency": 3}, ("segments", 0, "redundency"), "Did you mean 'redundancy'"),
        ({"name": "m", "where": {"a": {"maxx": 1}}}, ("segments", 0, "where", "a", "maxx"), "Did you mean 'max'"),
        ({"name": "m", "where": {"a": 3}}, ("segments", 0, "where", "a"), "Put it in quotes"),
        ({"name": "m", "where": {"a": [3]}}, ("segments", 0, "where", "a", "values", 0), "Put it in quotes"),
        ({"name": "m", "where": ["a"]}, ("segments", 0, "where"), "is a mapping"),
        ({"name": "M x"}, ("segments", 0, "name"), "small letters"),
        ({"name": "m", "auto_at": 0.2, "single_at": 0.5}, ("segments", 0), "Segment 'm'"),
        ({"name": "m", "tier": "auto"}, ("segments", 0, "tier"), "one of single, consensus, expert"),
        ({"name": "m", "priority": 77}, ("segments", 0, "priority"), "-9 to 9"),
    ],
)
def test_a_wrong_segment_says_where_and_what_would_be_right(
    segment: dict[str, object], where: tuple[object, ...], said: str
) -> None:
    with pytest.raises(GoldseamError) as caught:
        settings_from_plain({**BASE, "segments": [segment]})
    assert said in caught.value.message
    assert caught.value.fields["path"] == where


def test_two_segments_of_one_name_are_refused() -> None:
    with pytest.raises(GoldseamError, match="Two segments") as caught:
        settings_from_plain({**BASE, "segments": [{"name": "m"}, {"name": "m"}]})
    assert caught.value.fields["path"] == ("segments", 1, "name")


def test_editors_are_told_of_segments() -> None:
    schema = json_schema()["properties"]
    whole, short = schema["segments"]["items"]["anyOf"]  # type: ignore[index]  # plain values
    assert short == {"type": "string"}
    condition = whole["properties"]["where"]["additionalProperties"]["anyOf"]
    assert [one["type"] for one in condition] == ["object", "string", "array"]
