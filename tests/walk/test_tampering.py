"""Tampering: whoever changes a row or a byte behind the ledger's back is found out, and what was changed is named."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from goldseam.release import manifest
from tests.unit.edge.cli.call import goldseam
from tests.walk import small

Change = Callable[[sqlite3.Connection], object]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project after two rounds, with everything that can be tampered with: votes, undone ones, gold, rulings, releases."""
    folder = tmp_path_factory.mktemp("original")
    small.write_project(
        folder,
        n_items=16,
        gold=["gold.csv"],
        guideline={"text": "Judge the film, not its subject."},
        route={"redundancy": 2},
        annotate={"gold_rate": 0.2},
        sample={"strategy": "random", "batch": 7},
        audit={"draws": 20, "alpha_stop": -1.0, "alpha_warn": -1.0},
    )
    small.write_rows(folder / "gold.csv", ["key", "label"], [["k0", "neg"], ["k1", "pos"]])
    with small.opened(folder) as project:
        small.run(project)
        contrary = small.member(project, "contrary")
        offer = project.lease(1).offers[0]
        again = project.withdraw(project.answer(offer, "neg").id)
        project.answer(again, small.truth_of(again.item.content))
        small.answer_all(project, [None])
        small.answer_all(project, [contrary], accuracy=0.6, seed=3)
        small.run(project)
        while rows := project.disagreements(50):
            for found in rows:
                project.rule(str(found["item"]["id"]), "pos", "looked twice")  # type: ignore[index]  # plain values
            small.run(project)
        small.answer_all(project, [None, contrary])
        small.run(project)
        assert len(project.releases()) == 2
        assert project.verify() == ()
        counts = project.world.store.read(
            lambda tx: {
                table: tx.connection.exec_driver_sql(f"select count(*) from {table}").scalar()
                for table in ("withdrawals", "gold", "models", "settlements", "reports")
            }
        )
        assert all(counts.values()), counts
    return folder


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(original, tmp_path / "home"))


def tamper(home: Path, change: Change) -> None:
    """Change the database with plain SQL, after taking away what guards its append-only tables."""
    with sqlite3.connect(home / ".goldseam" / "goldseam.db") as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        change(connection)
    connection.close()


def sql(statement: str) -> Change:
    """Return the change that this statement makes; it must touch exactly one row."""

    def change(connection: sqlite3.Connection) -> None:
        assert connection.execute(statement).rowcount == 1, "the statement was meant to change one row"

    return change


FIRST = "rowid = (SELECT min(rowid) FROM {table})"
ONE_MORE = "entry_seq = (SELECT max(entry_seq) FROM annotations)"
COMPUTED = "seq = (SELECT min(seq) FROM settlements WHERE method <> 'ruling' AND state = 'settled')"
RULED = "seq = (SELECT min(seq) FROM settlements WHERE method = 'ruling')"
SETTLEMENT_COLUMNS = (
    "project, position, question, label, confidence, posterior, method, state, reason, n_votes, round, by, at"
)

