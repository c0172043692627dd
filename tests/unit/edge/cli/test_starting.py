"""What the first hour asks: a file as people have it, an item by any of its names, a database that is not the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.edge.cli.call import goldseam
from tests.unit.edge.cli.test_commands import in_one_sentence
from tests.walk import small


def test_init_says_which_columns_it_reads_and_keeps_the_rows_own_ids(tmp_path: Path) -> None:
    small.write_rows(
        tmp_path / "q.csv", ["ref_id", "question", "by"], [[f"q{n}", small.text_of(n), "a"] for n in range(6)]
    )

    said = goldseam(tmp_path, "init", "mood", "--text", "q.csv")

    assert "q.csv: read from the column 'question', rows told apart by 'ref_id'." in said.out
    goldseam(tmp_path / "mood", "run")
    by_key = goldseam(tmp_path / "mood", "trace", "q3", "--json").json["item"]
    assert (by_key["content"], by_key["metadata"]) == (small.text_of(3), {"by": "a"})


def test_an_id_that_repeats_is_not_what_tells_rows_apart(tmp_path: Path) -> None:
    small.write_rows(tmp_path / "q.csv", ["id", "text"], [[n // 2, small.text_of(n)] for n in range(200)])

    assert goldseam(tmp_path, "init", "mood", "--text", "q.csv", "--json").json["read"]["key"] == ""


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_init_sees_what_parts_the_columns(tmp_path: Path, mark: str) -> None:
    (tmp_path / "q.csv").write_text(f"n{mark}text\n1{mark}good, really\n2{mark}bad\n")

    assert goldseam(tmp_path, "init", "mood", "--text", "q.csv", "--json").json["read"]["delimiter"] == mark
    assert "2 accepted" in goldseam(tmp_path / "mood", "run").out


@pytest.mark.parametrize(
    ("name", "content", "column", "why"),
    [
        ("q.csv", b"", "", "lacks a first line"),
        ("q.jsonl", b"[1, 2]\n", "", "a line that is a JSON object"),
        ("q.csv", "texte\nété".encode("utf-16"), "", "not text in UTF-8"),
        ("q.xlsx", b"PK\x03\x04", "", "save it as CSV in UTF-8"),
        ("q.csv", b"text,by\nhi,a\n", "txt", "no column 'txt'; it has 'text', 'by'. Did you mean 'text'?"),
    ],
)
def test_a_file_that_cannot_be_read_makes_no_project(
    tmp_path: Path, name: str, content: bytes, column: str, why: str
) -> None:
    (tmp_path / name).write_bytes(content)

    said = goldseam(tmp_path, "init", "mood", "--text", name, "--column", column)

    assert why in in_one_sentence(said, 2)
    assert not (tmp_path / "mood").exists()


def test_rows_in_another_encoding_are_announced(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes("text\nfine\ngrün\n".encode("latin-1"))

    said = goldseam(tmp_path, "init", "mood", "--text", "q.csv")

    assert "save the file as UTF-8" in said.out
    assert "1 accepted, 0 duplicate, 1 refused" in goldseam(tmp_path / "mood", "run").out


def test_an_item_is_found_by_the_digits_that_lists_show(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=6)
    with small.opened(tmp_path) as project:
        small.run(project)
        first = project.item_ids([0])[0]
    assert goldseam(tmp_path, "trace", first[:12], "--json").json["item"]["id"] == first
    assert goldseam(tmp_path, "trace", first.upper(), "--json").json["item"]["id"] == first
    assert "There is no item 'k'" in in_one_sentence(goldseam(tmp_path, "trace", "k"), 2)
    assert "There is no item" in in_one_sentence(goldseam(tmp_path, "trace", first[:5]), 2)


def test_a_folder_whose_database_is_another_says_so_and_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write_project(tmp_path, n_items=6)
    goldseam(tmp_path, "run")
    monkeypatch.setenv("GOLDSEAM_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")

    said = in_one_sentence(goldseam(tmp_path, "run"), 4)

    assert "but its database does not: sqlite:///" in said
    assert "Set GOLDSEAM_DATABASE_URL" in said
    monkeypatch.setenv("GOLDSEAM_DATABASE_URL", "nonsense")
    assert "GOLDSEAM_DATABASE_URL is no database's URL" in in_one_sentence(goldseam(tmp_path, "run"), 4)
    monkeypatch.delenv("GOLDSEAM_DATABASE_URL")
    assert goldseam(tmp_path, "run").code == 0


def test_restoring_from_no_file_says_so(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "db", "restore", "none.zip", "--into", "back")

    assert "There is no file none.zip" in in_one_sentence(said, 3)


def test_a_round_closed_by_command_says_so_and_goes_on(tmp_path: Path) -> None:
    small.write_project(tmp_path, n_items=12)
    assert "goldseam run --close" in goldseam(tmp_path, "run").out
    goldseam(tmp_path, "annotate", "--limit", "4", keys="1\n2\n1\n2\n")

    said = goldseam(tmp_path, "run", "--close")

    assert "2 answers no longer wanted" in said.out
    assert "0 escalated" in said.out
