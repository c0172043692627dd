"""People talk about items and rules over HTTP, on both databases: comments, proposals, disputes, tiers."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from goldseam.edge.client import Client, Submission, new_id
from goldseam.edge.home import DATABASE_SETTING
from goldseam.edge.runner import check, log, projects
from goldseam.edge.store import log as log_rows
from goldseam.flow.settings import settings_from_plain, settings_to_plain
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue, Conflict, NotAllowed, NotFound, NotReady
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Role
from tests.postgres import postgres
from tests.walk import story
from tests.walk.talking import POLICIES, Team, numbers, team, words

__all__ = ["POLICIES", "postgres", "team"]

pytestmark = pytest.mark.story("team")


# --- comments ---------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_and_nobody_else_reads_it(team: Team) -> None:
    item, asked = team.items[2], "Is <b>irony</b> meant? {{7*7}}"
    thread = team["ann"].comment(team.id, item, asked)
    assert team["ann"].threads(team.id)[0]["state"] == "open"
    for other in ("ben", "eve"):
        assert team[other].threads(team.id) == []
    assert words(team["rita"].threads(team.id, state="open")) == [[asked]]
    team["rita"].reply(team.id, thread, "It is.")
    (mine,) = team["ann"].threads(team.id, item=item)
    assert (mine["state"], words([mine])) == ("answered", [[asked, "It is."]])
    assert [one["mine"] for one in mine["comments"]] == [True, False]
    team["mia"].close_thread(team.id, thread)
    with pytest.raises(Conflict, match="closed already"):
        team["mia"].close_thread(team.id, thread)
    team["ann"].comment(team.id, item, "Thanks.")
    assert team["ann"].threads(team.id, item=item)[0]["state"] == "open"


def test_names_are_for_those_who_manage(team: Team) -> None:
    team["ben"].comment(team.id, team.items[3], "Odd.")
    told = {who: team[who].threads(team.id, item=team.items[3])[0]["comments"][0]["name"] for who in ("ben", "rita")}
    assert told == {"ben": None, "rita": None}
    assert team["mia"].threads(team.id, item=team.items[3])[0]["comments"][0]["name"] == "ben"


def test_an_annotator_who_was_not_asked_cannot_tell_an_item_from_none(team: Team) -> None:
    for act in (
        lambda item: team["eve"].comment(team.id, item, "Hello?"),
        lambda item: team["eve"].threads(team.id, item=item),
        lambda item: team["eve"].dispute(team.id, item, "pos", "It is praise."),
        lambda item: team["eve"].propose_worked_example(team.id, item, "pos"),
    ):
        said = []
        for item in (team.items[2], ItemId("0" * 32)):
            with pytest.raises(NotFound) as refused:
                act(item)
            said.append(refused.value.message)
        assert said[0] == said[1]


def test_others_cannot_write_into_a_thread_that_is_not_theirs(team: Team) -> None:
    thread = team["cleo"].comment(team.id, team.items[4], "Hm.")
    reply = team.post("dan", f"/threads/{thread}/replies", {"id": new_id(), "text": "Say pos."})
    assert reply.status_code == 403
    other = team["dan"].comment(team.id, team.items[4], "Hm?")
    assert other != thread
    assert words(team["cleo"].threads(team.id, item=team.items[4])) == [["Hm."]]


def test_a_comment_sent_twice_is_one_and_its_id_serves_for_nothing_else(team: Team) -> None:
    body = {"id": new_id(), "item": team.items[6], "text": "Twice?"}
    replies = [team.post("ann", "/comments", body).json() for _ in range(2)]
    assert replies[0] == replies[1] == {"thread": body["id"]}
    assert words(team["ann"].threads(team.id, item=team.items[6])) == [["Twice?"]]
    for who, changed in (("ann", {"text": "Other."}), ("ann", {"item": team.items[5]}), ("ben", {})):
        refused = team.post(who, "/comments", body | changed)
        assert (refused.status_code, refused.json()["error"]["type"]) == (409, "Conflict")
    assert team["ben"].threads(team.id, item=team.items[6]) == []


@pytest.mark.parametrize("text", ["", " ", "x" * 4001, "a\x00b"])
def test_a_text_out_of_bounds_is_refused(team: Team, text: str) -> None:
    sent = {"id": new_id(), "item": team.items[6], "text": text}
    assert team.post("dan", "/comments", sent).status_code == 422
    assert team.post("dan", "/comments", sent | {"text": "x", "author": "own"}).status_code == 422


def test_the_list_is_read_page_by_page(team: Team) -> None:
    for number in (0, 1, 5):
        team["dan"].comment(team.id, team.items[number], f"About {number}.")
    every = team["dan"].threads(team.id)
    again, before = [], None
    while page := httpx.get(
        f"{team.url}/api/projects/{team.id}/threads",
        params={"limit": 2} | ({"before": before} if before else {}),
        headers={"Authorization": f"Bearer {team['dan']._token}"},
    ).json():
        again += page
        before = page[-1]["number"]
    assert [one["id"] for one in again] == [one["id"] for one in every]


# --- proposals --------------------------------------------------------------------------------------------------------


def test_an_accepted_clause_says_which_line_to_change_and_the_next_version_carries_it(team: Team) -> None:
    team["ann"].propose_clause(team.id, "Irony is what it means.", clause="Irony is neg.", why="It <i>varies</i>.")
    assert team["ben"].proposals(team.id) == []
    (open_,) = [one for one in team["mia"].proposals(team.id, state="open") if one["about"] == "clause"]
    with pytest.raises(NotAllowed):
        team["rita"].decide_proposal(team.id, open_["id"], "accepted", "Yes.")
    decided = team["mia"].decide_proposal(team.id, open_["id"], "accepted", "We agreed on it.")
    file = team.story.world.home.project_file
    assert "Irony is neg." in file.read_text().splitlines()[decided["edit"]["line"] - 1]
    assert (decided["state"], decided["decision"]["guideline_version"], decided["edit"]["made"]) == (
        "accepted",
        1,
        False,
    )
    (mine,) = team["ann"].proposals(team.id, state="accepted")
    assert (mine["decision"]["reason"], mine["edit"]["line"]) == ("We agreed on it.", None)

    plain = settings_to_plain(team.story.project.settings)
    plain["guideline"] = {"text": "Be fair.\nIrony is what it means."}
    made, _ = projects.apply(team.story.world, settings_from_plain(plain), team.story.members[Role.OWNER])
    assert made.guideline_version == 2
    (mine,) = team["ann"].proposals(team.id, state="accepted")
    assert mine["edit"]["made"]


def test_a_proposal_is_decided_once(team: Team) -> None:
    team["ben"].propose_definition(team.id, "pos", "Any praise.")
    (open_,) = [one for one in team["own"].proposals(team.id, state="open") if one["about"] == "label"]
    body = {"id": new_id(), "state": "declined", "reason": "Too wide."}
    path = f"/proposals/{open_['id']}/decision"
    first, second = (team.post("own", path, body) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert team.post("own", path, body | {"id": new_id(), "state": "accepted"}).status_code == 409
    assert team.post("own", path, body | {"reason": "Other."}).status_code == 409
    assert team["ben"].proposals(team.id, state="declined")[0]["decision"]["reason"] == "Too wide."


def test_a_proposal_for_what_is_not_there_is_refused(team: Team) -> None:
    with pytest.raises(BadValue, match="Did you mean 'pos'"):
        team["ann"].propose_definition(team.id, "poss", "Praise.")
    with pytest.raises(BadValue, match="no such clause"):
        team["ann"].propose_clause(team.id, "New.", clause="Nobody wrote this.")
    with pytest.raises(BadValue, match="says this already"):
        team["ann"].propose_clause(team.id, "Be fair.")


# --- tiers ------------------------------------------------------------------------------------------------------------


def test_each_tier_is_shown_and_may_rule_what_is_its_own(team: Team) -> None:
    assert numbers(team["rita"].disagreements(team.id)) == {2, 3, 4, 7}
    assert numbers(team["mia"].disagreements(team.id)) == {2, 3, 4, 5, 6, 7}
    with pytest.raises(NotAllowed, match="more senior role"):
        team["rita"].rule(team.id, team.items[5], "mood", Choice(LabelName("pos")), "Praise.")
    team["mia"].rule(team.id, team.items[5], "mood", Choice(LabelName("neg")), "Blame.")
    assert team.label(5) == "neg"
    with pytest.raises(NotAllowed):
        team["rita"].rule(team.id, team.items[5], "mood", Choice(LabelName("pos")), "No!")


def test_who_cannot_decide_hands_it_up(team: Team) -> None:
    item = team.items[2]
    body = {"id": new_id(), "item": item, "reason": "Could be irony."}
    assert [team.post("rita", "/escalations", body).json() for _ in range(2)] == [{"tier": 1}] * 2
    assert 2 not in numbers(team["rob"].disagreements(team.id))
    (found,) = [one for one in team["mia"].disagreements(team.id) if one["item"]["id"] == item]
    assert found["escalations"] == [{"tier": 1, "reason": "Could be irony."}]
    with pytest.raises(NotAllowed):
        team["rob"].rule(team.id, item, "mood", Choice(LabelName("pos")))
    with pytest.raises(NotAllowed):
        team["rob"].escalate(team.id, item)
    with pytest.raises(NotReady, match="no tier above"):
        team["mia"].escalate(team.id, item)


def test_the_adjudicator_sees_what_annotators_said_under_their_cover(team: Team) -> None:
    team["ben"].comment(team.id, team.items[7], "The ending is irony.")
    (found,) = [one for one in team["rita"].disagreements(team.id) if one["item"]["id"] == team.items[7]]
    assert found["comments"] == [{"annotator": "A2", "text": "The ending is irony."}]
    assert all(vote["at"] and vote["seconds"] == 2.0 for vote in found["votes"])


# --- disputes ---------------------------------------------------------------------------------------------------------


def test_a_dispute_is_decided_by_somebody_else_and_its_item_becomes_a_worked_example(team: Team) -> None:
    item = team.items[4]
    team["rita"].rule(team.id, item, "mood", Choice(LabelName("pos")), "Praise.")
    dispute = team["ann"].dispute(team.id, item, "neg", "The last word is blame.")
    assert team["ben"].disputes(team.id) == []
    (found,) = [one for one in team["rob"].disputes(team.id, state="open") if one["id"] == dispute]
    stands = {"label": "pos", "answer": {"kind": "choice", "label": "pos"}, "method": "ruling", "reason": "Praise."}
    assert found["settled"] == stands
    assert "by" not in found
    with pytest.raises(NotAllowed, match="a ruling that they made"):
        team["rita"].uphold(team.id, dispute, "I was right.")
    example = new_id()
    body = {"id": new_id(), "state": "overruled", "label": "neg", "reason": "It is blame.", "worked_example": example}
    path = f"/disputes/{dispute}/decision"
    assert [team.post("rob", path, body).status_code for _ in range(2)] == [200, 200]
    assert team.post("rob", path, body | {"reason": "Other."}).status_code == 409
    assert team.post("mia", path, body | {"id": new_id()}).status_code == 409
    assert team.label(4) == "neg"
    (mine,) = [one for one in team["ann"].disputes(team.id) if one["id"] == dispute]
    assert (mine["state"], mine["decision"]["reason"], mine["settled"]) == ("overruled", "It is blame.", None)
    (proposed,) = [one for one in team["mia"].proposals(team.id, state="open") if one["id"] == example]
    assert (proposed["about"], proposed["label"], proposed["why"]) == ("worked_example", "neg", "It is blame.")
    assert proposed["text"] == "film number 4 is poor"


def test_an_upheld_label_stays(team: Team) -> None:
    item = team.items[3]
    dispute = team["ben"].dispute(team.id, item, "neg", "No.")
    with pytest.raises(Conflict, match="no label yet"):
        team["rita"].uphold(team.id, dispute, "It stands.")
    team["rob"].rule(team.id, item, "mood", Choice(LabelName("pos")), "Praise.")
    with pytest.raises(BadValue, match="already"):
        team["rita"].overrule(team.id, dispute, "pos", "It stands.")
    with pytest.raises(NotAllowed):
        team["rob"].uphold(team.id, dispute, "It stands.")
    team["rita"].uphold(team.id, dispute, "It stands.")
    assert team.label(3) == "pos"
    assert team["ben"].dispute(team.id, item, "neg", "Still no.") != dispute


def test_a_dispute_of_a_matter_for_seniors_is_not_for_juniors(team: Team) -> None:
    dispute = team["cleo"].dispute(team.id, team.items[6], "pos", "Praise.")
    assert dispute not in {one["id"] for one in team["rita"].disputes(team.id)}
    with pytest.raises(NotAllowed):
        team["rita"].overrule(team.id, dispute, "pos", "Praise it is.")
    assert dispute in {one["id"] for one in team["mia"].disputes(team.id, state="open")}


def test_a_dispute_tells_nothing_about_how_an_item_is_settled(team: Team) -> None:
    # 0 is gold, 1 is not, 6 waits for a ruling: to the annotator they are all alike
    replies, shown = [], []
    for number in (0, 1, 6):
        body = {"id": new_id(), "item": team.items[number], "label": "pos", "text": "Praise."}
        reply = team.post("dan", "/disputes", body)
        replies.append((reply.status_code, reply.json()))
        (one,) = [found for found in team["dan"].disputes(team.id) if found["id"] == body["id"]]
        shown.append({key: one[key] for key in one if key not in {"id", "number", "item", "at"}})
    assert replies[0] == replies[1] == replies[2] == (200, {"done": True})
    assert shown[0] == shown[1] == shown[2]


def test_no_list_shows_metadata_that_annotators_are_not_shown(team: Team) -> None:
    team["cleo"].comment(team.id, team.items[1], "Which shelf?")
    lists = [team[who].threads(team.id) + team[who].disputes(team.id) for who in ("cleo", "rita", "mia")]
    assert all(one["item"]["metadata"] == {} for found in lists for one in found)
    assert all(lists)


# --- at the end: one adjudicator who is asked, and the log ------------------------------------------------------------


def test_an_adjudicator_who_is_asked_sees_no_others_words_before_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path, n_items=1, policies={"route": {"redundancy": 3}})
        with story.serving(world) as url:
            ann, rita = (
                Client(url, token=made.annotator(name, role), tries=1)
                for name, role in (("ann", Role.ANNOTATOR), ("rita", Role.REVIEWER))
            )
            (offer,) = ann.lease(made.project.id, 1).offers
            thread = ann.comment(made.project.id, offer.item, "I said pos.")
            assert len(rita.threads(made.project.id)) == 1
            (held,) = rita.lease(made.project.id, 1).offers
            assert rita.threads(made.project.id) == []
            with pytest.raises(NotFound):
                rita.reply(made.project.id, thread, "So?")
            rita.comment(made.project.id, held.item, "Mine.")
            assert words(rita.threads(made.project.id)) == [["Mine."]]
            answers = {"mood": Choice(LabelName("pos"))}
            rita.submit(made.project.id, [Submission(new_id(), held.id, held.token, answers, 2.0, 1, 1)])  # type: ignore[arg-type]  # ids and versions as plain values
            assert len(rita.threads(made.project.id)) == 2


def test_the_log_verifies_and_holds_nobodys_words(team: Team) -> None:
    world = team.story.world
    log.seal(world)
    assert check.project(world, projects.by_name(world, "moods")) == ()
    entries = world.store.read(lambda tx: log_rows.entries(tx, team.story.project.id, -1, 10_000))
    bodies = [bytes(row.body).decode() for row in entries]
    kinds = {json.loads(body)["kind"] for body in bodies}
    assert {"comment.made", "change.proposed", "proposal.decided", "label.disputed", "dispute.decided"} <= kinds
    assert "item.escalated" in kinds
    for said in ("irony", "Too wide", "It is blame", "Praise.", "We agreed"):
        assert not any(said in body for body in bodies), said
