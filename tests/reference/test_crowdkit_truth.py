"""crowd-kit 1.4: majority, Wawa, Dawid-Skene, one-coin, GLAD and MACE say the same where they mean the same.

Where start, stop or smoothing differ, the peer is made to start, stop and smooth as we do, or our answer is put into the
peer's own equations. The tests at the end show where the peer is wrong.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("crowdkit", reason="crowd-kit is not installed")
pd = pytest.importorskip("pandas")

from crowdkit.aggregation import GLAD, KOS, MACE, DawidSkene, MajorityVote, OneCoinDawidSkene, Wawa  # noqa: E402 - after the skip where the peer is missing

from goldseam.stats import truth  # noqa: E402 - after the skip where the peer is missing
from goldseam.stats.votes import Votes  # noqa: E402 - after the skip where the peer is missing
from tests.unit.stats.test_real_crowds import crowd as real  # noqa: E402 - after the skip where the peer is missing

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
faulty = pytest.mark.skipif(not version("crowd-kit").startswith("1.4."), reason="these are faults of crowd-kit 1.4")


def drawn(seed: int, n_items: int = 40, n_annotators: int = 8, per_item: int = 5, n_labels: int = 3) -> Votes:
    """Draw a crowd; annotators and labels are numbered as they first appear, as crowd-kit numbers them."""
    rng = np.random.default_rng(seed)
    right = rng.integers(n_labels, size=n_items)
    skill = rng.uniform(0.45, 0.85, n_annotators)
    who = np.concatenate([rng.permutation(n_annotators)[:per_item] for _ in range(n_items)])
    item = np.repeat(np.arange(n_items), per_item)
    hit = rng.random(len(item)) < skill[who]
    label = np.where(hit, right[item], (right[item] + rng.integers(1, n_labels, size=len(item))) % n_labels)
    return numbered(Votes.from_arrays(item, who, label))


def numbered(votes: Votes) -> Votes:
    who, label = pd.factorize(votes.annotator)[0], pd.factorize(votes.label)[0]
    return Votes.from_arrays(votes.item, who, label, items=range(votes.n_items))


def frame(votes: Votes) -> pd.DataFrame:
    return pd.DataFrame({"task": votes.item, "worker": votes.annotator, "label": votes.label})


def table(probas: pd.DataFrame) -> np.ndarray:
    return probas.sort_index(axis=0).sort_index(axis=1).to_numpy()


# Counting


@pytest.mark.parametrize("seed", range(3))
def test_majority_is_the_same(seed: int) -> None:
    votes = drawn(seed, per_item=7)
    peer = MajorityVote().fit(frame(votes))
    found = truth.majority(votes)
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-12)
    untied = (found.posterior >= found.confidence[:, None]).sum(axis=1) == 1
    assert (found.label == peer.labels_.sort_index())[untied].all()


@pytest.mark.parametrize("seed", range(3))
def test_wawa_is_the_same_where_no_majority_is_tied(seed: int) -> None:
    votes = drawn(seed, n_labels=2)  # five votes, two labels
    skills = Wawa().fit(frame(votes)).skills_
    peer = MajorityVote().fit(frame(votes), skills=skills)  # what Wawa.predict does, where scikit-learn lets it
    assert truth.weighted(votes).posterior == pytest.approx(table(peer.probas_), abs=1e-12)
    given = truth.weighted(votes, skills.sort_index().to_numpy())
    assert given.posterior == pytest.approx(table(peer.probas_), abs=1e-12)


# Dawid-Skene and one-coin


def our_shares(data: pd.DataFrame, priors: pd.Series) -> pd.Series:
    """Shares of the labels with our one more vote spread over all of them."""
    n_items = data["task"].nunique()
    return (priors * n_items + 1 / len(priors)) / (n_items + 1)


class SameDawidSkene(DawidSkene):
    """crowd-kit's loop with our hundredth of a vote in each row of a confusion, and our shares."""

    @staticmethod
    def _m_step(data: pd.DataFrame, probas: pd.DataFrame, *_: object) -> pd.DataFrame:
        soft = data.join(probas, on="task").drop(columns="task").groupby(["worker", "label"]).sum()
        soft += 0.01 / probas.shape[1]
        return soft / soft.groupby("worker").sum()

    @staticmethod
    def _e_step(data: pd.DataFrame, priors: pd.Series, errors: pd.DataFrame) -> pd.DataFrame:
        return DawidSkene._e_step(data, our_shares(data, priors), errors)


class SameOneCoin(OneCoinDawidSkene):
    """crowd-kit's loop with our shares."""

    @staticmethod
    def _e_step(data: pd.DataFrame, priors: pd.Series, errors: pd.DataFrame) -> pd.DataFrame:
        return OneCoinDawidSkene._e_step(data, our_shares(data, priors), errors)


