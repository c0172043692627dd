"""What a manager does about people from the command line: questions, onboarding, calibration sessions, pay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from goldseam.edge.cli.errors import exit_code
from goldseam.edge.runner import people, promotion
from goldseam.edge.runner.people import Principal
from goldseam.vocab.errors import BadValue, NotReady
from goldseam.vocab.people import Act
from tests.unit.edge.cli.call import Said, goldseam
from tests.walk import small

PEOPLE = ("ada", "ben", "cleo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose annotators answered everything, one of them not as well."""
    folder = tmp_path_factory.mktemp("moods")
    small.write_project(
        folder,
        n_items=12,
        sample={"strategy": "random", "batch": 12},
        route={"redundancy": 3},
        qualification={
            "files": ["questions.csv"],
            "promotion": {"answers": 5, "gold_low": 0, "agreement": 0.5, "weeks": 0},
        },
    )
    small.write_rows(folder / "questions.csv", ["key", "label"], [["k1", "pos"], ["k2", "neg"], ["k77", "neg"]])
    with small.opened(folder) as project:
        who = {name: small.member(project, name) for name in PEOPLE}
        small.run(project)
        for name, accuracy in zip(PEOPLE, (1.0, 1.0, 0.6), strict=True):
            small.answer_all(project, [who[name]], accuracy=accuracy, seed=3)
        small.run(project)
    yield folder


def said(folder: Path, *words: str) -> Said:
    found = goldseam(folder, *words, "--json")
    assert found.code == 0, found.err
    return found


def test_questions_are_read_and_what_was_refused_is_told(folder: Path) -> None:
    (read,) = said(folder, "qualify", "questions").json
    assert (read["n_set"], read["refused"]) == (2, [[4, "no item has this key"]])
    drawn = goldseam(folder, "qualify", "questions").out
    assert "line 4, refused" in drawn


def test_onboarding_and_promotions_are_a_manager_s_to_see_and_decide(folder: Path) -> None:
    assert {one["name"] for one in said(folder, "qualify", "team").json} == set(PEOPLE)
    refused = goldseam(folder, "qualify", "allow", "ada", "--json")
    assert (refused.code, refused.refusal["type"]) == (exit_code(NotReady), "NotReady")
    measured = said(folder, "qualify", "measure").json
    assert measured["n_told"] == 3
    open_ = {one["name"]: one["id"] for one in said(folder, "qualify", "promotions").json}
    assert {"ada", "ben"} <= set(open_)
    said(folder, "qualify", "decline", open_["ben"], "--reason", "Not yet.")
    said(folder, "qualify", "accept", open_["ada"], "--reason", "Careful.")
    assert {one["state"] for one in said(folder, "qualify", "promotions").json} >= {"accepted", "declined"}
    roles = {one["name"]: one["role"] for one in said(folder, "people", "list").json}
    assert (roles["ada"], roles["ben"]) == ("reviewer", "annotator")
    with small.opened(folder) as project:
        who = people.member(project.world, project.facts.id, "ben")
        permit = people.permit(project.world, Principal(who.id, "ben"), project.facts.id, Act.ANNOTATE)
        own = promotion.own_figures(project.world, permit)
    assert own is not None
    assert own[0].n_answers == 12


def test_a_session_is_started_closed_and_ended(folder: Path) -> None:
    made = said(folder, "calibrate", "start", "Irony", *PEOPLE, "--items", "2", "--by", "random").json["calibration"]
    assert "blind" in goldseam(folder, "calibrate", "list").out
    assert not said(folder, "calibrate", "show", made).json["items"][0]["votes"]
    refused = goldseam(folder, "calibrate", "agree", made, "1", "pos", "--json")
    assert refused.refusal["type"] == "NotReady"
    said(folder, "calibrate", "close", made)
    said(folder, "calibrate", "agree", made, "1", "pos", "--clause", "Praise is pos.")
    assert "agreed" in goldseam(folder, "calibrate", "show", made).out
    said(folder, "calibrate", "finish", made)
    measured = said(folder, "calibrate", "measure", made).json
    assert [one["value"] for one in measured["before"]] == [None]
    assert measured["after"][0]["reason"]


def test_people_are_paid_and_a_label_has_a_cost(folder: Path) -> None:
    said(folder, "pay", "rate", "0.05", "--since", "2020-01-01")
    refused = goldseam(folder, "pay", "rate", "0.005", "--json")
    assert (refused.code, refused.refusal["type"]) == (exit_code(BadValue), "BadValue")
    made = said(folder, "pay", "close").json
    assert [one["statement"]["amount"] for one in made] == [60] * 3
    assert said(folder, "pay", "close").json == []
    first = made[0]["statement"]["id"]
    assert goldseam(folder, "pay", "paid", first, "--json").refusal["type"] == "NotReady"
    for words in (("hold", first, "--reason", "Wait."), ("approve", first), ("paid", first)):
        said(folder, "pay", *words)
    assert "paid" in goldseam(folder, "pay", "list").out
    said(folder, "pay", "export", "pay.csv")
    assert (folder / "pay.csv").read_text().startswith("statement,annotator,name,until")
    (cost,) = said(folder, "pay", "cost").json
    assert (cost["amount"], cost["per_label"]) == ("1.80", f"{1.8 / cost['n_settled']:.4f}")