CHANGES: dict[str, tuple[str, str]] = {
    "an annotation's answer": (f"UPDATE annotations SET answer = replace(replace(replace(answer, 'pos', '?'), 'neg', 'pos'), '?', 'neg') WHERE {ONE_MORE}", "annotations, annotation .*: is not what entry"),
    "the code that an annotation counts as": (f"UPDATE annotations SET label = 1 - label WHERE {ONE_MORE}", "annotations, annotation .*: is counted as"),
    "who gave an annotation": (f"UPDATE annotations SET annotator = (SELECT id FROM annotators WHERE id <> annotations.annotator LIMIT 1) WHERE {ONE_MORE}", "annotations, annotation .*: is not what entry"),
    "which item an annotation is about": (f"UPDATE annotations SET position = (position + 1) % 16 WHERE {ONE_MORE}", "annotations, annotation .*: is not what entry"),
    "when an annotation was given": (f"UPDATE annotations SET at = at + 1 WHERE {ONE_MORE}", "annotations, annotation .*: is not what entry"),
    "how long an annotation took": (f"UPDATE annotations SET seconds = 99 WHERE {ONE_MORE}", "annotations, annotation .*: is not what entry"),
    "a salt": (f"UPDATE annotations SET salt = '{'00' * 16}' WHERE {ONE_MORE}", "annotations, annotation .*: is not what entry"),
    "an annotation that is gone": (f"DELETE FROM annotations WHERE {ONE_MORE}", "annotations, annotation .*: is gone"),
    "an annotation that nobody gave": (f"INSERT INTO annotations SELECT '0190-forged', project, position, (SELECT id FROM annotators WHERE id <> annotations.annotator LIMIT 1), assignment, question, label, answer, salt, body_hash, purpose, schema_version, guideline_version, reaction, seconds, surplus, 999999, at FROM annotations WHERE {ONE_MORE}", "annotations, annotation 0190-forged: has no entry"),
    "an annotation that was undone and is not": ("DELETE FROM withdrawals", "annotations, annotation .*: was taken back in one"),
    "an annotation that was not undone and is": (f"INSERT INTO withdrawals SELECT id, 'forged', project, at FROM annotations WHERE {ONE_MORE}", "annotations, annotation .*: was taken back in one"),
    "a settled label": (f"UPDATE settlements SET label = 1 - label WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "a settled confidence": (f"UPDATE settlements SET confidence = 0.999 WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "a soft label": (f"UPDATE settlements SET posterior = zeroblob(16) WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "an escalation": (f"UPDATE settlements SET state = 'escalated' WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "how a label was settled": (f"UPDATE settlements SET method = 'auto' WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "the round of a settlement": (f"UPDATE settlements SET round = 9 WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "a settlement that is gone": (f"DELETE FROM settlements WHERE {COMPUTED}", "settlements, settled .*: are not those that entry"),
    "a settlement that nobody made": (f"INSERT INTO settlements ({SETTLEMENT_COLUMNS}) SELECT project, position, question, 1 - label, confidence, posterior, method, state, reason, n_votes, round, by, at + 1 FROM settlements WHERE {COMPUTED}", "settlements, settled .*: have no entry"),
    "a ruled label": (f"UPDATE settlements SET label = 1 - label WHERE {RULED}", "settlements, ruling .*: is not what entry"),
    "who ruled": (f"UPDATE settlements SET by = (SELECT id FROM annotators WHERE id <> settlements.by LIMIT 1) WHERE {RULED}", "settlements, ruling .*: is not what entry"),
    "the item of a ruling": (f"UPDATE settlements SET position = (position + 1) % 16 WHERE {RULED}", "settlements, ruling .*: is not what entry"),
    "a ruling that is gone": (f"DELETE FROM settlements WHERE {RULED}", "settlements, ruling .*: is gone"),
    "a ruling that nobody made": (f"INSERT INTO settlements (id, {SETTLEMENT_COLUMNS}) SELECT 'forged', {SETTLEMENT_COLUMNS} FROM settlements WHERE {RULED}", "settlements, ruling forged: has no entry"),
    "an item that was drawn": ("UPDATE draw_items SET position = (SELECT max(position) FROM items WHERE position NOT IN (SELECT position FROM draw_items)) WHERE rank = 0 AND round = 1", "draws, round 1: the items are not those"),
    "an inclusion chance": ("UPDATE draw_items SET chance = 1.0 WHERE rank = 0 AND round = 1", "draws, round 1: the inclusion chances are not those"),
    "an item that was not drawn": ("DELETE FROM draw_items WHERE rank = 1 AND round = 2", "draws, round 2: the items are not those"),
    "a text": ("UPDATE items SET content = 'another text' WHERE position = 3", "items, item .*: its content is not the one"),
    "a text with its id": ("UPDATE items SET id = 'ffffffffffffffffffffffffffffffff' WHERE position = 3", "items, the first .*: are not those"),
    "where an item is found": ("UPDATE item_ids SET position = 4 WHERE position = 3", "items, item .*: is not found by its id where it stands"),
    "an item that is not found": ("DELETE FROM item_ids WHERE position = 3", "items, item .*: is not found by its id where it stands"),
    "gold": ("UPDATE gold SET label = 1 - label WHERE seq = (SELECT min(seq) FROM gold)", "gold, set .*: is not what entry"),
    "gold that nobody set": ("INSERT INTO gold (project, position, question, label, answer, how, by, at) SELECT project, 5, question, label, answer, how, by, at + 1 FROM gold WHERE seq = (SELECT min(seq) FROM gold)", "gold, 1 items: were set as gold without an entry"),
    "a quality report": (f"UPDATE reports SET body = replace(body, '\"passes\":true', '\"passes\":true ') WHERE {FIRST.format(table='reports')}", "reports, measured .*: is not the report"),
    "a model": (f"UPDATE models SET blob = '{'0' * 64}' WHERE {FIRST.format(table='models')}", "models, model .*: is not the one"),
    "what a model suggested": ("UPDATE suggestions SET label = 1 - label WHERE position = 3", "suggestions, model .*, items 0 to 15: are not those that entry"),
    "how sure a model was": ("UPDATE suggestions SET confidence = 0.999 WHERE position = 3", "suggestions, model .*, items 0 to 15: are not those that entry"),
    "a model's chances": ("UPDATE suggestions SET proba = zeroblob(8), confidence = 0 WHERE position = 3", "suggestions, model .*, items 0 to 15: are not those that entry"),
    "a suggestion that no model made": ("INSERT INTO suggestions (project, model, position, label, confidence, proba) SELECT project, 'forged', position, label, confidence, proba FROM suggestions WHERE position = 3", "suggestions, model forged: 1 have no entry in the log"),
    "an entry's text": ("UPDATE entries SET body = replace(body, 'annotation.given', 'annotation.sent') WHERE seq = (SELECT max(seq) FROM entries WHERE kind = 'annotation.given')", "log, entry .*: its text is not what was hashed"),
    "an entry's actor": ("UPDATE entries SET body = replace(body, '\"actor\":\"0', '\"actor\":\"1') WHERE seq = (SELECT max(seq) FROM entries WHERE kind = 'annotation.given')", "log, entry .*: its text is not what was hashed"),
    "an entry's hash": ("UPDATE entries SET leaf = zeroblob(32) WHERE seq = (SELECT max(seq) FROM entries WHERE kind = 'annotation.given')", "log, entry .*: its text is not what was hashed"),
    "an entry that is gone": ("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries WHERE kind = 'annotation.given')", "log, entry .*: is missing"),
    "the newest entry": ("DELETE FROM entries WHERE position = (SELECT max(position) FROM entries WHERE log = (SELECT id FROM projects)) AND log = (SELECT id FROM projects)", "log, checkpoint .*: covers entries that are not there"),
    "an entry under no checkpoint": ("INSERT INTO entries (log, kind, body, leaf, position) SELECT log, kind, body, leaf, position + 1 FROM entries WHERE log = (SELECT id FROM projects) ORDER BY position DESC LIMIT 1", "log, entry .*: is under no signed checkpoint"),
    "a checkpoint's note": ("UPDATE checkpoints SET note = replace(note, 'goldseam/', 'goldseem/') WHERE rowid = (SELECT min(rowid) FROM checkpoints WHERE log = (SELECT id FROM projects))", "log, checkpoint .*: "),
    "a checkpoint's size": ("UPDATE checkpoints SET size = size + 1000 WHERE rowid = (SELECT min(rowid) FROM checkpoints WHERE log = (SELECT id FROM projects))", "log, checkpoint .*: covers entries that are not there"),
    "a schema": (f"UPDATE schemas SET body = replace(body, 'pos', 'nop') WHERE {FIRST.format(table='schemas')}", "schema, version 1: is not what entry"),
    "a guideline": (f"UPDATE guidelines SET body = replace(body, '{{', '{{ ') WHERE {FIRST.format(table='guidelines')}", "guideline, version 1: is not what entry"),
    "settings": (f"UPDATE settings SET body = replace(body, '\"batch\":7', '\"batch\":8') WHERE {FIRST.format(table='settings')}", "settings, version 1: is not what entry"),
    "a release's row": ("UPDATE releases SET manifest_hash = 'x' WHERE number = 1", "releases, release 1: is not the one"),
    "a release that is gone": ("DELETE FROM releases WHERE number = 2", "releases, release 2: is gone"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_row_is_found_and_named(home: Path, what: str) -> None:
    statement, finding = CHANGES[what]
    tamper(home, sql(statement))

    said = goldseam(home, "verify")

    assert said.code == 5, said
    assert re.search(f"- {finding}", said.err), said.err


def test_names_of_labels_that_were_swapped_are_found(home: Path) -> None:
    def swap(connection: sqlite3.Connection) -> None:
        for code, name in ((0, "x"), (1, "neg"), (0, "pos")):
            connection.execute("UPDATE labels SET name = ? WHERE code = ?", (name, code))

    tamper(home, swap)

    said = goldseam(home, "verify")

    assert said.code == 5
    assert "is counted as" in said.err


def test_a_log_that_was_cut_back_with_its_checkpoints_is_found_by_what_it_no_longer_tells(home: Path) -> None:
    def cut(connection: sqlite3.Connection) -> None:
        (log,) = connection.execute("SELECT id FROM projects").fetchone()
        (size,) = connection.execute(
            "SELECT size FROM checkpoints WHERE log = ? ORDER BY size LIMIT 1", (log,)
        ).fetchone()
        connection.execute("DELETE FROM entries WHERE log = ? AND position >= ?", (log, size))
        connection.execute("DELETE FROM checkpoints WHERE log = ? AND size > ?", (log, size))

    tamper(home, cut)

    said = goldseam(home, "verify")

    assert said.code == 5
    assert "has no entry in the log" in said.err


def test_the_database_itself_refuses_to_change_what_is_append_only(home: Path) -> None:
    with sqlite3.connect(home / ".goldseam" / "goldseam.db") as connection:
        for statement, _ in CHANGES.values():
            table = statement.split()[1] if statement.startswith("UPDATE") else ""
            if table in {"annotations", "settlements", "entries", "checkpoints", "schemas", "gold", "releases"}:
                with pytest.raises(sqlite3.IntegrityError, match=r"append-only"):
                    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("name", [manifest.MANIFEST, *manifest.LISTED, *manifest.EVIDENCE])
def test_a_byte_flipped_in_a_release_names_its_file(original: Path, tmp_path: Path, name: str) -> None:
    """Checked offline, with only the public key, by somebody who has nothing else."""
    key = (original / "releases" / "moods-0002" / "key.txt").read_text().strip()
    folder = Path(shutil.copytree(original / "releases" / "moods-0002", tmp_path / "release"))
    data = (folder / name).read_bytes()
    for place in (0, len(data) // 3, len(data) // 2, len(data) - 2):
        (folder / name).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])

        said = goldseam(tmp_path, "verify", str(folder), "--key", key)

        assert said.code == 5, (name, place)
        assert f"- {name}" in said.err, (place, said.err)
    (folder / name).write_bytes(data)
    assert goldseam(tmp_path, "verify", str(folder), "--key", key).code == 0


def test_a_file_that_was_added_removed_or_linked_is_named(original: Path, tmp_path: Path) -> None:
    key = (original / "releases" / "moods-0001" / "key.txt").read_text().strip()
    for what in ("added", "removed", "linked", "folder"):
        folder = Path(shutil.copytree(original / "releases" / "moods-0001", tmp_path / what))
        match what:
            case "added":
                (folder / "notes.txt").touch()
            case "removed":
                (folder / "card.md").unlink()
            case "linked":
                (folder / "card.md").rename(tmp_path / "card.md")
                (folder / "card.md").symlink_to(tmp_path / "card.md")
            case _:
                (folder / "more").mkdir()

        said = goldseam(tmp_path, "verify", str(folder), "--key", key)

        assert said.code == 5
        assert re.search(r"- (notes\.txt|card\.md|more)", said.err), (what, said.err)


def test_a_release_of_the_project_that_was_changed_is_named_by_its_folder(home: Path) -> None:
    path = home / "releases" / "moods-0001" / "card.md"
    path.write_bytes(path.read_bytes() + b"and all is well\n")

    assert "releases/moods-0001/card.md" in goldseam(home, "verify").err
    shutil.rmtree(home / "releases" / "moods-0001")
    assert "releases/moods-0001: the folder is gone" in goldseam(home, "verify").err


def test_a_model_whose_bytes_were_changed_is_not_used(home: Path) -> None:
    blobs = [path for path in (home / ".goldseam" / "blobs").rglob("*") if path.is_file()]
    for path in blobs:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    small.write_rows(home / "items.csv", [], [["k99", "one more film, number 99"]], mode="a")

    said = goldseam(home, "run")

    assert said.code == 5
    assert "does not hold the bytes" in said.err
