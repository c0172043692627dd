"""Commands: each has help with an example, answers as JSON, and says in one sentence why it refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.cli.errors import EXIT_CODE, exit_code
from goldseam.edge.cli.table import COMMANDS, GROUPS
from goldseam.vocab import errors
from tests.conftest import ROOT
from tests.unit.edge.cli.call import Said, goldseam
from tests.walk import small

NAMES = [command.name for command in COMMANDS]
WITH_COMMANDS = {"people", "db", "model", "skills", "queue", "qualify", "calibrate", "pay", "webhook", "lf", "guard"}
"""These have commands of their own, whose help shows examples."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    small.write_project(tmp_path, n_items=6, sample={"strategy": "random", "batch": 6})
    return tmp_path


@pytest.fixture
def finished(home: Path) -> Path:
    with small.opened(home) as project:
        small.round_trip(project)
    return home


def in_one_sentence(said: Said, code: int) -> str:
    """Check that a refusal is short, without a stack trace, and has its exit code; return its text."""
    assert said.code == code, said
    assert "Traceback" not in said.err
    assert said.err.startswith("✗ ")
    return said.err


# --- help ------------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_by_group(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "--help")

    assert said.code == 0
    for group in GROUPS:
        assert f"\n{group}\n" in said.out
    for name in NAMES:
        assert re.search(rf"^ +{name} ", said.out, re.MULTILINE), name


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH_COMMANDS])
def test_help_on_a_command_shows_an_example_that_calls_it(tmp_path: Path, name: str) -> None:
    said = goldseam(tmp_path, name, "--help")

    assert said.code == 0
    assert re.search(rf"Example:\s+goldseam\s+{name}", said.out), said.out


@pytest.mark.parametrize(
    "name",
    [
        "model list",
        "model promote",
        "model keep",
        "lf try",
        "lf analyze",
        "lf plan",
        "lf apply",
        "guard show",
        "guard off",
        "guard on",
        "skills grant",
        "skills revoke",
        "skills list",
        "queue assign",
        "queue list",
        "queue release",
        "queue ahead",
        "queue again",
        "people add",
        "people grant",
        "people list",
        "people token",
        "people password",
        "db upgrade",
        "db backup",
        "db restore",
    ],
)
def test_help_on_a_command_of_commands_shows_an_example_of_each(tmp_path: Path, name: str) -> None:
    said = goldseam(tmp_path, *name.split(), "--help")

    assert said.code == 0
    assert f"goldseam {name}" in said.out


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_commands_and_their_files_agree(name: str) -> None:
    module = import_module(f"goldseam.edge.cli.{name}")

    assert module.app is not None
    assert module.__doc__.startswith(f"`goldseam {name}`")


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"goldseam \d+\.\d+\.\d+\n", goldseam(tmp_path, "--version").out)


def test_an_unknown_command_names_the_nearest(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "stauts")

    assert said.code == 2
    assert "Did you mean 'status'?" in said.err


# --- exit codes ------------------------------------------------------------------------------------------------------


def leaves(kind: type) -> list[type]:
    """Return the types that have no subtypes."""
    below = [leaf for child in kind.__subclasses__() for leaf in leaves(child)]
    return below or [kind]


@pytest.mark.parametrize("kind", leaves(errors.GoldseamError))
def test_every_error_has_an_exit_code_of_its_own_family(kind: type[errors.GoldseamError]) -> None:
    family = next(
        f
        for f in (errors.TamperError, errors.OperatorError, errors.OwnerError, errors.AnnotatorError)
        if issubclass(kind, f)
    )
    code = exit_code(kind)

    assert code not in {0, 1}
    assert code == EXIT_CODE[family] or kind in {errors.GateClosed, errors.NotReady}


def test_codes_tell_the_families_apart(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("nothing")
    in_one_sentence(goldseam(home, "diff", "1", "2"), 2)  # a value of the call
    in_one_sentence(goldseam(elsewhere, "status"), 4)  # the machine: no project here
    in_one_sentence(goldseam(home, "release"), 7)  # a step that comes first
    (home / "goldseam.yaml").write_text("name: x\nschma: {}\n")
    assert "schema" in in_one_sentence(goldseam(home, "plan"), 3)  # the project file


def test_a_refusal_as_json_is_json_too(tmp_path: Path) -> None:
    said = goldseam(tmp_path, "status", "--json")

    assert (said.code, said.out) == (4, "")
    assert said.refusal["type"] == "BadSetting"
    assert "goldseam init" in said.refusal["message"]


@pytest.mark.slow
def test_the_real_program_gives_the_same_code_and_no_stack_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from goldseam.edge.cli import main; main()", "status"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip

    assert done.returncode == 4
    assert done.stderr.startswith("✗ There is no goldseam.yaml")


def test_a_long_refusal_is_one_line_that_can_be_searched(tmp_path: Path) -> None:
    assert goldseam(tmp_path, "status").err.count("\n") == 1


# --- init ------------------------------------------------------------------------------------------------------------


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

    assert said.code == 0, said.err


# --- plan and apply --------------------------------------------------------------------------------------------------


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


# --- run, status, serve ----------------------------------------------------------------------------------------------


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


# --- release, diff, verify, export -----------------------------------------------------------------------------------


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


# --- people ----------------------------------------------------------------------------------------------------------


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


# --- replay and demo refuse before they make anything ------------------------------------------------------------------


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


def test_a_home_that_may_not_be_written_is_one_sentence(home: Path) -> None:
    (home / ".goldseam").write_text("in the way")

    in_one_sentence(goldseam(home, "status"), 4)


def test_a_file_that_is_no_database_is_one_sentence(home: Path) -> None:
    (home / ".goldseam").mkdir()
    (home / ".goldseam" / "goldseam.db").write_bytes(b"not a database at all" * 100)

    said: Any = in_one_sentence(goldseam(home, "status"), 4)
    assert "cannot be opened" in said
