"""What labels are worth: wrong ones come first with whoever gave them, and go to other people once more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from goldseam.vocab.answers import Choice, LabelName
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

N, N_GOLD = 54, 14
WORDS = (("dull", "weak", "awful", "cold", "slow"), ("warm", "great", "fine", "lovely", "clever"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Settled labels of two people, one of whom says the contrary of what is right."""
    small.write_project(
        tmp_path, n_items=N, sample={"strategy": "random", "batch": 40}, gold=["gold.csv"], prelabel={"suggester": "none"},
        route={"redundancy": 1}, audit={"draws": 20, "gold_accuracy": 0.0},
    )  # fmt: skip
    small.write_rows(tmp_path / "items.csv", ["key", "text"], [[f"k{n}", _text(n)] for n in range(N)])
    small.write_rows(tmp_path / "gold.csv", ["key", "label"], [[f"k{n}", small.LABELS[n % 2]] for n in range(N_GOLD)])
    with small.opened(tmp_path) as project:
        small.run(project)
        good, bad = small.member(project, "good"), small.member(project, "bad")
        for person, right, count in ((bad, False, 4), (good, True, 100)):
            offers = project.lease(count, person).offers
            sent = []
            for offer in offers:
                truth = small.LABELS[int(offer.item.origin.key[1:]) % 2]
                said = truth if right else small.LABELS[1 - small.LABELS.index(truth)]
                sent.append(small.submission(project, offer, Choice(LabelName(said))))
            project.submit(sent, person)
        small.run(project)
    return tmp_path


def test_wrong_labels_are_the_worst_and_so_is_whoever_gave_them(home: Path) -> None:
    found = goldseam(home, "value", "--json").json
    assert found["n_gold"] == N_GOLD
    assert [one["name"] for one in found["annotators"]] == ["bad", "good"]
    assert found["annotators"][0]["value"] < 0 < found["annotators"][1]["value"]
    with small.opened(home) as project:
        truth = _truth(project)
    worst = found["items"][:4]
    assert all(one["label"] != truth[one["item"]] and one["value"] < 0 for one in worst)
    again = goldseam(home, "value", "--json").json
    assert again["items"] == found["items"]

    asked = goldseam(home, "value", "--relabel", "4")
    assert "4 items are asked about again" in asked.out
    with small.opened(home) as project:
        new = small.member(project, "new")
        assert {offer.item.id for offer in project.lease(10, new).offers} == {one["item"] for one in worst}


def test_without_gold_it_says_what_is_missing(tmp_path: Path) -> None:
    small.write_project(tmp_path)
    goldseam(tmp_path, "run")
    assert "valued by gold" in goldseam(tmp_path, "value").err


def _text(n: int) -> str:
    """Three of five words of a label's own, in an order of their own: like its fellows, and not the same."""
    words = WORDS[n % 2]
    return " ".join(words[at] for at in np.random.default_rng(n).permutation(len(words))[:3]) + f" {n}"


def _truth(project: small.Project) -> dict[str, str]:
    keys = project.keys()
    ids = project.item_ids(list(keys))
    return {item: small.LABELS[int(key[1:]) % 2] for item, key in zip(ids, keys.values(), strict=True)}
