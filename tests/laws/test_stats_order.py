"""Laws of order, numbers and distances: names and orders do not matter, opposites are opposite, bounds hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.stats import distance
from goldseam.stats.truth.numeric import numbers
from goldseam.stats.truth.order import preferences, ranking

NAMES = "abcde"
OPPOSITE = {"left": "right", "right": "left", "tie": "tie"}

pairs = st.tuples(
    st.integers(0, 4), st.integers(1, 4), st.sampled_from(["left", "right", "tie"]), st.integers(0, 3)
).map(lambda t: (NAMES[t[0]], NAMES[(t[0] + t[1]) % 5], t[2], t[3]))
comparisons = st.lists(pairs, min_size=1, max_size=25)
orders = st.lists(
    st.permutations(NAMES).flatmap(lambda order: st.integers(2, 5).map(lambda n: list(order[:n]))),
    min_size=1,
    max_size=8,
)
sets = st.lists(st.lists(st.sampled_from(NAMES), max_size=5, unique=True), min_size=2, max_size=12)
table = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-20, 20).map(float)), min_size=4, max_size=4), min_size=1, max_size=8
)


def compared(said: list[tuple[str, str, str, int]], **options):
    left, right, winner, who = zip(*said, strict=True)
    return preferences(left, right, winner, who, **options)


def by_name(found) -> dict[str, float]:
    return dict(zip(found.items.tolist(), found.strength.tolist(), strict=True))


def told(rows: list[list[float | None]], **options):
    entries = [(i, a, value) for i, row in enumerate(rows) for a, value in enumerate(row)]
    return numbers(*zip(*entries, strict=True), **options)


# comparisons


@settings(max_examples=15)
@given(said=comparisons, data=st.data())
def test_the_order_of_comparisons_changes_nothing(said, data) -> None:
    again = data.draw(st.permutations(said))
    assert by_name(compared(again)) == pytest.approx(by_name(compared(said)), abs=1e-5)


@settings(max_examples=15)
@given(said=comparisons)
def test_which_item_is_called_left_changes_nothing_where_sides_do_not_count(said) -> None:
    turned = [(right, left, OPPOSITE[winner], who) for left, right, winner, who in said]
    assert by_name(compared(turned)) == pytest.approx(by_name(compared(said)), abs=1e-5)


@settings(max_examples=15)
@given(said=comparisons, order=st.permutations(NAMES))
def test_renaming_items_renames_strengths(said, order) -> None:
    name = dict(zip(NAMES, order, strict=True))
    renamed = [(name[left], name[right], winner, who) for left, right, winner, who in said]
    wanted = {name[item]: strength for item, strength in by_name(compared(said)).items()}
    assert by_name(compared(renamed)) == pytest.approx(wanted, abs=1e-5)


@settings(max_examples=15)
@given(said=comparisons)
def test_opposite_answers_of_everyone_turn_the_order_around(said) -> None:
    left, right, winner, _ = zip(*said, strict=True)
    there = preferences(left, right, winner)
    back = preferences(left, right, [OPPOSITE[one] for one in winner])
    assert back.strength == pytest.approx(-there.strength, abs=1e-5)


@settings(max_examples=15)
@given(said=comparisons)
def test_a_comparison_without_an_answer_changes_nothing(said) -> None:
    more = [*said, ("a", "b", None, 0), ("c", "d", float("nan"), 9)]
    left, right, winner, _ = zip(*more, strict=True)
    found = by_name(preferences(left, right, winner))
    left, right, winner, _ = zip(*said, strict=True)
    before = by_name(preferences(left, right, winner))
    assert {item: found[item] for item in before} == pytest.approx(before, abs=1e-5)
    assert all(found[item] == 0 for item in found.keys() - before.keys())


@settings(max_examples=15)
@given(said=comparisons)
def test_strengths_are_finite_add_up_to_nothing_and_chances_to_one(said) -> None:
    found = compared(said, side="learned")
    assert np.isfinite(found.strength).all()
    for part in range(found.part.max() + 1):
        assert found.strength[found.part == part].sum() == pytest.approx(0, abs=1e-6)
    assert ((found.reliability > 0) & (found.reliability < 1)).all()
    for a in found.items:
        for b in found.items:
            one, other = found.chance(a, b), found.chance(b, a)
            if one.value is None:
                assert one.reason
                continue
            assert one.value + other.value + one.tie == pytest.approx(1)
            assert 0 <= one.low <= one.high <= 1


# rankings


@pytest.mark.parametrize("method", ["plackett_luce", "borda", "kemeny"])
@settings(max_examples=15)
@given(said=orders, data=st.data())
def test_the_order_of_rankings_changes_nothing(method, said, data) -> None:
    one, other = ranking(said, method=method), ranking(data.draw(st.permutations(said)), method=method)
    assert other.strength == pytest.approx(one.strength, abs=1e-5)
    assert other.disagreement == pytest.approx(one.disagreement)
    assert (one.tau.value is None) == (other.tau.value is None)


@settings(max_examples=15)
@given(said=orders)
def test_rankings_upside_down_give_borda_and_kemeny_upside_down(said) -> None:
    turned = [order[::-1] for order in said]
    assert ranking(turned, method="borda").strength == pytest.approx(1 - ranking(said, method="borda").strength)
    there, back = ranking(said, method="kemeny"), ranking(turned, method="kemeny")
    assert back.disagreement == pytest.approx(there.disagreement)
    assert back.n_best == there.n_best


@settings(max_examples=15)
@given(said=orders)
def test_kemeny_turns_around_no_more_pairs_than_any_other_method(said) -> None:
    best = ranking(said, method="kemeny")
    assert best.exact
    for method in ("borda", "plackett_luce"):
        assert best.disagreement <= ranking(said, method=method).disagreement + 1e-12


@settings(max_examples=15)
@given(said=st.lists(st.permutations(NAMES), min_size=2, max_size=8))
def test_tau_is_the_mean_over_pairs_of_rankings_and_w_lies_between_0_and_1(said) -> None:
    found = ranking(said, method="borda")
    place = np.argsort(np.array([[NAMES.index(one) for one in order] for order in said]), axis=1)
    lead = np.sign(place[:, :, None] - place[:, None, :])
    upper = np.triu_indices(5, 1)
    taus = [(lead[a][upper] * lead[b][upper]).mean() for a in range(len(said)) for b in range(a)]
    assert found.tau.value == pytest.approx(np.mean(taus))
    assert -1e-12 <= found.w.value <= 1 + 1e-12


@settings(max_examples=15)
@given(said=orders)
def test_two_items_at_a_time_plackett_luce_is_bradley_terry(said) -> None:
    ring = list(zip(NAMES, NAMES[1:] + NAMES[0], strict=True))
    two = [order[:2] for order in said] + ring + [(b, a) for a, b in ring]
    first, second = zip(*two, strict=True)
    one, other = ranking(two, spread=None), preferences(first, second, first, spread=None)
    assert one.strength == pytest.approx(other.strength, abs=1e-5)
    assert one.low == pytest.approx(other.low, abs=1e-4)
    assert one.log_likelihood == pytest.approx(other.log_likelihood)


# numbers


@settings(max_examples=8)
@given(rows=table, data=st.data())
def test_the_order_of_items_annotators_and_votes_changes_no_number(rows, data) -> None:
    lines = data.draw(st.permutations(range(len(rows))))
    columns = data.draw(st.permutations(range(4)))
    one, other = told(rows), told([[rows[i][a] for a in columns] for i in lines])
    assert other.value == pytest.approx(one.value[lines], rel=1e-2, abs=2e-2)
    assert other.bias == pytest.approx(one.bias[columns], rel=1e-2, abs=5e-2)


@settings(max_examples=8)
@given(rows=table, factor=st.sampled_from([0.01, 3.0, 1000.0]), shift=st.sampled_from([-50.0, 0.0, 7.0]))
def test_other_units_give_the_same_numbers_in_other_units(rows, factor, shift) -> None:
    moved = [[None if value is None else factor * value + shift for value in row] for row in rows]
    one, other = told(rows), told(moved)
    wanted = factor * one.value + (shift if one.reason != "There are no numbers." else 0.0)
    assert other.value == pytest.approx(wanted, rel=1e-4, abs=1e-4 * factor * 40)
    assert (one.low is None) == (other.low is None)


@settings(max_examples=8)
@given(rows=table)
def test_numbers_are_finite_and_inside_their_intervals_and_the_silent_change_nothing(rows) -> None:
    one = told(rows)
    assert np.isfinite(one.value).all()
    if one.low is None:
        assert one.reason
    else:
        assert (one.low <= one.value + 1e-9).all()
        assert (one.value <= one.high + 1e-9).all()
    silent = told([[*row, None] for row in rows] + [[None] * 5])
    assert silent.value[:-1] == pytest.approx(one.value, rel=1e-2, abs=2e-2)


# distances


@pytest.mark.parametrize("by", ["jaccard", "masi", "spans"])
@given(answers=sets)
def test_distances_of_sets_are_even_handed_bounded_and_0_for_equal_ones(by, answers) -> None:
    found = distance.table(answers, by).distances
    assert (found == found.T).all()
    assert ((found >= 0) & (found <= 1)).all()
    different = found[~np.eye(len(found), dtype=bool)]
    assert (np.diag(found) == 0).all()
    if by != "spans" and len({frozenset(one) for one in answers}) == len(found):
        assert (different > 0).all()


@given(texts=st.lists(st.text(alphabet="ab ", max_size=80), min_size=3, max_size=3))
def test_edits_from_one_text_to_another_are_no_more_than_by_way_of_a_third(texts) -> None:
    from goldseam.stats import _edit as edit

    coded = [np.array([ord(letter) for letter in one], dtype=np.int64) for one in texts]
    ab, bc, ac, ca = edit.distances(coded, np.array([0, 1, 0, 2]), np.array([1, 2, 2, 0])).tolist()
    assert ac == ca <= ab + bc


@settings(max_examples=15)
@given(
    answers=st.lists(st.lists(st.sampled_from(NAMES), max_size=3, unique=True), min_size=6, max_size=6), data=st.data()
)
def test_alpha_by_distance_does_not_depend_on_the_order_and_is_at_most_1(answers, data) -> None:
    entries = list(zip([0, 0, 1, 1, 2, 2], [0, 1, 0, 2, 1, 2], answers, strict=True))
    again = data.draw(st.permutations(entries))
    one = distance.by_distance(*zip(*entries, strict=True), "masi")
    other = distance.by_distance(*zip(*again, strict=True), "masi")
    assert (one.value is None) == (other.value is None)
    if one.value is not None:
        assert one.value == pytest.approx(other.value)
        assert one.value <= 1
