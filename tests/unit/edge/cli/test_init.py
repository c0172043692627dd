"""`goldseam init` makes a project that runs at once, finds what the file holds, and leaves nothing behind where it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.edge.cli.call import goldseam, in_one_sentence
from tests.walk import small


def reviews(folder: Path) -> Path:
    """Write a CSV with a column of texts that has an unusual name."""
    path = folder / "reviews.csv"
    small.write_rows(path, ["id", "what they wrote"], [[n, small.text_of(n)] for n in range(6)])
    return path


def test_init_makes_a_project_that_runs_at_once(tmp_path: Path) -> None:
    reviews(tmp_path)

    made = goldseam(tmp_path, "init", "mood", "--text", "reviews.csv", "--labels", "pos, neg", "--json")

    assert made.code == 0, made.err
    assert made.json["name"] == "mood"
    ran = goldseam(tmp_path / "mood", "run", "--json")
    assert [each["stage"] for each in ran.json["done"]] == ["source", "sample", "route"]
    assert ran.json["next"] == {"stage": "annotate", "text": "Collect 6 answers.", "needs_person": True}
    assert goldseam(tmp_path / "mood", "plan", "--json").json["nothing"]


def test_init_takes_the_column_that_most_likely_holds_the_text(tmp_path: Path) -> None:
    reviews(tmp_path)
    goldseam(tmp_path, "init", "mood", "--text", "reviews.csv")

    assert '"what they wrote"' in (tmp_path / "mood" / "goldseam.yaml").read_text()


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("r.jsonl", '{"prompt": "Hi", "candidates": ["a", "b"]}\n', '"prompt", candidates: ["candidates"]'),
        ("r.jsonl", '{"question": "Hi", "chosen": "a", "rejected": "b"}\n', '"question", candidates: ["chosen", "rejected"]'),
        ("r.jsonl", '{"pair": {"prompt": "Hi", "candidates": ["a", "b"]}}\n', '"pair"'),
        ("r.csv", "id,answer_a,answer_b,by\n1,x,y,ada\n", '"", candidates: ["answer_a", "answer_b"]'),
    ],
)  # fmt: skip
def test_init_finds_the_candidates_in_any_usual_form(tmp_path: Path, name: str, content: str, source: str) -> None:
    (tmp_path / name).write_text(content)
    made = goldseam(tmp_path, "init", "replies", "--text", name, "--pairs")

    assert made.code == 0, made.err
    assert f"source: {{kind: candidates, text: {source}}}" in (tmp_path / "replies" / "goldseam.yaml").read_text()
    assert goldseam(tmp_path / "replies", "run", "--json").json["next"]["text"] == "Collect 1 answer."


def test_init_says_at_once_that_a_file_has_no_candidates(tmp_path: Path) -> None:
    reviews(tmp_path)

    said = goldseam(tmp_path, "init", "replies", "--text", "reviews.csv", "--pairs")

    assert "--candidates" in in_one_sentence(said, 2)
    assert not (tmp_path / "replies").exists()


def test_an_empty_list_says_so_and_what_fills_it(home: Path) -> None:
    assert goldseam(home, "skills", "list").out.startswith("Nobody has a skill yet: goldseam skills grant")


@pytest.mark.parametrize("name", ["a[/x]", "[bold]", "Ünïcode 名", "with space", "it's", 'say "x"', "-"])
def test_init_takes_any_name_and_says_where_to_go(tmp_path: Path, name: str) -> None:
    said = goldseam(tmp_path, "init", "--labels", "a[b],c", "--folder", str(tmp_path / "here"), "--", name)

    assert said.code == 0, said.err
    assert name in said.out
    assert goldseam(tmp_path / "here", "status").out.startswith(f"{name}  round 1")


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["mood", "--labels", "a,a"], 3, "'a' twice"),
        (["mood", "--labels", ","], 2, "two labels"),
        (["mood", "--labels", "only"], 2, "two labels"),
        (["", "--folder", "mood"], 3, "1 to 100 characters"),
        (["mood", "--text", "missing.csv"], 2, "no file missing.csv"),
        (["mood", "--images", "missing"], 2, "no folder missing"),
        (["mood", "--text", "taken", "--images", "."], 2, "texts or images"),
        (["taken"], 4, "Cannot make the folder"),
    ],
)  # fmt: skip
def test_init_refuses_and_leaves_nothing_behind(tmp_path: Path, words: list[str], code: int, why: str) -> None:
    (tmp_path / "taken").write_text("x")

    assert why in in_one_sentence(goldseam(tmp_path, "init", *words), code)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_init_never_touches_a_project_that_is_there(home: Path) -> None:
    before = (home / "goldseam.yaml").read_bytes()

    assert "already" in in_one_sentence(goldseam(home.parent, "init", "x", "--folder", str(home)), 2)
    assert (home / "goldseam.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"", b"text\n" + b"x" * 3_000_000 + b"\nok\n", b"a\0b,text\n1,2\n", b"\xff\xfe\x00\n", b'"open']
)
def test_init_survives_a_file_of_any_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.csv").write_bytes(content)

    said = goldseam(tmp_path, "init", "mood", "--text", "odd.csv")

    if said.code:
        in_one_sentence(said, 2)
    assert (tmp_path / "mood").exists() == (said.code == 0)
