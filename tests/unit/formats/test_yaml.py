"""YAML, the safe part: values with their lines, and nothing hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats import yaml
from goldseam.vocab.errors import BadProjectFile

TEXT = """\
# a project
name: moods
schema:
  questions:
    - name: mood
      labels: [yes, no, 007, 1, 1.5, -2e3, "3", ~]
      on: true
empty:
text: |
  two
  lines
"""


def test_values_are_read_without_surprises() -> None:
    assert yaml.plain(yaml.load(TEXT)) == {
        "name": "moods",
        "schema": {
            "questions": [{"name": "mood", "labels": ["yes", "no", "007", 1, 1.5, -2000.0, "3", None], "on": True}]
        },
        "empty": None,
        "text": "two\nlines\n",
    }


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("name",), 2),
        (("schema", "questions", 0, "labels", 1), 6),
        (("schema", "questions", 7), 4),
        (("nope",), 2),
    ],
)
def test_a_path_leads_to_its_line_or_to_the_nearest_above(path: tuple[str | int, ...], line: int) -> None:
    assert yaml.find(yaml.load(TEXT), path).line == line


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("a: 1\na: 2", 2, "stands twice"),
        ("a: &x 1\nb: 2", 1, "anchors"),
        ("a: 1\nb: *x", 2, "aliases"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']", 2, "tags"),
        ("a: !secret x", 1, "tags"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a: [1, 2", 1, "expected"),
        ("a: 1\n b: 2", 2, "mapping values"),
        ("\ta: 1", 1, "cannot start any token"),
        ("a: 1\nb: \0", 2, "does not allow"),
        ("? [1]\n: 2", 1, "a key is a plain text"),
        ("[" * 60 + "]" * 60, 1, "deep"),
        ("a: b: c", 1, "mapping values"),
    ],
)
def test_what_is_left_out_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(BadProjectFile) as caught:
        yaml.load(text)
    assert caught.value.fields["line"] == line
    assert message in caught.value.message
    assert caught.value.message.startswith(f"Line {line}: ")


def test_a_file_beyond_all_reason_is_refused() -> None:
    with pytest.raises(BadProjectFile, match="at most"):
        yaml.load("a" * (yaml.MAX_CHARACTERS + 1))


@given(st.text(st.sampled_from("ab:-[]{}'\"\n #&*!?|>,1.~"), max_size=30))
def test_whatever_comes_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        node = yaml.load(text)
    except BadProjectFile as error:
        assert error.fields["line"] >= 1
    else:
        assert 1 <= node.line <= text.count("\n") + 2
