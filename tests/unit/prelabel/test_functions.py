"""Labeling functions: with and without code, applied to a batch; a fault is an abstention with a reason."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import labeling_function
from goldseam.edge.runner.functions_workers import watching
from goldseam.prelabel import functions_apply
from goldseam.prelabel.functions_apply import Batch, apply
from goldseam.prelabel.functions_policy import Keywords, Lookup, Pattern, Policy
from goldseam.prelabel.functions_worth import changes, join, table
from goldseam.vocab.errors import BadPolicy

LABELS = ("neg", "pos")


def batch(*texts: str, metadata: str = "{}") -> Batch:
    return Batch(texts, [metadata] * len(texts))


def said(function: object, *texts: str, metadata: str = "{}") -> list[str | None]:
    codes = apply([function], batch(*texts, metadata=metadata), LABELS).codes[:, 0]  # type: ignore[list-item]  # what a file of functions holds
    return [None if code < 0 else LABELS[code] for code in codes.tolist()]


def test_keywords_are_whole_words_of_any_script_in_any_case_unless_asked_otherwise() -> None:
    words = Keywords("k", "pos", ("fun", "schön", "好"))
    assert said(words, "Fun!", "funny", "SCHÖN.", "unschön", "", "(好)", "好好") == [
        "pos",
        None,
        "pos",
        None,
        None,
        "pos",
        None,
    ]
    assert said(Keywords("k", "pos", ("fun",), match="anywhere"), "unfunny") == ["pos"]
    assert said(Keywords("k", "pos", ("Fun",), case="kept"), "fun", "Fun") == [None, "pos"]
    assert said(Keywords("k", "pos", ("a.b",)), "a.b", "aXb") == ["pos", None]


def test_a_lookup_and_a_field_read_metadata() -> None:
    metadata = '{"country": "DE", "n": 3}'
    assert said(Lookup("l", {"de": "pos"}, field="country"), "x", metadata=metadata) == ["pos"]
    assert said(Lookup("l", {"de": "pos"}, field="country", case="kept"), "x", metadata=metadata) == [None]
    assert said(Lookup("l", {"3": "neg"}, field="n"), "x", metadata=metadata) == ["neg"]
    assert said(Lookup("l", {"so so": "neg"}), " So so ", "so") == ["neg", None]
    assert said(Pattern("p", "pos", "^D", field="country"), "x", metadata=metadata) == ["pos"]
    assert said(Keywords("k", "pos", ("de",), field="lacking"), "de") == [None]


WORDS = st.lists(st.sampled_from(["a", "bc", "ab", "c a", "d1", "éa", "\n"]), max_size=8).map(" ".join)
PATTERNS = ("a", "^bc", r"ab\b", r"c\s*a", r"\d", "(?i)É", "a$", r"b.?c", "x|d")


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_patterns_looked_for_together_are_found_as_each_alone(texts: list[str]) -> None:
    functions = [Pattern(f"p{at}", "pos", one) for at, one in enumerate(PATTERNS)]
    codes = apply(functions, batch(*texts), LABELS).codes
    alone = [[1 if re.search(one, text) else -1 for one in PATTERNS] for text in texts]
    # Python lets '$' stand before a last line end too; RE2 does not.
    expected = [[row[at] if one != "a$" else (1 if text.endswith("a") else -1) for at, one in enumerate(PATTERNS)]
                for row, text in zip(alone, texts, strict=True)]  # fmt: skip
    assert codes.tolist() == expected


def test_where_the_automaton_runs_out_of_memory_patterns_are_looked_for_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Exhausted:
        @classmethod
        def SearchSet(cls, options: object) -> Exhausted:
            return cls()

        def Add(self, pattern: str) -> int:
            return 0

        def Compile(self) -> None: ...

        def Match(self, text: bytes) -> None:
            return None

    monkeypatch.setattr(functions_apply.re2, "Set", Exhausted)
    assert said(Pattern("p", "pos", "fun+"), "funny", "no") == ["pos", None]


def test_a_pattern_that_would_backtrack_for_ever_takes_no_time() -> None:
    assert said(Pattern("p", "pos", "(a+)+$"), "a" * 50_000 + "b") == [None]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: Pattern("p", "pos", "(a"), "no pattern of RE2"),
        (lambda: Pattern("p", "pos", "(?=a)"), "write such a function in Python"),
        (lambda: Pattern("p", "pos", "a*"), "every item"),
        (lambda: Pattern("p", "pos", "a" * 3_000), "3,000"),
        (lambda: Keywords("a b", "pos", ("x",)), "letters, digits"),
        (lambda: Keywords("k", "pos", ()), "at least one word"),
        (lambda: Lookup("l", {"A": "pos", "a": "neg"}), "differ by large and small"),
        (lambda: Policy(keywords=(Keywords("k", "pos", ("x",)),), patterns=(Pattern("k", "pos", "x"),)), "'k'"),
        (lambda: Policy(seconds=0), "functions.seconds"),
    ],
)
def test_a_function_that_cannot_be_right_is_refused_with_what_would_be(made: object, told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        made()  # type: ignore[operator]  # wrong on purpose


def test_whatever_a_function_raises_or_returns_wrong_is_an_abstention_with_its_reason() -> None:
    @labeling_function
    def moody(item):
        if "raise" in item.text:
            raise KeyError(item.text)
        return {"typo": "poss", "list": ["pos"], "good": "pos"}.get(item.text)

    found = apply([moody], batch("good", "raise me", "typo", "list", "", "good"), LABELS)
    assert found.codes[:, 0].tolist() == [1, -1, -1, -1, -1, 1]
    reasons = dict(found.faults[0])
    assert sum(reasons.values()) == 3
    assert any(re.fullmatch(r"KeyError in line \d+", one) for one in reasons)
    assert not any("raise me" in one for one in reasons), "the item's text does not stand in the reason"
    assert reasons["returned 'poss', which is no label"] == 1
    assert reasons["returned a list, which is no label"] == 1


def test_a_call_that_never_ends_is_ended_and_after_three_the_rest_of_the_batch_is_left_out() -> None:
    @labeling_function
    def stuck(item):
        while item.text == "stuck":
            try:
                re.match("(a+)+$", "a" * 40 + "b")  # backtracks for hours
            except Exception:
                continue
        return "pos"

    found = apply([stuck], batch("go", "stuck", "go", "stuck", "stuck", "go"), LABELS, watching(0.02))
    assert found.codes[:, 0].tolist() == [1, -1, 1, -1, -1, -1]
    assert dict(found.faults[0]) == {"took too long": 3, "left out: it took too long before": 1}


def test_the_decorator_names_a_function_and_leaves_it_callable() -> None:
    @labeling_function(name="other")
    def one(item):
        return item.metadata["a"]

    assert one.name == "other"
    assert said(one, "x", metadata='{"a": "pos"}') == ["pos"]
    with pytest.raises(BadPolicy, match="name is letters"):
        labeling_function(lambda item: "pos")


def crowd(n: int = 2_000, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Votes of five functions that are right 9, 8, 8, 7 and 2 times of 10 on half of the items."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    columns = []
    for right in (0.9, 0.8, 0.8, 0.7, 0.2):
        vote = np.where(rng.random(n) < right, truth, 1 - truth)
        columns.append(np.where(rng.random(n) < 0.5, vote, -1))
    return np.column_stack(columns).astype(np.int16), truth


def test_the_label_model_beats_the_best_function_and_says_nothing_where_all_abstain() -> None:
    codes, truth = crowd()
    joint = join(codes, list("abcde"), 2, Policy())
    assert (joint.label[joint.spoke] == truth[joint.spoke]).mean() > 0.8
    silent = ~(codes >= 0).any(axis=1)
    assert silent.any()
    assert (joint.label[silent] == -1).all()
    assert np.allclose(joint.proba[silent], 0.5)


def test_the_table_measures_each_function_on_gold_and_shows_where_it_is_wrong() -> None:
    codes, truth = crowd()
    gold = {row: int(truth[row]) for row in range(0, 2_000, 4)}
    names = list("abcde")
    found = table(codes, names, join(codes, names, 2, Policy()), gold, [{}] * 5, LABELS)
    rows = {one["name"]: one for one in found["functions"]}
    for name, right in zip(names, (0.9, 0.8, 0.8, 0.7, 0.2), strict=True):
        accuracy = rows[name]["accuracy"]
        assert accuracy["low"] <= right <= accuracy["high"], name
        told = [one for one in rows[name]["examples"] if one["by"] == "gold"]
        assert told
        for one in told:
            assert LABELS[truth[one["row"]]] == one["of"] != one["said"]
        at = names.index(name)
        n_wrong = sum(codes[row, at] >= 0 and codes[row, at] != label for row, label in gold.items())
        assert sum(pair["n"] for pair in rows[name]["wrong"]) == n_wrong
    assert rows["a"]["learned"] > rows["d"]["learned"] > rows["e"]["learned"]
    assert found["n_judged"] <= found["n_gold"] == 500


def test_changes_count_every_item_whose_suggestion_moves() -> None:
    before, after = np.array([0, 0, 1, -1, 1, -1]), np.array([0, 1, -1, 1, 0, -1])
    found = changes(before, after)
    assert sum(one.n for one in found) == 4
    assert {(one.before, one.after): one.rows for one in found} == {
        (0, 1): (1,), (1, None): (2,), (None, 1): (3,), (1, 0): (4,),
    }  # fmt: skip
    assert changes(after, after) == ()
