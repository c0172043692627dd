"""Calibration sessions about answers that are no labels: every kind over HTTP, and a tree of questions on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from goldseam.edge.cli.parts import parts_of
from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import adjudicate, calibration, check, people, projects
from goldseam.edge.runner.people import Principal
from goldseam.formats.plain import answer_from_plain
from goldseam.vocab.answers import Abstain, Answer, Choice, LabelName, Rating, Span, Spans
from goldseam.vocab.errors import BadAnswer, Conflict, NotReady
from goldseam.vocab.people import Act, AnnotatorId, Role
from goldseam.vocab.schema import QuestionName
from tests.postgres import postgres
from tests.unit.annotate.test_apart import OTHER
from tests.walk import story
from tests.walk.story import Story
from tests.walk.test_every_kind import answers_of, project_file

__all__ = ["postgres"]


@pytest.mark.parametrize("modality", ["text", "image", "candidates"])
def test_every_kind_is_answered_blindly_compared_by_its_distance_and_agreed_on(tmp_path: Path, modality: str) -> None:
    first = answers_of(modality)
    second = {name: {"kind": name, **OTHER[name]} for name in first}
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, policies=project_file(tmp_path, modality))
        ids = {name: story.member_of(world, name, made.project.id) for name in ("ann", "ben")}
        tokens = {n: people.make_token(world, made.project.id, who, "t", None, None) for n, who in ids.items()}
        with story.serving(world) as url:
            ann, ben = (Client(url, token=tokens[name], tries=1) for name in ("ann", "ben"))
            mia, id_ = Client(url, token=made.token(Role.MANAGER), tries=1), made.project.id
            session = mia.start_calibration(id_, "Marks", list(ids.values()), choosing="random", n_items=1)
            with pytest.raises(BadAnswer, match="has no answer"):
                ann.answer_calibration(id_, session, 1, {"choice": Choice(LabelName("dog"))})
            ann.answer_calibration(id_, session, 1, read(first), "It is so.", 2.0)
            with pytest.raises(NotReady):
                mia.agree_calibration(id_, session, 1, "choice", Choice(LabelName("dog")))
            ben.answer_calibration(id_, session, 1, read(second), seconds=3.0)
            seen = ann.calibration(id_, session)
            (item,) = seen["items"]
            assert {one["question"]: one["kind"] for one in seen["session"]["before"]} == {name: name for name in first}
            assert item["apart"].keys() == first.keys()
            assert all(0 < far <= 1 for far in item["apart"].values())
            assert item["disagreement"] == max(item["apart"].values())
            assert {name: answer_from_plain(one) for name, one in item["votes"][0]["answers"].items()} == read(first)
            for name, answer in read(second).items():
                mia.agree_calibration(id_, session, 1, name, answer, clause=f"Of {name}.")
            (item,) = ben.calibration(id_, session)["items"]
            agreed = {one["question"]: answer_from_plain(one["answer"]) for one in item["agreed"]}
            assert agreed == read(second)
            with pytest.raises(BadAnswer, match="leave the item open"):
                mia.agree_calibration(id_, session, 1, "choice", Abstain())
        assert check.project(world, projects.by_name(world, "moods")) == ()
        schema = projects.by_name(world, "moods").schema
        words = {name: parts_of(answer, schema.question(name), "dogs chase cats") for name, answer in agreed.items()}
        assert all(parts and all(parts) for parts in words.values()), words


def read(plain: Mapping[str, Any]) -> dict[str, Answer]:
    return {name: answer_from_plain(one) for name, one in plain.items()}


TREE = {
    "schema": {
        "questions": [
            {"name": "named", "labels": ["yes", "no"]},
            {"name": "names", "kind": "span", "labels": ["person"], "ask_if": {"question": "named", "labels": ["yes"]}},
            {"name": "clear", "kind": "rating", "minimum": 1, "maximum": 5, "required": False},
        ]
    },
    "route": {"redundancy": 2},
    "annotate": {"gold_rate": 0.0},
    "adjudicate": {"method": "majority"},
}
YES, NO = Choice(LabelName("yes")), Choice(LabelName("no"))


def spans(*places: tuple[int, int]) -> Spans:
    return Spans(tuple(Span(start, end, LabelName("person")) for start, end in places))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    with story.opened(tmp_path) as world:
        yield story.set_up(world, tmp_path, n_items=8, policies=TREE)


def work(client: Client, project: str, wide: bool) -> None:
    """Answer everything; of the odd items one person marks a longer span."""
    while offers := client.lease(project, 8).offers:
        sent = []
        for one in offers:
            odd = int(str(one.text).split()[2]) % 2
            answers: dict[str, Answer] = {
                "named": YES,
                "names": spans((0, 11 if wide and odd else 4)),
                "clear": Rating(4),
            }
            sent.append(Submission(new_id(), one.id, one.token, answers, 1.0, 1, 1))  # type: ignore[arg-type]  # ids and versions as plain values
        assert {each.status for each in client.submit(project, sent)} == {"saved"}


def test_a_tree_is_disputed_by_any_of_its_questions_and_measured_by_each(made: Story) -> None:
    world, id_ = made.world, made.project.id
    ids = {name: story.member_of(world, name, id_) for name in ("ann", "ben")}
    tokens = {name: people.make_token(world, id_, who, "t", None, None) for name, who in ids.items()}
    with story.serving(world) as url:
        ann, ben = (Client(url, token=tokens[name], tries=1) for name in ("ann", "ben"))
        mia = Client(url, token=made.token(Role.MANAGER), tries=1)
        work(ann, id_, wide=False)
        work(ben, id_, wide=True)
        adjudicate.settle_round(world, projects.by_name(world, "moods"), made.members[Role.OWNER])
        session = mia.start_calibration(id_, "Names", list(ids.values()), n_items=4)
        texts = [one["item"]["text"] for one in mia.calibration(id_, session)["items"]]
        assert all(int(text.split()[2]) % 2 for text in texts), "spans differ on the odd items alone"
        with pytest.raises(NotReady, match="4 items that annotators disagree on"):
            mia.start_calibration(id_, "More", list(ids.values()), n_items=5)

        with pytest.raises(BadAnswer, match="'names' has no answer"):
            ann.answer_calibration(id_, session, 1, {"named": YES})
        with pytest.raises(BadAnswer, match="not asked"):
            ann.answer_calibration(id_, session, 1, {"named": NO, "names": spans()})
        with pytest.raises(BadAnswer, match="within the text"):
            ann.answer_calibration(id_, session, 1, {"named": YES, "names": spans((0, 999))})
        for number in range(1, 5):
            ann.answer_calibration(id_, session, number, {"named": YES, "names": spans((0, 4))})
            said = {"named": YES, "names": spans((0, 4), (5, 11))} if number < 3 else {"named": NO, "clear": Rating(1)}
            ben.answer_calibration(id_, session, number, said)
        with pytest.raises(NotReady):
            ann.answer_calibration(id_, session, 1, {"named": NO})
        seen = mia.calibration(id_, session)
        far = {one["number"]: one["apart"] for one in seen["items"]}
        assert far[3] == {"named": 1.0}, "a question that one of two was asked compares nobody"
        assert far[1] == {"named": 0.0, "names": pytest.approx(1 - 2 / 3)}
        assert [one["number"] for one in seen["items"]] == [3, 4, 1, 2]
        measured = {one["question"]: (one["n_items"], one["n_votes"]) for one in seen["session"]["before"]}
        assert measured == {"named": (4, 8), "names": (2, 4), "clear": (0, 0)}

        mia.agree_calibration(id_, session, 1, "names", spans((0, 4)), clause="One name a film.")
        mia.finish_calibration(id_, session)
        mia.measure_calibration(id_, session)
        assert {one["question"] for one in mia.calibrations(id_)[0]["after"]} == {"named", "names", "clear"}
    assert check.project(world, projects.by_name(world, "moods")) == ()


def permit(made: Story, who: AnnotatorId, act: Act) -> people.Permit:
    return people.permit(made.world, Principal(who, "x"), made.project.id, act)


def test_the_last_answer_sent_again_after_a_crash_lets_the_session_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is kept first and the figures are found after it: whoever repeats it finds them."""
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=3)
        who = tuple(story.member_of(world, name, made.project.id) for name in ("ann", "ben"))
        manager = permit(made, made.members[Role.MANAGER], Act.MANAGE)
        asked = calibration.Start(new_id(), "One", calibration.Choosing.RANDOM, 1, who)
        calibration.start(world, manager, asked)
        calibration.start(world, manager, asked)
        answers = {QuestionName("mood"): Choice(LabelName("pos"))}
        acts = [(permit(made, one, Act.ANNOTATE), asked.id, new_id(), 1, answers, "", 1.0) for one in who]
        calibration.answer(world, *acts[0])

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(calibration.calibration_figures, "of_session", crash)
            with pytest.raises(KeyboardInterrupt):
                calibration.answer(world, *acts[1])
        assert state(made, asked.id) == "blind"
        calibration.answer(world, *acts[1])
        assert state(made, asked.id) == "discussed"
        calibration.answer(world, *acts[1])
        with pytest.raises(Conflict):
            other = {QuestionName("mood"): Choice(LabelName("neg"))}
            calibration.answer(world, *acts[1][:4], other, "", 1.0)
        assert check.project(world, projects.by_name(world, "moods")) == ()


