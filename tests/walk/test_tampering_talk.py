"""Tampering with what was said: a comment, a proposal, a dispute or a decision changed behind the log's back is named."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest

from goldseam.edge.client import new_id
from goldseam.edge.runner import adjudicate, check, disputes, log, people, projects, proposals, talk
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.proposals import Wish
from goldseam.release.verify import Finding
from goldseam.vocab.answers import LabelName
from goldseam.vocab.people import Act, Role
from goldseam.vocab.talk import About, DisputeState, ProposalState
from tests.walk import story
from tests.walk.story import Story
from tests.walk.test_talk import POLICIES


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A project in which everything was said once, and nothing tampered with."""
    folder = tmp_path_factory.mktemp("spoken")
    with story.opened(folder) as world:
        made = story.set_up(world, folder, n_items=4, policies=POLICIES | {"route": {"redundancy": 2}})

        def permit(role: Role, act: Act) -> Permit:
            return people.permit(world, Principal(made.members[role], ""), made.project.id, act)

        from goldseam.edge.runner import annotate
        from goldseam.edge.runner.annotate import Submission
        from goldseam.vocab.answers import Choice

        said = {Role.ANNOTATOR: "pos", Role.MANAGER: "neg"}
        for role, label in said.items():
            for one in annotate.lease(world, permit(role, Act.ANNOTATE), 4).offers:
                sent = Submission(new_id(), one.id, one.token, {"mood": Choice(LabelName(label))}, 1.0, 1, 1)  # type: ignore[arg-type]  # ids and versions as plain values
                assert annotate.submit(world, permit(role, Act.ANNOTATE), [sent])[0].status == "saved"
        adjudicate.settle_round(world, made.project, made.members[Role.OWNER])
        hers, theirs = permit(Role.ANNOTATOR, Act.ANNOTATE), permit(Role.OWNER, Act.ADJUDICATE)
        items = [one.item for one in talk_items(made)]
        thread = talk.say(world, hers, new_id(), items[0], "Is this praise?")  # type: ignore[arg-type]  # plain values do where the hint is narrower
        talk.reply(world, theirs, new_id(), thread, "It is.")  # type: ignore[arg-type]  # plain values do where the hint is narrower
        asked, quoted = new_id(), new_id()
        proposals.propose(world, hers, Wish(asked, About.LABEL, text="Praise.", label=LabelName("pos")))  # type: ignore[arg-type]  # plain values do where the hint is narrower
        proposals.propose(
            world, hers, Wish(quoted, About.WORKED_EXAMPLE, label=LabelName("pos"), item=items[0], why="Clear.")
        )  # type: ignore[arg-type]  # plain values do where the hint is narrower
        proposals.decide(world, permit(Role.OWNER, Act.MANAGE), asked, new_id(), ProposalState.DECLINED, "Too wide.")  # type: ignore[arg-type]  # plain values do where the hint is narrower
        for number in (0, 1):
            disputes.dispute(world, hers, new_id(), items[number], LabelName("pos"), "It is praise.")  # type: ignore[arg-type]  # plain values do where the hint is narrower
        over = disputes.listing(world, theirs)[-1].dispute.id
        ruled = disputes.Sent(new_id(), DisputeState.OVERRULED, "We agreed.", LabelName("pos"), new_id())  # type: ignore[arg-type]  # plain values do where the hint is narrower
        disputes.decide(world, theirs, over, ruled)
        adjudicate.escalate(world, permit(Role.REVIEWER, Act.ADJUDICATE), new_id(), items[2], "Not mine.")
        log.seal(world)
        yield made


def talk_items(made: Story) -> list[object]:
    from goldseam.edge.store import items

    return [
        type("At", (), {"item": made.world.store.read(lambda tx, n=n: items.at(tx, made.project.id, n)).id})  # type: ignore[misc]  # a default binds the value of this turn
        for n in range(4)
    ]


def found(made: Story) -> list[Finding]:
    return list(check.project(made.world, projects.by_name(made.world, "moods")))