@pytest.mark.parametrize("n", [1, 2, 20])
def test_dawid_skene_is_the_same_step_by_step(n: int) -> None:
    votes = drawn(1, n_items=80)
    peer = SameDawidSkene(n_iter=n, tol=-np.inf).fit(frame(votes))
    assert len(peer.errors_) == votes.n_annotators * votes.n_labels, (
        "an annotator without a label shifts the peer's rows"
    )
    found = truth.dawid_skene(votes, smoothing=0.0, max_iterations=n, tolerance=0.0)
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-8)
    assert found.confusion is not None
    said = peer.errors_.sort_index().to_numpy().reshape(votes.n_annotators, votes.n_labels, votes.n_labels)
    assert found.confusion == pytest.approx(said.transpose(0, 2, 1), abs=1e-8)


@pytest.mark.parametrize("name", ["rte", "snow_temp"])
def test_dawid_skene_as_the_peer_has_it_differs_only_where_items_are_in_doubt(name: str, data_dir: Path) -> None:
    votes = real(data_dir / "crowd" / name).votes
    peer = table(DawidSkene(n_iter=30, tol=-np.inf).fit(frame(votes)).probas_)
    found = truth.dawid_skene(votes, smoothing=0.0, max_iterations=30, tolerance=0.0)
    sure = peer.max(axis=1) > 0.999
    assert (found.label == peer.argmax(axis=1))[sure].mean() > 0.98
    assert np.abs(found.posterior - peer).mean() < 0.02


@pytest.mark.parametrize("n", [1, 2, 20])
def test_one_coin_is_the_same_step_by_step(n: int) -> None:
    votes = drawn(2)
    peer = SameOneCoin(n_iter=n, tol=-np.inf).fit(frame(votes))
    found = truth.one_coin(votes, prior="learned", smoothing=0.0, max_iterations=n, tolerance=0.0)
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-8)
    assert found.reliability == pytest.approx(peer.skills_.sort_index().to_numpy(), abs=1e-8)


# GLAD


def peer_at(votes: Votes, found: truth.Glad) -> tuple[GLAD, pd.DataFrame]:
    """crowd-kit's GLAD put at our abilities and difficulties, after its own computation of the posterior."""
    peer, data = GLAD(), frame(votes)
    peer._init(data)
    peer.alphas_ = pd.Series(found.ability).reindex(peer.alphas_.index).rename_axis("worker")
    peer.betas_ = pd.Series(-np.log(found.difficulty)).reindex(peer.betas_.index).rename_axis("task")
    joined = peer._join_all(data, peer.alphas_, peer.betas_, peer.priors_)
    return peer, peer._e_step(joined)


@pytest.mark.parametrize("n", [1, 7])
def test_glad_has_the_peers_posterior_at_every_point(n: int) -> None:
    votes = drawn(3)
    found = truth.glad(votes, max_iterations=n, tolerance=0.0)
    peer, _ = peer_at(votes, found)
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-12)


def test_glad_ends_where_the_peers_own_gradient_vanishes() -> None:
    votes = drawn(3)
    peer, data = peer_at(votes, truth.glad(votes, max_iterations=1000, tolerance=1e-15))
    for slope in peer._gradient_Q(data):
        assert np.abs(slope).max() < 1e-5


@pytest.mark.slow
def test_glad_is_the_same_step_by_step_when_every_step_is_finished() -> None:
    votes = drawn(4, n_items=15, n_annotators=6, per_item=4)
    peer = GLAD(n_iter=2, tol=-np.inf, m_step_max_iter=400, m_step_tol=1e-11).fit(frame(votes))
    found = truth.glad(votes, max_iterations=1, sweeps=400)  # the peer's posterior is that before its last step
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "accuracy"), [("weather_cf", 0.88), ("labelme", 0.775)])
def test_glad_is_as_right_as_the_peer_on_real_crowds(name: str, accuracy: float, data_dir: Path) -> None:
    one = real(data_dir / "crowd" / name)
    peer = GLAD().fit(frame(one.votes)).labels_.sort_index().to_numpy()
    found = truth.glad(one.votes)
    assert (found.label == peer).mean() > 0.98
    assert (peer[one.item] == one.gold).mean() == pytest.approx(accuracy, abs=1.6e-3)
    assert (found.label[one.item] == one.gold).mean() == pytest.approx(accuracy, abs=1.6e-3)


# MACE


class SameMace(MACE):
    """crowd-kit's loop from our start instead of a random one."""

    def _initialize(self, n_workers: int, n_labels: int) -> None:
        super()._initialize(n_workers, n_labels)
        self.spamming_ = np.full((n_workers, 2), 0.5)
        self.thetas_ = np.full((n_workers, n_labels), 1 / n_labels)