def state(made: Story, session: str) -> str:
    return made.world.store.read(lambda tx: calibration.rows.find(tx, made.project.id, session)).state.value


def test_an_answer_that_comes_while_figures_are_found_is_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=3)
        who = tuple(story.member_of(world, name, made.project.id) for name in ("ann", "ben"))
        manager = permit(made, made.members[Role.MANAGER], Act.MANAGE)
        asked = calibration.Start(new_id(), "One", calibration.Choosing.RANDOM, 2, who)
        calibration.start(world, manager, asked)
        answers = {QuestionName("mood"): Choice(LabelName("pos"))}
        calibration.answer(world, permit(made, who[0], Act.ANNOTATE), asked.id, new_id(), 1, answers, "", 1.0)
        find, late = calibration.calibration_figures.of_session, [permit(made, who[1], Act.ANNOTATE)]

        def slow(*given: Any) -> Any:
            found = find(*given)
            while late:
                calibration.answer(world, late.pop(), asked.id, new_id(), 1, answers, "", 1.0)
            return found

        monkeypatch.setattr(calibration.calibration_figures, "of_session", slow)
        calibration.move(world, manager, asked.id, new_id(), calibration.SessionEvent.CLOSE)
        kept = world.store.read(lambda tx: calibration.rows.find(tx, made.project.id, asked.id))
        assert kept is not None and kept.before is not None
        assert (kept.before[0]["n_votes"], json.loads(json.dumps(kept.apart))) == (2, {"mood": {"1": 0.0}})
