"""Statistics of a file, by command: what people see, what programs get, and what is said of a file that is not as it should be."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.formats.parquet import read_table, write_table
from goldseam.stats import agreement, truth
from goldseam.stats.votes import Votes
from tests.unit.edge.cli.call import Said, goldseam

LABELS = np.array(["cat", "dog", "owl"])
TRUTH = np.random.default_rng(7).integers(3, size=60)
SKILL = {"ann": 0.8, "bob": 0.7, "eve": 0.65, "[dan]": 0.1}


def said_by() -> dict[str, list[str]]:
    rng = np.random.default_rng(3)
    return {
        name: LABELS[np.where(rng.random(60) < skill, TRUTH, rng.integers(3, size=60))].tolist()
        for name, skill in SKILL.items()
    }


def long_rows() -> list[list[str]]:
    return [[f"i{at:02}", name, label] for name, labels in said_by().items() for at, label in enumerate(labels)]


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerows([header, *rows])
    return path


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write(tmp_path / "votes.csv", ["task", "worker", "label"], long_rows())
    gold = [[f"i{at:02}", LABELS[label]] for at, label in enumerate(TRUTH)]
    write(tmp_path / "gold.csv", ["task", "gold"], gold[:20])
    write(tmp_path / "rest.csv", ["task", "gold"], gold)
    return tmp_path


@pytest.fixture
def votes() -> Votes:
    return Votes.from_arrays(*zip(*long_rows(), strict=True))


def refused(said: Said, code: int) -> str:
    assert said.code == code, said
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.startswith("✗ ")
    return said.err


def by_name(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in found["statistics"]}


# --- agreement ---------------------------------------------------------------------------------------------------------


def test_agreement_says_what_the_library_says(here: Path, votes: Votes) -> None:
    found = by_name(goldseam(here, "agreement", "votes.csv", "--json").json)

    assert list(found) == ["alpha", "gwet_ac1", "fleiss_kappa", "percent"]
    for name, row in found.items():
        wanted = agreement.METHODS[name](votes)
        assert (row["value"], row["observed"], row["expected"]) == (wanted.value, wanted.observed, wanted.expected)
        assert row["low"] < row["value"] < row["high"]
        assert (row["n_items"], row["n_votes"], row["n_draws"], row["level"]) == (60, 240, 1000, 0.95)


def test_agreement_shows_people_a_table_and_which_columns_it_took(here: Path) -> None:
    said = goldseam(here, "agreement", "votes.csv")

    assert said.code == 0
    assert "240 votes by 4 annotators on 60 items, 3 labels" in said.out
    assert "read: item from 'task', annotator from 'worker', label from 'label'" in said.out
    assert "95% interval" in said.out
    assert " to " in said.out


def test_the_same_seed_gives_the_same_interval_and_no_draws_give_none(here: Path) -> None:
    one, two, other = (
        by_name(goldseam(here, "agreement", "votes.csv", "--seed", seed, "--json").json)["alpha"] for seed in "112"
    )
    assert one == two
    assert (one["value"], one["low"]) != (other["value"], other["low"])
    assert "low" not in by_name(goldseam(here, "agreement", "votes.csv", "--draws", "0", "--json").json)["alpha"]
    assert "interval" not in goldseam(here, "agreement", "votes.csv", "--draws", "0").out


def test_by_label_and_pairwise_are_the_librarys(here: Path, votes: Votes) -> None:
    found = goldseam(here, "agreement", "votes.csv", "--by-label", "--pairwise", "--draws", "0", "--json").json

    wanted = agreement.by_label(votes)
    assert {row["label"]: row["value"] for row in found["by_label"]} == {
        name: one.value for name, one in wanted.items()
    }
    pairs = agreement.pairwise(votes)
    names = votes.annotators
    assert [(row["first"], row["second"]) for row in found["pairwise"]] == [
        (names[a], names[b]) for a, b in zip(pairs.first, pairs.second, strict=True)
    ]
    assert [row["kappa"] for row in found["pairwise"]] == pairs.kappa.tolist()
    assert {row["n_items"] for row in found["pairwise"]} == {60}


def test_people_see_the_pairs_that_agree_least_first(here: Path) -> None:
    said = goldseam(here, "agreement", "votes.csv", "--by-label", "--pairwise", "--top", "3", "--draws", "0").out

    assert "Alpha of each label against all others" in said
    assert "3 of 6 that share 60 items or more" in said
    assert said.rstrip().count("[dan]") == 3


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_a_level_of_measurement_is_used(here: Path, level: str) -> None:
    rows = [[item, who, str(2 + LABELS.tolist().index(label) ** 2)] for item, who, label in long_rows()]
    write(here / "grades.csv", ["item", "annotator", "rating"], rows)

    found = by_name(goldseam(here, "agreement", "grades.csv", "--level", level, "--draws", "0", "--json").json)

    wanted = agreement.alpha(Votes.from_arrays(*zip(*rows, strict=True)), level)
    assert found[f"alpha {level}"]["value"] == wanted.value


def test_ratio_alpha_of_numbers_below_0_comes_with_a_word_of_warning(tmp_path: Path) -> None:
    write(
        tmp_path / "votes.csv",
        ["item", "user", "answer"],
        [["1", "a", "-2"], ["1", "b", "4"], ["2", "a", "4"], ["2", "b", "4"]],
    )

    found = goldseam(tmp_path, "agreement", "votes.csv", "--level", "ratio", "--json").json

    assert "0 or more" in found["notes"][0]
    assert "0 or more" in goldseam(tmp_path, "agreement", "votes.csv", "--level", "ratio").out
    assert goldseam(tmp_path, "agreement", "votes.csv", "--level", "interval", "--json").json["notes"] == []


def test_the_order_of_labels_is_what_one_says_it_is(here: Path) -> None:
    def ordinal(*words: str) -> float:
        words = (
            "agreement",
            "votes.csv",
            "--statistic",
            "alpha",
            "--level",
            "ordinal",
            "--draws",
            "0",
            "--json",
            *words,
        )
        return goldseam(here, *words).json["statistics"][0]["value"]

    assert (
        ordinal()
        == ordinal("--labels", "cat,dog,owl")
        == pytest.approx(ordinal("--labels", "owl, dog, cat"), abs=1e-12)
    )
    assert ordinal() != pytest.approx(ordinal("--labels", "dog,cat,owl"), abs=1e-3)
    assert "'owl'" in refused(goldseam(here, "agreement", "votes.csv", "--labels", "cat,dog"), 2)


def test_every_statistic_has_a_name_on_the_command_line(here: Path) -> None:
    found = by_name(goldseam(here, "agreement", "votes.csv", "--statistic", "all", "--draws", "50", "--json").json)

    assert list(found) == [
        "alpha", "percent", "fleiss_kappa", "gwet_ac1", "gwet_ac2 quadratic", "brennan_prediger", "scott_pi", "cohen_kappa",
    ]  # fmt: skip
    assert found["scott_pi"]["value"] is None
    assert "4 voted" in found["cohen_kappa"]["reason"]
    assert "fleiss_kappa" in goldseam(here, "agreement", "votes.csv", "--statistic", "scott-pi").out


@pytest.mark.parametrize("weights", ["", "linear", "quadratic"])
def test_cohen_kappa_of_two_in_a_file_is_that_of_their_columns(here: Path, weights: str) -> None:
    two = {name: labels for name, labels in said_by().items() if name in {"ann", "eve"}}
    rows = [row for row in long_rows() if row[1] in two][:-7]  # the last seven of eve are missing
    write(here / "two.csv", ["item", "annotator", "label"], rows)

    words = ["agreement", "two.csv", "--statistic", "cohen_kappa", "--draws", "100", "--json"]
    row = goldseam(here, *words, *(["--weights", weights] if weights else [])).json["statistics"][0]

    wanted = agreement.cohen_kappa(two["ann"][:53], two["eve"][:53], weights or None)
    assert row["name"] == f"cohen_kappa {weights}".strip()
    assert row["value"] == pytest.approx(wanted.value, abs=1e-12)
    assert row["n_items"] == 53
    assert row["low"] < row["value"] < row["high"]


def test_what_is_undefined_is_shown_with_its_reason_and_is_no_error(tmp_path: Path) -> None:
    write(tmp_path / "votes.csv", ["item", "annotator", "label"], [["1", "a", "x"], ["2", "b", "y"]])

    said = goldseam(tmp_path, "agreement", "votes.csv", "--pairwise", "--by-label")

    assert said.code == 0
    assert "alpha: No item has votes by two annotators" in said.out
    assert "No two annotators share an item." in said.out
    row = goldseam(tmp_path, "agreement", "votes.csv", "--json").json["statistics"][0]
    assert (row["value"], row["n_items"]) == (None, 0)


# --- files of every form ---------------------------------------------------------------------------------------------


def as_tsv(here: Path) -> Path:
    return write(here / "votes.tsv", ["task", "worker", "label"], long_rows(), "\t")


def as_gz(here: Path) -> Path:
    path = here / "votes.csv.gz"
    path.write_bytes(gzip.compress((here / "votes.csv").read_bytes()))
    return path


def as_jsonl(here: Path) -> Path:
    path = here / "votes.jsonl"
    names = ("task", "worker", "label")
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in long_rows()))
    return path


def as_parquet(here: Path) -> Path:
    path = here / "votes.parquet"
    columns = zip(*long_rows(), strict=True)
    path.write_bytes(write_table(dict(zip(("task", "worker", "label"), map(list, columns), strict=True))))
    return path


def as_wide(here: Path) -> Path:
    labels = said_by()
    rows = [[f"i{at:02}", *(labels[name][at] for name in labels)] for at in range(60)]
    return write(here / "wide.csv", ["task", *labels], rows)


@pytest.mark.parametrize("form", [as_tsv, as_gz, as_jsonl, as_parquet, as_wide])
def test_votes_in_every_form_are_the_same_votes(here: Path, form: Any) -> None:
    words = ["--wide"] if form is as_wide else []
    wanted = goldseam(here, "agreement", "votes.csv", "--json").json

    found = goldseam(here, "agreement", form(here).name, *words, "--json").json

    for key in ("n_items", "n_annotators", "n_votes", "labels", "statistics"):
        assert found[key] == wanted[key]


def test_columns_have_many_names_and_can_be_named(here: Path) -> None:
    text = (here / "votes.csv").read_text()
    (here / "other.csv").write_text(text.replace("task,worker,label", "Question ID,Rater,CLASS", 1))
    (here / "odd.csv").write_text(text.replace("task,worker,label", "a,b,c", 1))

    columns = goldseam(here, "agreement", "other.csv", "--json").json["columns"]
    named = goldseam(here, "agreement", "odd.csv", "--item", "a", "--annotator", "b", "--label", "c", "--json").json

    assert columns == {"item": "Question ID", "annotator": "Rater", "label": "CLASS"}
    assert named["columns"] == {"item": "a", "annotator": "b", "label": "c"}
    assert "it has 'a', 'b', 'c'. Name it with --item." in refused(goldseam(here, "agreement", "odd.csv"), 3)
    wrong = refused(goldseam(here, "agreement", "votes.csv", "--item", "tsk"), 3)
    assert "no column 'tsk'" in wrong
    assert "Did you mean 'task'?" in wrong


def test_a_wide_table_needs_to_be_called_so_and_may_have_no_item(here: Path) -> None:
    as_wide(here)
    assert "add --wide" in refused(goldseam(here, "agreement", "wide.csv"), 3)

    some = goldseam(here, "agreement", "wide.csv", "--wide", "--annotator", "ann, bob", "--json").json
    (here / "bare.csv").write_text("a,b\nx,x\ny,\nx,NA\n")
    bare = goldseam(here, "agreement", "bare.csv", "--wide", "--absent", "NA", "--json").json

    assert some["n_annotators"] == 2
    assert (bare["n_items"], bare["n_votes"], bare["labels"], bare["n_absent"]) == (3, 4, ["x", "y"], 2)
    assert "column per annotator" in refused(goldseam(here, "agreement", "bare.csv", "--wide", "--annotator", "a"), 3)


def test_broken_rows_are_named_by_line_and_lose_no_good_ones(tmp_path: Path) -> None:
    text = "item,annotator,label\n1,a,x\n1,b\n1,b,x\n,a,x\n2,,x\n2,a,y\n2,b,\n2,b,y\n2,b,x\n\n3,a,[bold]\n3,b,x\n"
    (tmp_path / "votes.csv").write_bytes(text.encode() + b"4,a,\xff\n")

    found = goldseam(tmp_path, "agreement", "votes.csv", "--json").json

    assert [(row["line"], row["reason"]) for row in found["unreadable"]] == [
        (3, "it has 2 cells, the header has 3"),
        (5, "it has no item in the column 'item'"),
        (6, "it has no annotator in the column 'annotator'"),
        (14, "byte 5 of it (0xff) is not UTF-8"),
    ]
    assert (found["n_unreadable"], found["n_absent"], found["n_repeated"], found["n_votes"]) == (4, 1, 1, 6)
    said = goldseam(tmp_path, "agreement", "votes.csv", "--by-label").out
    assert "line 3 was left out: it has 2 cells" in said
    assert "4 lines were left out in all" in said
    assert "1 repeated answer: an annotator's last about an item counts" in said
    assert "[bold]" in said


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("votes.csv", b"", "empty"),
        ("votes.csv", b"item,annotator,label\n", "holds no votes"),
        ("votes.csv", b"item,annotator,label\n1,a\n", "holds no votes. 1 rows cannot be read: it has 2 cells"),
        ("votes.csv", b"item;annotator;label\n1;a;x\n", "add --delimiter ';'"),
        ("votes.csv", b"\xff\xfei\x00", "UTF-16"),
        ("votes.parquet", b"no parquet", "Not a Parquet file"),
        ("votes.csv.gz", b"no gzip", "cannot be unpacked"),
        ("votes.doc", b"x", "the ending should be"),
        ("votes.jsonl", b"\n", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    for command in ("agreement", "truth"):
        assert why in refused(goldseam(tmp_path, command, name), 3)


def test_what_is_asked_wrongly_is_refused_in_a_sentence(here: Path) -> None:
    assert "Did you mean 'alpha'?" in refused(goldseam(here, "agreement", "votes.csv", "--statistic", "alhpa"), 2)
    assert "'cat' is none" in refused(goldseam(here, "agreement", "votes.csv", "--level", "ratio"), 2)
    assert "a level between 0 and 1" in refused(goldseam(here, "agreement", "votes.csv", "--confidence", "95"), 2)
    assert "Did you mean 'dawid-skene'?" in refused(goldseam(here, "truth", "votes.csv", "--method", "david-skene"), 2)
    assert "There is no file missing.csv" in refused(goldseam(here, "truth", "missing.csv"), 3)
    said = goldseam(here, "agreement", "votes.csv", "--statistic", "alhpa", "--json")
    assert (said.out, said.refusal["type"]) == ("", "BadValue")


# --- truth -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["infer", "majority", "dawid-skene", "one-coin", "weighted"])
def test_truth_says_what_the_library_says(here: Path, votes: Votes, method: str) -> None:
    found = goldseam(here, "truth", "votes.csv", "--method", method, "--out", "labels.csv", "--json").json

    wanted = truth.METHODS[method.replace("-", "_")](votes)
    with (here / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["item"] for row in rows] == wanted.items.tolist()
    assert [row["label"] for row in rows] == wanted.names()
    assert [float(row["confidence"]) for row in rows] == pytest.approx(wanted.confidence.tolist(), abs=1e-6)
    written = [[float(row[f"p_{label}"]) for label in wanted.labels] for row in rows]
    assert np.array(written) == pytest.approx(wanted.posterior, abs=1e-6)
    assert {row["annotator"]: row["reliability"] for row in found["annotators"]} == dict(
        zip(wanted.annotators.tolist(), wanted.reliability.tolist(), strict=True)
    )
    assert sum(found["shares"].values()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["labels.tsv", "labels.jsonl", "labels.parquet"])
def test_labels_are_written_in_the_form_of_their_ending(here: Path, name: str) -> None:
    goldseam(here, "truth", "votes.csv", "--out", "labels.csv")
    assert goldseam(here, "truth", "votes.csv", "--out", name).code == 0

    with (here / "labels.csv").open(newline="") as file:
        wanted = [(row["item"], row["label"]) for row in csv.DictReader(file)]
    data = (here / name).read_bytes()
    if name.endswith("tsv"):
        found = [tuple(line.split("\t")[:2]) for line in data.decode().splitlines()[1:]]
    elif name.endswith("jsonl"):
        found = [(row["item"], row["label"]) for row in map(json.loads, data.decode().splitlines())]
    else:
        columns = read_table(data)
        found = list(zip(columns["item"], columns["label"], strict=True))
        assert columns["p_cat"].dtype == np.float64
    assert found == wanted


def test_accuracy_is_measured_on_what_the_method_was_not_given(here: Path) -> None:
    alone = goldseam(here, "truth", "votes.csv", "--score-with", "rest.csv", "--json").json["accuracy"]
    taught = goldseam(here, "truth", "votes.csv", "--gold", "gold.csv", "--score-with", "rest.csv", "--json").json
    contrary = [[f"i{at:02}", LABELS[(label + 1) % 3]] for at, label in enumerate(TRUTH)][:20]
    write(here / "contrary.csv", ["item", "label"], contrary)
    again = goldseam(here, "truth", "votes.csv", "--gold", "contrary.csv", "--json").json["accuracy"]
    nothing = goldseam(here, "truth", "votes.csv", "--gold", "rest.csv", "--score-with", "gold.csv", "--json").json

    assert alone["n"] == 60
    assert 0.7 < alone["value"] < 1
    assert alone["low"] < alone["value"] < alone["high"]
    assert taught["accuracy"]["n"] == 40
    assert (again["n"], again["of"]) == (20, "gold items, inferred again without gold")
    assert again["value"] < 0.4, "an accuracy of 1 would be that of the gold itself"
    assert nothing["accuracy"] is None
    assert any("Nothing is left to measure accuracy on" in note for note in nothing["notes"])


def test_truth_shows_people_accuracy_the_least_reliable_and_the_most_doubtful(here: Path) -> None:
    said = goldseam(here, "truth", "votes.csv", "--score-with", "rest.csv", "--top", "2").out

    assert "Accuracy 0." in said
    assert "majority has 0." in said
    assert "of 4 with 10 votes or more" in said
    assert said.index("[dan]") < said.index("Most doubtful items")
    assert "expected share" in said


def test_gold_teaches_and_is_not_doubted(here: Path) -> None:
    found = goldseam(here, "truth", "votes.csv", "--gold", "gold.csv", "--out", "labels.csv", "--json").json
    with (here / "labels.csv").open(newline="") as file:
        said = {row["item"]: (row["label"], row["confidence"]) for row in csv.DictReader(file)}

    assert [said[f"i{at:02}"] for at in range(20)] == [(LABELS[TRUTH[at]], "1.0") for at in range(20)]
    assert not {row["item"] for row in found["doubtful"]} & {f"i{at:02}" for at in range(20)}


def test_gold_may_name_items_without_votes_and_labels_that_nobody_chose(here: Path) -> None:
    write(here / "odd.csv", ["item", "label"], [["i00", "elk"], ["i99", "cat"]])

    found = goldseam(here, "truth", "votes.csv", "--method", "majority", "--gold", "odd.csv", "--json").json

    assert found["notes"][:2] == [
        "Gold has labels that nobody chose: 'elk'.", "1 of 2 gold items are not among the votes.",
    ]  # fmt: skip
    assert found["shares"]["elk"] == pytest.approx(1 / 60)
    write(here / "twice.csv", ["item", "label"], [["i00", "cat"], ["i00", "dog"]])
    assert "line 3: gold for 'i00' is 'dog'" in refused(goldseam(here, "truth", "votes.csv", "--gold", "twice.csv"), 3)
    write(here / "none.csv", ["item", "label"], [["i00", ""]])
    assert "holds no gold" in refused(goldseam(here, "truth", "votes.csv", "--gold", "none.csv"), 3)


def test_where_labels_cannot_be_written_nothing_is_computed_first(here: Path) -> None:
    assert "ending should be" in refused(goldseam(here, "truth", "votes.csv", "--out", "labels.doc"), 2)
    assert "no folder nowhere" in refused(goldseam(here, "truth", "votes.csv", "--out", "nowhere/labels.csv"), 2)


def test_labels_that_look_like_formulas_are_safe_in_the_file_and_come_back(tmp_path: Path) -> None:
    write(
        tmp_path / "votes.csv", ["item", "annotator", "label"], [["=1", "a", "-1"], ["=1", "b", "-1"], ["b", "a", "1"]]
    )

    assert goldseam(tmp_path, "truth", "votes.csv", "--method", "majority", "--out", "labels.csv").code == 0

    assert (tmp_path / "labels.csv").read_text().splitlines()[1] == "'=1,'-1,1.0,1.0,0.0"
    again = goldseam(tmp_path, "truth", "votes.csv", "--score-with", "labels.csv", "--json").json
    assert again["accuracy"]["n"] == 2
    assert again["accuracy"]["value"] == 1.0


# --- real data -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_crowd_by_command_is_a_real_crowd_by_library(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "crowd" / "bluebirds"
    shutil.copy(folder / "annotations.csv", tmp_path)
    shutil.copy(folder / "gold.csv", tmp_path)

    said = goldseam(tmp_path, "agreement", "annotations.csv", "--json").json
    found = goldseam(
        tmp_path, "truth", "annotations.csv", "--method", "dawid-skene", "--score-with", "gold.csv", "--json"
    ).json

    assert by_name(said)["alpha"]["value"] == pytest.approx(0.12550057220224442, abs=1e-8)
    assert found["accuracy"]["value"] == pytest.approx(0.898, abs=0.01)
    assert found["accuracy"]["majority"] == pytest.approx(0.759, abs=0.001)
