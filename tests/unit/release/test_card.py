"""Card: what people read about a release, with no name in it and no markup from outside."""

from __future__ import annotations

from dataclasses import replace

from goldseam.release import manifest as names
from goldseam.release.build import build
from tests.unit.release import made

LOG, LOGGED = made.opening_log()
CONTENTS = made.contents(len(LOG), LOGGED)
CARD = build(CONTENTS).files[names.CARD].decode()


def test_the_card_says_what_how_by_whom_and_how_good() -> None:
    for text in (
        "# Film moods, release 1",
        "3 settled labels on 3 items, from films.csv (2), posters (1).",
        "| mood | good | 2 | ████████████████████████ |",
        "| mood | bad | 1 | ████████████ |",
        "| ruling | consensus | 1 |",
        "5 annotations by 2 annotators",
        "0.610 [0.400, 0.800], over 3 items and 4 votes. Band: workable.",
        "Settled labels on gold: 0.750 [0.300, 0.950] (3 of 4).",
        "Single votes on gold: undefined (no gold was voted on).",
        "- few gold items",
        "| guideline | 2 |",
        f"goldseam verify . --key '{made.KEY.line}'",
    ):
        assert text in CARD


def test_the_card_names_no_annotator() -> None:
    assert "p1" not in CARD.replace(made.KEY.line, "")
    assert "p2" not in CARD


def test_what_was_not_measured_is_said() -> None:
    card = build(replace(CONTENTS, quality=None)).files[names.CARD].decode()
    assert "Not measured before this release." in card


def test_items_left_out_are_counted() -> None:
    card = build(replace(CONTENTS, n_left_out=7)).files[names.CARD].decode()
    assert "7 items are left out" in card


def test_a_projects_name_is_text_and_not_markup() -> None:
    card = build(replace(CONTENTS, project="<script>alert(1)</script> | [x](y)\n# y")).files[names.CARD].decode()
    first = card.splitlines()[0]
    assert "<script>" not in card.replace("\\<script\\>", "")
    assert first.startswith("# \\<script\\>")
    assert "\\# y, release 1" in first


def test_the_card_of_a_release_of_nothing_can_be_written() -> None:
    assert "0 settled labels" in build(replace(CONTENTS, rows=[], annotations=[])).files[names.CARD].decode()
