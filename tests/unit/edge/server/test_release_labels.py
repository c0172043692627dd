"""The labels of a release as a table over HTTP: the bytes that the command line writes, and some thousand rows at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from goldseam.edge.project import Project
from goldseam.edge.runner import exporting, people
from goldseam.edge.server import app as server
from goldseam.formats.parquet import table_pieces, write_table
from goldseam.formats.tables import to_csv
from goldseam.release import manifest as manifests
from goldseam.vocab.errors import BadValue
from goldseam.vocab.people import Role
from tests.walk import small

N_ROWS = 5_000


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("labels")
    small.write_project(folder, n_items=6)
    with small.opened(folder) as project:
        small.run(project)
        small.answer_all(project, [None])
        small.run(project)
        yield project


@pytest.fixture
def http(published: Project) -> Iterator[TestClient]:
    with TestClient(server.make_app(published.world)) as made:
        made.headers.update({"X-Goldseam": "1"})
        reply = made.post("/api/session", json={"code": people.make_code(published.world, published.me)})
        assert reply.status_code == 200
        yield made


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_labels_of_a_release_are_the_bytes_that_the_command_line_writes(
    published: Project, http: TestClient, tmp_path: Path, form: str
) -> None:
    published.export(tmp_path / f"labels.{form}")

    reply = http.get(f"/api/projects/{published.facts.id}/releases/1/labels?form={form}")

    assert reply.status_code == 200
    assert reply.content == (tmp_path / f"labels.{form}").read_bytes()
    assert f"release-1.{form}" in reply.headers["content-disposition"]
    assert "attachment" in reply.headers["content-disposition"]


def test_a_release_that_is_not_there_or_a_form_that_is_none_is_refused(published: Project, http: TestClient) -> None:
    at = f"/api/projects/{published.facts.id}/releases"
    assert http.get(f"{at}/7/labels").status_code == 404
    assert http.get(f"{at}/1/labels?form=parquet").status_code == 422

    folder = published.release_folder(1)
    folder.rename(folder.with_name("moved"))
    try:
        gone = http.get(f"{at}/1/labels")
    finally:
        folder.with_name("moved").rename(folder)

    assert gone.status_code == 404
    assert str(folder.parent) not in gone.text


def test_many_rows_come_in_pieces_that_are_one_table(published: Project, tmp_path: Path) -> None:
    texts = [f"=line {n}\nof “{n % 7}”" if n % 3 else "" for n in range(N_ROWS)]
    chances = [None if n == 0 else n / N_ROWS for n in range(N_ROWS)]
    table = {
        "item": [f"{n:032x}" for n in range(N_ROWS)],
        "question": ["q"] * N_ROWS,
        "label": texts,
        "confidence": chances,
    }
    (tmp_path / manifests.LABELS).write_bytes(write_table(table))
    schema = (published.release_folder(1) / manifests.SCHEMA).read_bytes()
    (tmp_path / manifests.SCHEMA).write_bytes(schema)

    pieces = list(exporting.labels(tmp_path, "csv"))
    lines = [json.loads(line) for piece in exporting.labels(tmp_path, "jsonl") for line in piece.splitlines()]

    assert len(pieces) > 2, "it came as one piece, so all of it was in memory"
    assert b"".join(pieces) == to_csv(table)
    assert [row["item"] for row in csv.DictReader(io.StringIO(b"".join(pieces).decode()))] == table["item"]
    assert [line["label"] for line in lines] == texts
    assert [line["confidence"] for line in lines] == chances


def test_a_file_that_is_no_table_is_refused() -> None:
    with pytest.raises(BadValue, match="Parquet"):
        list(table_pieces(io.BytesIO(b"PAR1 and nothing else PAR1")))


def test_an_annotator_is_not_sent_them(published: Project, http: TestClient) -> None:
    made, _ = people.add_person(
        published.world, published.facts.id, published.me, "ann", Role.ANNOTATOR, password="correct horse"
    )
    assert http.post("/api/session", json={"code": people.make_code(published.world, made.id)}).status_code == 200
    assert http.get(f"/api/projects/{published.facts.id}/releases/1/labels").status_code == 403
