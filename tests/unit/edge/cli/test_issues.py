"""Label issues of two files, by command: what the library finds, by item or by row, and what is said when files do not fit."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from goldseam.formats.parquet import write_table
from goldseam.stats import noise
from tests.unit.edge.cli.call import Said, goldseam
from tests.unit.edge.cli.test_statistics import refused, write

NAMES = ["cat", "dog", "owl"]
RNG = np.random.default_rng(5)
TRUTH = RNG.integers(3, size=200)
WRONG = np.arange(0, 200, 20)
GIVEN = TRUTH.copy()
GIVEN[WRONG] = (GIVEN[WRONG] + 1) % 3
PROBA = np.full((200, 3), 0.05)
PROBA[np.arange(200), TRUTH] = 0.9
PROBA = (PROBA + RNG.random((200, 3)) * 0.05).round(6)
PROBA[:, 2] += 1 - PROBA.sum(axis=1)
PROBA = np.clip(PROBA, 0.0, 1.0)
PROBA /= PROBA.sum(axis=1, keepdims=True)
ITEMS = [f"img {at}" for at in range(200)]
SOURCES = np.array(["web", "phone"])[(np.arange(200) % 40 >= 20).astype(int)]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    rows = [[item, NAMES[label], source] for item, label, source in zip(ITEMS, GIVEN, SOURCES, strict=True)]
    write(tmp_path / "labels.csv", ["image", "label", "source"], rows)
    write(
        tmp_path / "proba.csv",
        ["image", *NAMES],
        [[item, *map(str, row)] for item, row in zip(ITEMS, PROBA, strict=True)],
    )
    return tmp_path


def items_of(said: Said) -> list[str]:
    return [row["item"] for row in said.json["issues"]]


def test_issues_are_what_the_library_finds(here: Path) -> None:
    said = goldseam(here, "issues", "labels.csv", "proba.csv", "--json")

    wanted = noise.label_issues(GIVEN, PROBA)
    assert items_of(said) == [ITEMS[at] for at in wanted.index]
    assert set(items_of(said)) >= {ITEMS[at] for at in WRONG}
    assert [row["suggested"] for row in said.json["issues"]] == [NAMES[at] for at in wanted.suggested]
    assert [row["score"] for row in said.json["issues"]] == pytest.approx(wanted.score.tolist(), abs=1e-6)
    assert said.json["n_expected"] == pytest.approx(wanted.n_expected, abs=1e-6)
    assert (said.json["n_items"], said.json["labels"]) == (200, NAMES)


def test_people_see_how_many_are_expected_and_why_each(here: Path) -> None:
    said = goldseam(here, "issues", "labels.csv", "proba.csv", "--top", "3").out

    assert "200 labels of 3 kinds" in said
    assert "read: item from 'image', label from 'label'" in said
    assert "are expected to be wrong" in said
    assert "model: given, suggested" in said
    assert said.count("img ") == 3


def test_probabilities_are_matched_by_item_in_any_order_and_under_any_prefix(here: Path) -> None:
    wanted = items_of(goldseam(here, "issues", "labels.csv", "proba.csv", "--json"))
    shuffled = np.random.default_rng(0).permutation(200)
    rows = [[ITEMS[at], "some text", *map(str, PROBA[at])] for at in shuffled]
    write(here / "other.csv", ["Image ID", "text", *(f"p_{name}" for name in NAMES)], rows)
    table = {"image": ITEMS, **{f"prob_{name}": PROBA[:, at] for at, name in enumerate(NAMES)}}
    (here / "proba.parquet").write_bytes(write_table(table))

    assert items_of(goldseam(here, "issues", "labels.csv", "other.csv", "--json")) == wanted
    assert items_of(goldseam(here, "issues", "labels.csv", "proba.parquet", "--json")) == wanted
    named = ["--probabilities", "p_dog,p_cat,p_owl"]
    assert sorted(items_of(goldseam(here, "issues", "labels.csv", "other.csv", *named, "--json"))) == sorted(wanted)


def test_without_items_rows_are_matched_by_their_place_and_it_is_said(here: Path) -> None:
    wanted = items_of(goldseam(here, "issues", "labels.csv", "proba.csv", "--json"))
    write(here / "bare.csv", NAMES, [list(map(str, row)) for row in PROBA])
    write(here / "alone.csv", ["label"], [[NAMES[label]] for label in GIVEN])

    named = goldseam(here, "issues", "labels.csv", "bare.csv", "--json")
    rows = goldseam(here, "issues", "alone.csv", "bare.csv", "--json")

    assert items_of(named) == wanted
    assert named.json["notes"] == ["The files are matched row by row, as not both name items."]
    assert items_of(rows) == [f"row {ITEMS.index(item) + 1}" for item in wanted]
    write(here / "short.csv", NAMES, [list(map(str, row)) for row in PROBA[:-1]])
    assert "equally many" in refused(goldseam(here, "issues", "labels.csv", "short.csv"), 3)


def test_items_without_a_label_or_probabilities_are_counted_and_left_out(here: Path) -> None:
    text = (here / "labels.csv").read_text() + "img 500,cat,web\nimg 501,\n"
    (here / "more.csv").write_text(text + "img 502,,web\n")

    found = goldseam(here, "issues", "more.csv", "proba.csv", "--json").json

    assert found["n_items"] == 200
    assert found["notes"][0] == "2 of 202 items have no label or no probabilities, and are left out."
    assert [(row["line"], row["reason"]) for row in found["unreadable"]] == [(203, "it has 2 cells, the header has 3")]


def test_groups_say_whose_labels_stand_out(here: Path) -> None:
    found = goldseam(here, "issues", "labels.csv", "proba.csv", "--groups", "source", "--json").json
    said = goldseam(here, "issues", "labels.csv", "proba.csv", "--groups", "source").out

    assert {row["group"]: row["n_items"] for row in found["groups"]} == {"web": 100, "phone": 100}
    assert "By source" in said
    assert "no column 'sorce'" in refused(goldseam(here, "issues", "labels.csv", "proba.csv", "--groups", "sorce"), 3)


def test_all_issues_are_written(here: Path) -> None:
    said = goldseam(
        here, "issues", "labels.csv", "proba.csv", "--groups", "source", "--top", "1", "--out", "issues.csv", "--json"
    )
    goldseam(here, "issues", "labels.csv", "proba.csv", "--out", "issues.jsonl")

    with (here / "issues.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["item", "given", "suggested", "score", "p_given", "p_suggested", "source"]
    assert [row["item"] for row in rows] == items_of(said)
    lines = [json.loads(line) for line in (here / "issues.jsonl").read_text().splitlines()]
    assert [line["item"] for line in lines] == items_of(said)
    assert "ending should be" in refused(goldseam(here, "issues", "labels.csv", "proba.csv", "--out", "x.doc"), 2)


def test_what_votes_say_counts_when_asked_to(here: Path) -> None:
    labels = np.array(NAMES)
    said = [labels[GIVEN], labels[GIVEN], labels[TRUTH]]
    rows = [[ITEMS[at], who, said[n][at]] for n, who in enumerate("abc") for at in range(200)]
    write(here / "votes.csv", ["image", "annotator", "label"], rows)
    assert goldseam(here, "truth", "votes.csv", "--method", "majority", "--out", "truth.csv").code == 0

    both = goldseam(here, "issues", "truth.csv", "proba.csv", "--crowd", "--out", "both.csv", "--json")
    alone = goldseam(here, "issues", "truth.csv", "proba.csv", "--json")

    assert set(items_of(both)) >= {ITEMS[at] for at in WRONG}
    assert "the votes give them" in both.json["issues"][0]["reason"]
    assert "the votes" not in alone.json["issues"][0]["reason"]
    assert "votes_given" in (here / "both.csv").read_text().splitlines()[0]
    assert "votes: given, suggested" in goldseam(here, "issues", "truth.csv", "proba.csv", "--crowd").out
    assert "no column 'p_cat'" in refused(goldseam(here, "issues", "labels.csv", "proba.csv", "--crowd"), 3)


def test_files_that_do_not_fit_are_refused_in_a_sentence(here: Path) -> None:
    def with_proba(name: str, text: str) -> str:
        (here / name).write_text(text)
        code = 2 if name == "sum.csv" else 3
        return refused(goldseam(here, "issues", "labels.csv", name), code)

    head = "image,cat,dog,owl\n"
    body = "".join(f"{item},{','.join(map(str, row))}\n" for item, row in zip(ITEMS, PROBA.tolist(), strict=True))
    assert "no column for the label 'owl'" in with_proba("two.csv", "image,cat,dog\nimg 0,0.5,0.5\n")
    assert "line 2: the cell in the column 'dog' is 'x', no number" in with_proba(
        "text.csv", head + "img 0,0.1,x,0.9\n"
    )
    assert "line 2: the cell in the column 'dog' is empty" in with_proba("empty.csv", head + "img 0,0.1,,0.9\n")
    assert "line 202: 'img 0' has probabilities on line 2 already" in with_proba(
        "twice.csv", head + body + "img 0,1,0,0\n"
    )
    assert "No item of labels.csv has both" in with_proba("others.csv", head + "elsewhere,1,0,0\n")
    assert "sums to" in with_proba("sum.csv", head + body.replace(str(PROBA[0, 0]), "0.7", 1))
    assert "There is no file nothing.csv" in refused(goldseam(here, "issues", "labels.csv", "nothing.csv"), 3)


def test_one_label_alone_is_said_to_tell_nothing(tmp_path: Path) -> None:
    write(tmp_path / "labels.csv", ["item", "label"], [["a", "x"], ["b", "x"]])
    write(tmp_path / "proba.csv", ["item", "x", "y"], [["a", "1", "0"], ["b", "0.2", "0.8"]])

    said = goldseam(tmp_path, "issues", "labels.csv", "proba.csv")

    assert said.code == 0
    assert "unknown" in said.out
    assert goldseam(tmp_path, "issues", "labels.csv", "proba.csv", "--json").json["n_expected"] is None


@pytest.mark.slow
def test_reviewed_errors_of_a_real_set_are_found(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "label_errors" / "mnist_test"
    if not folder.is_dir():
        pytest.skip("real data is not here: label_errors/mnist_test")
    with np.load(folder / "data.npz") as arrays:
        labels, proba = arrays["labels"], arrays["pred_probs"]
    write(tmp_path / "labels.csv", ["id", "label"], [[str(at), str(label)] for at, label in enumerate(labels)])
    names = [str(label) for label in range(10)]
    write(tmp_path / "proba.csv", ["id", *names], [[str(at), *map(str, row)] for at, row in enumerate(proba.tolist())])

    found = goldseam(tmp_path, "issues", "labels.csv", "proba.csv", "--json").json

    wrong = {
        str(review["id"]) for review in json.loads((folder / "mturk.json").read_text()) if review["mturk"]["given"] < 3
    }
    assert wrong
    assert found["n_issues"] < 60
    assert len({row["item"] for row in found["issues"]} & wrong) >= len(wrong) // 3
