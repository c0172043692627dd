"""Cells: what is worked out on pairs with votes alone equals what the whole table says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from goldseam.stats.truth import _cells
from goldseam.stats.truth.known import known_of
from goldseam.stats.votes import Votes

N_ITEMS, N_LABELS = 12, 4


def crowd(seed: int) -> Votes:
    """Votes with items on which all labels were said, some were, and none was."""
    rng = np.random.default_rng(seed)
    said = rng.integers(N_LABELS, size=(N_ITEMS, 6))
    said[rng.random(said.shape) < 0.4] = -1
    said[0], said[1] = -1, [0, 1, 2, 3, 0, 1]
    return Votes.from_matrix(said, labels=range(N_LABELS))


def prior_of(kind: str, rng: np.random.Generator) -> object:
    match kind:
        case "shares":
            return rng.dirichlet(np.ones(N_LABELS))
        case "per item":
            return rng.dirichlet(np.ones(N_LABELS), size=N_ITEMS)
        case "sure":
            return np.where(np.arange(N_LABELS) == rng.integers(N_LABELS, size=(N_ITEMS, 1)), 1.0, 1e-10)
        case _:
            return "flat"


@pytest.mark.parametrize("kind", ["flat", "shares", "per item", "sure"])
@pytest.mark.parametrize("gold", [{}, {0: 2, 1: 3, 2: 0, 5: 1}])
@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1.0, 30.0, 1000.0]))
def test_the_posterior_on_cells_is_that_of_the_whole_table(
    kind: str, gold: dict[int, int], seed: int, scale: float
) -> None:
    votes, rng = crowd(seed), np.random.default_rng(seed)
    known = known_of(votes, gold, prior_of(kind, rng), None)
    cells = _cells.cells_of(votes)
    lead = rng.normal(scale=scale, size=len(cells.item))
    base, _ = _cells.first_base(cells, known)
    belief = _cells.believe(cells, lead, base, known)

    assert known.prior is not None
    logits = np.zeros((N_ITEMS, N_LABELS)) + known.prior
    logits -= logsumexp(logits, axis=1, keepdims=True)
    logits[cells.item, cells.label] += lead
    evidence = logsumexp(logits, axis=1)
    posterior = np.exp(logits - evidence[:, None])
    for item, label in gold.items():
        posterior[item], evidence[item] = np.eye(N_LABELS)[label], logits[item, label]
    assert _cells.spread(cells, base, belief, known) == pytest.approx(posterior, abs=1e-9)
    assert belief.evidence == pytest.approx(evidence, rel=1e-9, abs=1e-9)
    totals = _cells.label_totals(cells, base, belief, known)
    assert totals == pytest.approx(posterior.sum(axis=0), rel=1e-6, abs=1e-7)
    assert belief.at_cell == pytest.approx(posterior[cells.item, cells.label], abs=1e-9)


def test_a_label_that_all_votes_deny_keeps_what_little_was_left_for_the_rest() -> None:
    votes = Votes.from_arrays([0], ["a"], [0], labels=[0, 1])
    known = known_of(votes, {}, [[1.0, 1e-11]], None)
    cells = _cells.cells_of(votes)
    base, _ = _cells.first_base(cells, known)
    belief = _cells.believe(cells, np.array([-2000.0]), base, known)
    assert _cells.spread(cells, base, belief, known).tolist() == [[0.0, 1.0]]
    assert belief.evidence == pytest.approx([np.log(1e-11)], rel=1e-9)


def test_keys_are_told_apart_alike_by_counting_and_by_sorting() -> None:
    key = np.random.default_rng(0).integers(50, size=200)
    by_counting = _cells.distinct(key.copy(), 50)
    by_sorting = _cells.distinct(key.copy(), 10**9)
    assert all(np.array_equal(one, two) for one, two in zip(by_counting, by_sorting, strict=True))
    place, of_key, n_said = by_counting
    assert (place[of_key] == key).all()
    assert n_said.sum() == 200


def test_learned_shares_come_from_the_votes_first_and_then_from_the_posterior() -> None:
    votes = Votes.from_arrays([0, 1, 2], ["a", "b", "c"], [0, 0, 1], labels=[0, 1])
    known = known_of(votes, {}, "learned", None)
    cells = _cells.cells_of(votes)
    base, power = _cells.first_base(cells, known)
    assert base.table == pytest.approx([2.5 / 4, 1.5 / 4])
    belief = _cells.believe(cells, np.zeros(3), base, known)
    after, _ = _cells.next_base(cells, base, belief, known, power)
    assert after.table == pytest.approx((3 * base.table + 0.5) / 4)