UPDATES = {"variational": "vb", "em": "em"}


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("n", [1, 5, 20])
def test_mace_is_the_same_step_by_step(update: str, n: int) -> None:
    votes = drawn(1)
    peer = SameMace(n_restarts=1, n_iter=n, method=UPDATES[update]).fit(frame(votes))
    found = truth.mace(votes, update=update, max_iterations=n, tolerance=0.0)
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-8)


@pytest.mark.parametrize("name", ["weather_cf", "bluebirds"])
def test_mace_is_the_same_on_real_crowds(name: str, data_dir: Path) -> None:
    votes = in_the_peers_order(real(data_dir / "crowd" / name).votes)
    peer = SameMace(n_restarts=1, n_iter=20).fit(frame(votes))
    found = truth.mace(votes, max_iterations=20, tolerance=0.0)
    assert found.posterior == pytest.approx(table(peer.probas_), abs=1e-8)


def in_the_peers_order(votes: Votes) -> Votes:
    """The same votes, numbered as they first appear: by annotator, one with all labels first."""
    used = np.zeros((votes.n_annotators, votes.n_labels))
    used[votes.annotator, votes.label] = 1
    rank = np.argsort(np.argsort(-used.sum(axis=1), kind="stable"))
    order = np.lexsort((votes.label, rank[votes.annotator]))
    again = Votes(
        votes.items, votes.annotators, votes.labels, votes.item[order], votes.annotator[order], votes.label[order]
    )
    return numbered(again)


# Where the peer is wrong


@faulty
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_the_peers_mace_gives_no_numbers_for_many_votes_on_an_item() -> None:
    rng = np.random.default_rng(1)
    said = np.where(rng.random((4, 1500)) < 0.6, [[0], [1], [0], [1]], rng.integers(2, size=(4, 1500)))
    votes = Votes.from_matrix(said)
    peer = MACE(n_restarts=1, n_iter=2)
    with suppress(ValueError):  # newer pandas refuse to choose among NaN, older ones choose
        peer.fit(frame(votes))
    assert peer.probas_.isna().all(axis=None)
    assert truth.mace(votes).label.tolist() == [0, 1, 0, 1]


@faulty
def test_the_peers_mace_hangs_on_the_order_of_the_rows() -> None:
    """Its strategies are sorted by name, but read as if in the order of appearance: each goes to another annotator."""
    rng = np.random.default_rng(2)
    right = rng.integers(2, size=200)
    honest = np.where(rng.random((200, 3)) < 0.75, right[:, None], 1 - right[:, None])
    said = np.column_stack([honest, np.zeros((200, 2), dtype=int)])  # two who say the same always
    votes = Votes.from_matrix(said)
    order = np.argsort(-votes.annotator, kind="stable")
    rows = frame(votes)
    sorted_first = table(SameMace(n_restarts=1, n_iter=20).fit(rows).probas_)
    mixed_up = table(SameMace(n_restarts=1, n_iter=20).fit(rows.iloc[order]).probas_)
    assert np.abs(sorted_first - mixed_up).max() > 0.1
    mixed = Votes(
        votes.items, votes.annotators, votes.labels, votes.item[order], votes.annotator[order], votes.label[order]
    )
    assert truth.mace(mixed).posterior == pytest.approx(truth.mace(votes).posterior, abs=1e-12)


@faulty
def test_the_peers_mace_restarts_are_all_the_same_run_and_its_smoothing_counts_for_nothing() -> None:
    rows = frame(drawn(5))
    once, often = (MACE(n_restarts=n, n_iter=5).fit(rows).probas_ for n in (1, 3))
    assert (once == often).all(axis=None)
    little, much = (MACE(n_restarts=1, n_iter=5, method="em", smoothing=s).fit(rows).probas_ for s in (0.1, 50.0))
    assert (little == much).all(axis=None)
    votes = drawn(5)
    little, much = (truth.mace(votes, update="em", smoothing=s).posterior for s in (0.1, 50.0))
    assert np.abs(little - much).max() > 0.01


@faulty
def test_the_peers_dawid_skene_counts_a_repeated_row_twice() -> None:
    votes = drawn(6)
    rows = frame(votes)
    again = pd.concat([rows, rows[rows["worker"] == 0]])
    once, twice = (table(DawidSkene(n_iter=10).fit(one).probas_) for one in (rows, again))
    assert np.abs(once - twice).max() > 0.01
    repeated = Votes.from_frame(again, item="task", annotator="worker")
    assert truth.dawid_skene(repeated).posterior == pytest.approx(truth.dawid_skene(votes).posterior, abs=1e-12)


@faulty
def test_the_peers_kos_fails_where_its_messages_are_tied() -> None:
    rows = pd.DataFrame({"task": [0, 1], "worker": [0, 1], "label": ["a", "b"]})
    with pytest.raises(KeyError):
        KOS(n_iter=3).fit(rows)
    votes = Votes.from_frame(rows, item="task", annotator="worker")
    for method in truth.METHODS.values():
        assert method(votes).names() == ["a", "b"]