FIRST = "seq = (SELECT min(seq) FROM {0})"
CHANGES = {
    "a comment's words": ("comments", "UPDATE comments SET text = 'It is not.' WHERE say = 'reply'", "comments .*: is not what entry"),
    "a comment's author": ("comments", "UPDATE comments SET author = 'x' WHERE say = 'comment'", "comments .*: is not what entry"),
    "a comment's time": ("comments", "UPDATE comments SET at = at + 1 WHERE say = 'comment'", "comments .*: is not what entry"),
    "a comment that is gone": ("comments", "DELETE FROM comments WHERE say = 'reply'", "comments .*: is gone"),
    "a comment that nobody made": ("comments", "INSERT INTO comments (id, project, thread, author, say, text, salt, hash, at) SELECT 'forged', project, thread, author, say, text, salt, hash, at FROM comments WHERE say = 'reply'", "comments forged: has no entry"),
    "where a thread is": ("threads", "UPDATE threads SET position = position + 1", "comments .*: is not what entry"),
    "a thread's state": ("threads", "UPDATE threads SET state = 'closed'", "threads .*: stands otherwise"),
    "a proposal's words": ("proposals", "UPDATE proposals SET text = 'Blame.' WHERE about = 'label'", "proposals .*: is not what entry"),
    "what a proposal is about": ("proposals", "UPDATE proposals SET label = 'neg' WHERE about = 'label'", "proposals .*: is not what entry"),
    "what a worked example quotes": ("proposals", "UPDATE proposals SET text = 'Blame.' WHERE why = 'Clear.'", "proposals .*: does not quote"),
    "what became of a proposal": ("proposals", "UPDATE proposals SET state = 'accepted' WHERE about = 'label'", "decisions of proposals .*: is not what entry"),
    "a decision taken back": ("proposals", "UPDATE proposals SET state = 'open', decision = NULL WHERE about = 'label'", "decisions of proposals .*: is gone"),
    "a proposal decided by nobody": ("proposals", "UPDATE proposals SET state = 'accepted', decision = 'forged', decision_salt = salt, decided_by = by, decided_at = at, decided_version = 1 WHERE why = 'Clear.'", "decisions of proposals .*: has no entry"),
    "a dispute's label": ("disputes", f"UPDATE disputes SET label = 'neg' WHERE {FIRST.format('disputes')}", "disputes .*: is not what entry"),
    "a dispute's item": ("disputes", "UPDATE disputes SET position = 3 WHERE state = 'open'", "disputes .*: is not what entry"),
    "why a dispute was decided": ("disputes", "UPDATE disputes SET reason = 'So.' WHERE state <> 'open'", "decisions of disputes .*: is not what entry"),
    "who decided a dispute": ("disputes", "UPDATE disputes SET decided_by = by WHERE state <> 'open'", "decisions of disputes .*: is not what entry"),
    "a dispute that is gone": ("disputes", "DELETE FROM disputes WHERE state = 'open'", "disputes .*: is gone"),
    "the tier of an escalation": ("escalations", "UPDATE escalations SET tier = tier + 1", "escalations .*: is not what entry"),
    "why an item was handed up": ("escalations", "UPDATE escalations SET reason = 'Lazy.'", "escalations .*: is not what entry"),
}  # fmt: skip


def test_nothing_is_found_where_nothing_was_changed(spoken: Story) -> None:
    assert found(spoken) == []


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_said_and_is_changed_is_found_and_named(spoken: Story, what: str) -> None:
    table, statement, expected = CHANGES[what]
    path = spoken.world.home.hidden / "goldseam.db"
    with sqlite3.connect(path) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(f"CREATE TEMP TABLE before AS SELECT * FROM {table}")
        assert connection.execute(statement).rowcount == 1, "the statement was meant to change one row"
        connection.commit()
        try:
            lines = [f"{one.file} {one.where}: {one.what}" for one in found(spoken)]
        finally:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(f"DELETE FROM {table}")
            connection.execute(f"INSERT INTO {table} SELECT * FROM before")
            for _, made in triggers:
                connection.execute(made)
            connection.commit()
    connection.close()
    assert any(re.match(expected, line) for line in lines), lines
