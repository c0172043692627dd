"""The commands of a round on one project: what was said beforehand is done, and what was done can be asked about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.edge.cli.call import goldseam, in_one_sentence
from tests.walk import small

# --- plan and apply ---------------------------------------------------------------------------------------------------


def test_plan_says_what_apply_then_does(home: Path) -> None:
    goldseam(home, "apply")
    plain = json.loads((home / "goldseam.yaml").read_text())
    plain["schema"]["questions"][0]["labels"].append("[mixed]")
    plain["sample"]["batch"] = 3
    small.write_settings(home, plain)

    planned = goldseam(home, "plan", "--json").json
    applied = goldseam(home, "apply", "--json").json

    assert not planned["nothing"]
    assert planned["settings"] == ["sample.batch: 6 -> 3"]
    assert {key: applied[key] for key in planned} == planned
    assert (applied["schema_version"], applied["guideline_version"]) == (2, 1)
    assert goldseam(home, "plan", "--json").json["nothing"]
    assert "[mixed]" in goldseam(home, "status").out or goldseam(home, "status").code == 0


def test_apply_refuses_to_orphan_answers(home: Path) -> None:
    with small.opened(home) as project:
        small.run(project)
        project.answer(project.lease(1).offers[0], "pos")
    plain = json.loads((home / "goldseam.yaml").read_text())
    plain["schema"]["questions"][0]["labels"] = ["neg", "other"]
    small.write_settings(home, plain)

    refused = goldseam(home, "apply")

    assert "orphan" in in_one_sentence(refused, 3)
    assert "1 answers name it" in refused.err


# --- run, status, serve -----------------------------------------------------------------------------------------------


def test_run_says_without_doing(home: Path) -> None:
    said = goldseam(home, "run", "--say", "--json").json

    assert (said["done"], said["next"]["stage"]) == ([], "source")
    assert goldseam(home, "run", "--say", "--json").json == said


def test_run_tells_a_person_what_to_do_and_doing_it_twice_changes_nothing(home: Path) -> None:
    first = goldseam(home, "run")
    again = goldseam(home, "run")

    assert "items.csv: 6 accepted" in first.out
    assert "goldseam annotate" in first.out
    assert again.out.startswith("● round 1 annotate")


def test_run_can_stop_collecting(home: Path) -> None:
    goldseam(home, "run")
    goldseam(home, "annotate", "--limit", "4", keys="1\n2\n1\n2\n")

    said = goldseam(home, "run", "--close", "--json").json

    assert said["done"][0]["outcome"] == "2 answers no longer wanted"


def test_status_has_what_a_program_and_a_person_need(finished: Path) -> None:
    found = goldseam(finished, "status", "--json").json

    assert found["project"] == "moods"
    assert found["counts"]["settled"] == 6
    assert found["releases"][0]["number"] == 1
    assert found["refused"] == []
    drawn = goldseam(finished, "status").out
    assert "release 1: 6 items" in drawn


def test_status_shows_what_was_refused_and_why(home: Path) -> None:
    with (home / "items.csv").open("ab") as file:
        file.write(b"k9,[bold]\xff\n" * 5)
    goldseam(home, "run")

    said = goldseam(home, "status").out

    assert said.count("refused: ") == 3
    assert "items.csv, line 8, refused: byte 10 of it (0xff) is not UTF-8" in said
    assert "and more" in said
    assert len(goldseam(home, "status", "--json").json["refused"]) == 5


# --- release, diff, verify, export ------------------------------------------------------------------------------------


def test_release_lists_what_was_published(finished: Path) -> None:
    assert [row["number"] for row in goldseam(finished, "release", "--list", "--json").json] == [1]
    assert "moods-0001" in goldseam(finished, "release", "--list").out


def test_diff_takes_numbers_and_folders(finished: Path) -> None:
    numbers = goldseam(finished, "diff", "1", "1", "--json").json
    folders = goldseam(finished.parent, "diff", *[str(finished / "releases" / "moods-0001")] * 2, "--json").json

    assert numbers == folders
    assert numbers["unchanged"] == 6
    assert "6 unchanged" in goldseam(finished, "diff", "1", "1").out


def key_of(home: Path) -> str:
    """Return the public key of a project."""
    return (home / "releases" / "moods-0001" / "key.txt").read_text().strip()


def test_verify_checks_the_project_and_a_release_by_key_by_file_and_by_trust(
    finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("stranger")
    release = str(finished / "releases" / "moods-0001")
    (elsewhere / "key").write_text(key_of(finished) + "\n")

    whole = goldseam(finished, "verify", "--json").json
    by_key = goldseam(elsewhere, "verify", release, "--key", key_of(finished), "--json").json
    by_file = goldseam(elsewhere, "verify", release, "--key", "key", "--json").json
    by_trust = goldseam(elsewhere, "verify", release, "--json").json

    assert whole["holds"]
    assert by_key == by_file == {"holds": True, "checked": release, "key_given": True, "findings": []}
    assert not by_trust["key_given"]
    assert "to trust it, give the key you were told" in goldseam(elsewhere, "verify", release).out
    assert not (elsewhere / ".goldseam").exists()


def test_verify_refuses_another_key_and_a_key_that_is_none(
    finished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    small.write_project(other, n_items=6, rounds=1)
    with small.opened(other) as project:
        key = project.key_line
    release = str(finished / "releases" / "moods-0001")

    assert "not signed by the key" in in_one_sentence(goldseam(finished, "verify", release, "--key", key), 5)
    for wrong in ("nofile.txt", "a+b+c", key[:-4], str(finished / "items.csv"), str(finished)):
        assert "--key takes" in in_one_sentence(goldseam(finished, "verify", release, "--key", wrong), 2)


def test_export_writes_where_it_is_told(finished: Path) -> None:
    said = goldseam(finished, "export", "out.jsonl", "--json").json

    assert said == {"release": 1, "rows": 6, "file": "out.jsonl"}
    assert len((finished / "out.jsonl").read_text().splitlines()) == 6
    assert goldseam(finished, "export", "out", "--format", "csv", "--release", "1").code == 0
    assert "csv, jsonl, parquet" in in_one_sentence(goldseam(finished, "export", "out.doc"), 2)


def test_trace_says_what_a_label_rests_on(finished: Path) -> None:
    with small.opened(finished) as project:
        (item,) = project.item_ids([3])

    found = goldseam(finished, "trace", item, "--json").json

    assert found["item"]["origin"]["key"] == "k3"
    assert goldseam(finished, "trace", item).code == 0
    in_one_sentence(goldseam(finished, "trace", "0" * 32), 2)


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_are_added_listed_granted_and_given_secrets(home: Path) -> None:
    added = goldseam(home, "people", "add", "[ada]", "--role", "reviewer", "--json").json
    listed = goldseam(home, "people", "list", "--json").json

    assert added["password"]
    assert {row["name"]: row["role"] for row in listed}["[ada]"] == "reviewer"
    assert goldseam(home, "people", "token", "[ada]", "--json").json["token"]
    assert goldseam(home, "people", "password", "[ada]", "--json").json["password"] != added["password"]
    assert "[ada]: manager" in goldseam(home, "people", "grant", "[ada]", "manager").out
    assert "Did you mean 'annotator'" in in_one_sentence(goldseam(home, "people", "grant", "[ada]", "annotater"), 2)
    in_one_sentence(goldseam(home, "people", "token", "nobody"), 2)


# --- replay and demo refuse before they make anything -----------------------------------------------------------------


def test_replay_refuses_a_file_that_holds_no_votes(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text("task;worker;label\n1;a;x\n")
    (tmp_path / "empty.csv").write_text("task,worker,label\n")

    assert "delimiter" in in_one_sentence(goldseam(tmp_path, "replay", "votes.csv"), 3)
    assert "no votes" in in_one_sentence(goldseam(tmp_path, "replay", "empty.csv"), 3)
    in_one_sentence(goldseam(tmp_path, "replay", "missing.csv"), 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.csv", "votes.csv"]


def test_demo_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine").touch()

    assert "not empty" in in_one_sentence(goldseam(tmp_path, "demo"), 2)
