"""Fused spans and texts: small cases by hand, degenerate ones, what is refused, and a real crowd."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from goldseam.stats import overlap, truth
from goldseam.stats.truth._strings import alignments, bag_distances, characters, edit_distances, words
from goldseam.stats.votes import BadVotes

# --- spans ------------------------------------------------------------------------------------------------------------


def listed(found: truth.SpanTruth) -> list[tuple[object, int, int, object]]:
    rows = zip(found.item.tolist(), found.start.tolist(), found.end.tolist(), found.label.tolist(), strict=True)
    return [(found.items[item], start, end, found.labels[label]) for item, start, end, label in rows]


def test_spans_of_the_same_name_become_one_and_a_lone_one_is_left_out() -> None:
    found = truth.spans(
        ["t"] * 4, ["ann", "bob", "eve", "eve"], [0, 0, 0, 20], [5, 5, 4, 25], ["PER", "PER", "LOC", "LOC"]
    )
    assert listed(found) == [("t", 0, 5, "PER")]
    assert (found.n_votes.tolist(), found.n_looked.tolist()) == ([3], [3])
    assert found.span_of.tolist() == [0, 0, 0, -1]
    assert 0.5 < found.limits_posterior[0] < 1


def test_those_who_looked_and_marked_nothing_are_votes_against() -> None:
    item, annotator = ["t", "t"], ["ann", "bob"]
    alone = truth.spans(item, annotator, [3, 3], [5, 5], at_least=0)
    against = truth.spans(item, annotator, [3, 3], [5, 5], looked=(["t"] * 6, list("cdefgh")), at_least=0)
    assert against.confidence[0] < alone.confidence[0]
    assert against.n_looked.tolist() == [8]


def test_spans_do_not_cross_unless_they_may_be_nested() -> None:
    """Half the annotators mark the university, the other half only the town in it."""
    item = np.repeat(np.arange(6), 6)
    start, end = [0, 0, 0, 14, 14, 14] * 6, [20, 20, 20, 20, 20, 20] * 6
    flat = truth.spans(item, list("abcdef") * 6, start, end)
    assert flat.n_spans == 6
    assert (flat.n_votes == 6).all()
    nested = truth.spans(item, list("abcdef") * 6, start, end, nested=True)
    assert nested.n_spans == 12
    assert nested.start[:2].tolist() == [0, 14]


def test_of_spans_in_each_others_way_the_most_probable_set_is_kept() -> None:
    """Two that everybody marked, and one across both that one annotator did who marked nothing else."""
    rows = [(t, w, s, s + 4) for t in range(5) for w in "abcd" for s in (0, 6)] + [(t, "e", 2, 8) for t in range(5)]
    item, annotator, start, end = (list(column) for column in zip(*rows, strict=True))
    found = truth.spans(item, annotator, start, end, joined_at=0.5, at_least=0.01)
    assert found.start.tolist() == [0, 6] * 5


def test_limits_are_those_of_annotators_who_mark_exactly() -> None:
    """On most texts four agree; on the last, two careful ones stand against three careless."""
    rows = [(t, w, 0, 9 if w in "ab" or t % 2 else 12) for t in range(30) for w in "abcde"]
    rows += [(t, "f", 0, 9) for t in range(30)]
    rows += [(99, w, 0, 9) for w in "ab"] + [(99, w, 0, 12) for w in "cde"]
    item, annotator, start, end = (list(column) for column in zip(*rows, strict=True))
    # in half of the texts c, d and e agree on the wrong end; a, b and f never do
    found = truth.spans(item, annotator, start, end)
    assert found.exactness.shape == (6,)
    assert found.end[found.items[found.item] == 1].tolist() == [9]
    assert np.isfinite(found.limits_posterior).all()


def test_one_annotator_alone_and_no_span_at_all_are_said() -> None:
    alone = truth.spans(["t", "u"], ["a", "a"], [0, 4], [3, 9], ["X", "Y"])
    assert listed(alone) == [("t", 0, 3, "X"), ("u", 4, 9, "Y")]
    assert "one annotator" in alone.warnings[0]
    nothing = truth.spans([], [], [], [], looked=(["t"], ["a"]))
    assert (nothing.n_spans, nothing.log_likelihood, nothing.warnings) == (0, None, ("Nobody marked anything.",))


def test_an_annotator_who_marks_everything_at_random_is_seen_through() -> None:
    rng = np.random.default_rng(0)
    rows = [(t, w, s, s + 5) for t in range(60) for w in "abc" for s in (10, 40) if rng.random() < 0.9]
    rows += [(t, "z", int(s), int(s) + 5) for t in range(60) for s in rng.choice(np.arange(0, 95, 6), 4, replace=False)]
    item, annotator, start, end = (list(column) for column in zip(*rows, strict=True))
    found = truth.spans(item, annotator, start, end, joined_at=0.5)
    place = found.annotators.tolist().index("z")
    assert found.precision[place] < 0.3
    assert found.recall[place] < 0.5 < np.delete(found.recall, place).min()
    gold = [(10, 15, None), (40, 45, None)] * 60
    result = list(zip(found.start.tolist(), found.end.tolist(), [None] * found.n_spans, strict=True))
    assert overlap.span_f1(gold, result, items=(np.repeat(np.arange(60), 2), found.items[found.item])).value > 0.97


@pytest.mark.parametrize(
    ("change", "words_of_error"),
    [
        ({"start": [0]}, "1-D arrays"),
        ({"start": [0.5, 1.0]}, "whole numbers"),
        ({"end": [3, 1]}, "Span 1 runs from 1 to 1"),
        ({"item": ["t"]}, "item 1"),
        ({"label": [None, "X"]}, "Mark 0 has no label"),
        ({"at_least": 2}, "at_least=2"),
        ({"joined_at": -0.1}, "joined_at"),
    ],
)
def test_spans_that_do_not_fit_together_are_refused(change: dict[str, object], words_of_error: str) -> None:
    given = {"item": ["t", "t"], "annotator": ["a", "b"], "start": [0, 1], "end": [3, 4], "label": ["X", "X"]} | change
    with pytest.raises(BadVotes, match=words_of_error):
        truth.spans(**given)  # type: ignore[arg-type]  # wrong on purpose


def rows_of(path: Path) -> list[list[str]]:
    if not path.exists():
        pytest.skip(f"real data is not here: {path.name}")
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[1:]


def spans_of(tagged: list[tuple[tuple[str, ...], int, str]]) -> list[tuple[tuple[str, ...], int, int, str]]:
    """Spans of tokens (who and where, number, BIO tag) that come in order; an I without a B begins a span too."""
    found: list[tuple[tuple[str, ...], int, int, str]] = []
    last: tuple[tuple[str, ...], int, str] = ((), -1, "O")
    for where, place, tag in tagged:
        goes_on = tag.startswith("I-") and last[0] == where and last[1] == place - 1 and last[2][2:] == tag[2:]
        if goes_on:
            found[-1] = (*found[-1][:2], place + 1, tag[2:])
        elif tag != "O":
            found.append((where, place, place + 1, tag[2:]))
        last = (where, place, tag)
    return found


@pytest.mark.slow
def test_names_in_the_news_are_found_better_than_token_by_token(data_dir: Path) -> None:
    """Span F1, token by token: majority 0.663, Dawid-Skene 0.732, EBCC 0.744."""
    folder = data_dir / "crowd" / "conll_ner_crowd"
    said = [((r[1], r[3], r[2]), int(r[4]), r[6]) for r in rows_of(folder / "tokens_annotations.csv.gz")]
    looked = {(where[:2], where[2]) for where, _, _ in said}
    marked = spans_of(said)
    seen = {item for item, _ in looked}
    gold = spans_of(
        [((r[1], r[2]), int(r[3]), r[5]) for r in rows_of(folder / "tokens_gold.csv.gz") if (r[1], r[2]) in seen]
    )
    found = truth.spans(
        [where[:2] for where, *_ in marked], [where[2] for where, *_ in marked],
        [start for _, start, _, _ in marked], [end for _, _, end, _ in marked], [label for *_, label in marked],
        looked=tuple(zip(*sorted(looked), strict=True)),
    )  # fmt: skip
    result = [(start, end, label) for _, start, end, label in listed(found)]
    items = ([where for where, *_ in gold], [found.items[k] for k in found.item])
    assert overlap.span_f1([span for _, *span in gold], result, items=items).value > 0.76


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two", "distance"), [("kitten", "sitting", 3), ("intention", "execution", 5), ("", "abc", 3), ("abc", "abc", 0), ("𝄞a", "a", 1)]
)  # fmt: skip
def test_edit_distances_by_the_books(one: str, two: str, distance: int) -> None:
    first, second = np.array([0]), np.array([1])
    assert edit_distances(characters([one, two]), first, second).tolist() == [distance]
    assert edit_distances(characters([two, one]), first, second).tolist() == [distance]


def test_long_and_short_texts_are_measured_together(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["ab" * 40, "ab" * 39, "", "b", "a" * 20]
    first, second = np.array([0, 0, 2, 3, 4, 0]), np.array([1, 2, 3, 4, 0, 0])
    wanted = [2, 80, 1, 20, 60, 0]
    assert edit_distances(characters(texts), first, second).tolist() == wanted
    monkeypatch.setattr("goldseam.stats.truth._strings._CELLS", 1)
    assert edit_distances(characters(texts), first, second).tolist() == wanted
    monkeypatch.setattr("goldseam.stats.truth._strings._LONGEST_SHORT", 1)
    assert edit_distances(characters(texts), first, second).tolist() == wanted


def test_bags_do_not_ask_for_the_order_of_words() -> None:
    sequences = words(["a b c", "c b a", "a b d e", "", "", "a a"])
    first, second = np.array([0, 0, 0, 3, 0]), np.array([1, 2, 3, 4, 5])
    assert bag_distances(sequences, first, second) == pytest.approx([0, 3 / 7, 1, 0, 1 - 2 / 5])


def test_words_line_up_with_the_fewest_changes() -> None:
    sequences = words(["the cat sat", "a cat sat down"])
    _, ours, theirs = alignments(sequences, np.array([0]), np.array([1]))
    assert list(zip(ours.tolist(), theirs.tolist(), strict=True)) == [(0, 0), (1, 1), (2, 2), (-1, 3)]


def test_the_text_nearest_to_the_others_is_chosen() -> None:
    found = truth.texts(["i"] * 3, list("abc"), ["the cat sat", "the cat sad", "a dog ran far"])
    assert found.text[0] in ("the cat sat", "the cat sad")
    assert found.n_votes.tolist() == [3]
    assert found.text == (["the cat sat", "the cat sad", "a dog ran far"][found.given[0]],)


def test_one_reliable_annotator_outweighs_two_who_are_not() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for t in range(40):
        right = "".join(rng.choice(list("abcdefgh"), 20))
        for w, wrong in (("good", 0), ("fair", 2), ("poor", 9), ("bad", 9)):
            letters = list(right)
            for k in rng.choice(20, wrong, replace=False):
                letters[k] = chr(rng.integers(0x400, 0x500))  # nobody errs in the same letter
            rows.append((t, w, "".join(letters)))
    rows += [(99, "good", "abcdabcdabcdabcd"), (99, "poor", "hhhhhhhhgggggggg"), (99, "bad", "hhhhhhhhggggffff")]
    item, annotator, text = (list(column) for column in zip(*rows, strict=True))
    found = truth.texts(item, annotator, text)
    by_name = dict(zip(found.annotators.tolist(), found.reliability.tolist(), strict=True))
    assert by_name["good"] > by_name["fair"] > by_name["poor"]
    assert by_name["good"] > 0.95
    assert by_name["poor"] == pytest.approx(1 - 9 / 20, abs=0.1)
    assert found.text[found.items.tolist().index(99)] == "abcdabcdabcdabcd"


def test_words_are_merged_from_all_texts() -> None:
    heard = ["the cat sat on", "the bat sat on it", "a cat sat on it"]
    found = truth.texts(["i"] * 3, ["ann", "bob", "eve"], heard, how="merge")
    assert found.text == ("the cat sat on it",)
    assert found.given.tolist() == [-1]
    assert 0.5 < found.confidence[0] < 1


def test_a_merged_text_that_someone_gave_names_that_vote() -> None:
    found = truth.texts(["i"] * 3, list("abc"), ["a b", "a b c", "a b c"], how="merge")
    assert (found.text, found.given.tolist()) == (("a b c",), [1])


def test_the_last_text_of_an_annotator_counts() -> None:
    found = truth.texts(["i", "i", "i"], ["a", "a", "b"], ["first", "second", "second"])
    assert (found.text, found.n_votes.tolist()) == (("second",), [2])


def test_a_text_alone_is_the_result_with_a_warning_and_nothing_is_nothing() -> None:
    alone = truth.texts(["i"], ["a"], ["only this"])
    assert (alone.text, alone.given.tolist()) == (("only this",), [0])
    assert 0 < alone.confidence[0] < 1
    assert "one annotator" in alone.warnings[0]
    nothing = truth.texts([], [], [])
    assert (nothing.text, nothing.warnings) == ((), ("Nobody marked anything.",))
    assert truth.texts([], [], [], how="merge").text == ()


def test_empty_texts_are_texts() -> None:
    for how in ("choose", "merge"):
        found = truth.texts(["i"] * 3 + ["j"] * 3, list("abc") * 2, ["", "", "a word", "", "x y", "x y"], how=how)
        assert found.text == ("", "x y")
        assert np.isfinite(found.confidence).all()


def test_annotators_whose_texts_share_nothing_leave_finite_numbers() -> None:
    found = truth.texts([1, 1, 2, 2], ["a", "b", "a", "b"], ["aaa", "bbb", "ccc", "ddd"])
    for numbers in (found.confidence, found.likeness, found.reliability):
        assert np.isfinite(numbers).all()
    assert (found.reliability < 0.2).all()


@pytest.mark.parametrize(
    ("change", "words_of_error"),
    [
        ({"text": ["x", None]}, "Text 1 is None"),
        ({"text": ["x"]}, "item 2"),
        ({"how": "vote"}, "'choose' or 'merge'"),
        ({"unit": "tokens"}, "'characters', 'words' or 'bags'"),
    ],
)
def test_texts_that_do_not_fit_together_are_refused(change: dict[str, object], words_of_error: str) -> None:
    given = {"item": ["i", "i"], "annotator": ["a", "b"], "text": ["x", "y"]} | change
    with pytest.raises(BadVotes, match=words_of_error):
        truth.texts(**given)  # type: ignore[arg-type]  # wrong on purpose
