"""A chart is one well-formed SVG that says its figures in words, too, and never anything that a name smuggles in."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from goldseam.formats.chart import HEIGHT, WIDTH, Series, lines

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.floats(-1e9, 1e9)


def test_a_gap_in_the_values_is_a_gap_in_the_line() -> None:
    drawn = ET.fromstring(lines("t", "x", "y", [Series("a", [1, 2, 3, 4], [0.1, 0.2, None, 0.9])]))
    (path,) = drawn.iter(f"{SVG}path")
    assert path.attrib["d"].count("M") == 2
    assert path.attrib["d"].count("L") == 1
    assert len(list(drawn.iter(f"{SVG}circle"))) == 3
    assert drawn.attrib["aria-label"] == "t: a from 0.1 to 0.9"


def test_more_is_further_up_and_later_is_further_right() -> None:
    drawn = ET.fromstring(lines("t", "x", "y", [Series("a", [1, 2], [0.1, 0.9])]))
    first, second = ((float(one.attrib["cx"]), float(one.attrib["cy"])) for one in drawn.iter(f"{SVG}circle"))
    assert first[0] < second[0]
    assert first[1] > second[1]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20), st.lists(st.tuples(NUMBERS, st.none() | NUMBERS), max_size=8))  # fmt: skip
def test_whatever_is_drawn_it_is_well_formed_and_inside(name: str, points: list[tuple[float, float | None]]) -> None:
    said = f'<script>"{name}</text>'.replace("\ufffe", "").replace("\uffff", "")
    series = Series(said, [x for x, _ in points], [y for _, y in points])
    drawn = ET.fromstring(lines(said, said, said, [series, Series("bound", [0.0, 1.0], [0.1, 0.1], steady=True)]))
    assert not list(drawn.iter(f"{SVG}script"))
    assert said in [one.text for one in drawn.iter(f"{SVG}text")]
    for one in drawn.iter(f"{SVG}circle"):
        assert 0 <= float(one.attrib["cx"]) <= WIDTH
        assert 0 <= float(one.attrib["cy"]) <= HEIGHT
