"""Talk: comments on items, proposals to change the guideline, disputes of labels.

In: words, as text. Out: what the caller may read of them, as text. Never: an annotator's words to another annotator.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goldseam.edge.runner import disputes, proposals, talk
from goldseam.edge.runner.disputes import DisputeSeen, Stands
from goldseam.edge.runner.proposals import ProposalSeen, Wish
from goldseam.edge.runner.talk import ThreadSeen
from goldseam.edge.server.items import item_shown
from goldseam.edge.server.security import MayAdjudicate, MayAnnotate, MayManage, TheWorld
from goldseam.edge.server.wire import Done, ItemKey
from goldseam.edge.server.wire_talk import (
    Before,
    CloseSent,
    CommentSent,
    CommentShown,
    DecisionShown,
    DisputeDecided,
    DisputeSent,
    DisputeShown,
    EditShown,
    ProposalDecided,
    ProposalSent,
    ProposalShown,
    ReplySent,
    SettledShown,
    ThreadNamed,
    ThreadShown,
)
from goldseam.formats.plain import answer_from_plain, answer_to_plain
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.items import ItemId, ProjectId
from goldseam.vocab.schema import QuestionName
from goldseam.vocab.talk import (
    About,
    CommentId,
    Decision,
    DisputeId,
    DisputeState,
    ProposalId,
    ProposalState,
    ThreadId,
    ThreadState,
)

router = APIRouter(tags=["talk"])

Named = Annotated[str, Path(max_length=100)]
Many = Annotated[int, Query(ge=1, le=50)]


@router.post("/api/projects/{project}/comments")
def comment(world: TheWorld, permit: MayAnnotate, body: CommentSent) -> ThreadNamed:
    """Comment on an item, or ask about it; those who adjudicate reply."""
    return ThreadNamed(thread=talk.say(world, permit, CommentId(body.id), ItemId(body.item), body.text))


@router.get("/api/projects/{project}/threads")
def threads(
    world: TheWorld,
    permit: MayAnnotate,
    item: Annotated[ItemKey | None, Query()] = None,
    state: Annotated[ThreadState | None, Query()] = None,
    before: Annotated[Before | None, Query()] = None,
    limit: Many = 20,
) -> list[ThreadShown]:
    """List threads, the last that moved first: one's own; everybody's for those who adjudicate."""
    about = None if item is None else ItemId(item)
    found = talk.threads(world, permit, item=about, state=state, before=before, limit=limit)
    return [_thread(permit.project.id, one) for one in found]


@router.post("/api/projects/{project}/threads/{thread}/replies")
def reply(world: TheWorld, permit: MayAdjudicate, thread: Named, body: ReplySent) -> Done:
    """Reply in a thread."""
    talk.reply(world, permit, CommentId(body.id), ThreadId(thread), body.text)
    return Done()


@router.post("/api/projects/{project}/threads/{thread}/close")
def close(world: TheWorld, permit: MayAdjudicate, thread: Named, body: CloseSent) -> Done:
    """Close a thread; whoever says more opens it again."""
    talk.close(world, permit, CommentId(body.id), ThreadId(thread), body.text)
    return Done()


@router.post("/api/projects/{project}/proposals")
def propose(world: TheWorld, permit: MayAnnotate, body: ProposalSent) -> Done:
    """Propose a change of the guideline: a clause, a label's definition, or one worked example more."""
    wish = Wish(
        id=ProposalId(body.id),
        about=About(body.about),
        text=body.text,
        clause=body.clause,
        label=None if body.label is None else LabelName(body.label),
        item=None if body.item is None else ItemId(body.item),
        why=body.why,
    )
    proposals.propose(world, permit, wish)
    return Done()


@router.get("/api/projects/{project}/proposals")
def proposed(
    world: TheWorld,
    permit: MayAnnotate,
    state: Annotated[ProposalState | None, Query()] = None,
    before: Annotated[Before | None, Query()] = None,
    limit: Many = 50,
) -> list[ProposalShown]:
    """List proposals, newest first: one's own; everybody's for those who manage."""
    return [_proposal(one) for one in proposals.listing(world, permit, state=state, before=before, limit=limit)]


@router.post("/api/projects/{project}/proposals/{proposal}/decision")
def decide_proposal(world: TheWorld, permit: MayManage, proposal: Named, body: ProposalDecided) -> ProposalShown:
    """Accept or decline a proposal; the reply says which edit of the project file an accepted one asks for."""
    state = ProposalState(body.state)
    return _proposal(proposals.decide(world, permit, ProposalId(proposal), body.id, state, body.reason))


@router.post("/api/projects/{project}/disputes")
def dispute(world: TheWorld, permit: MayAnnotate, body: DisputeSent) -> Done:
    """Contest the label of an item that one answered, or the answer to one of its questions."""
    wanted = LabelName(body.label or "") if body.answer is None else answer_from_plain(body.answer)
    question = None if body.question is None else QuestionName(body.question)
    disputes.dispute(world, permit, DisputeId(body.id), ItemId(body.item), wanted, body.text, question)
    return Done()


@router.get("/api/projects/{project}/disputes")
def disputed(
    world: TheWorld,
    permit: MayAnnotate,
    state: Annotated[DisputeState | None, Query()] = None,
    before: Annotated[Before | None, Query()] = None,
    limit: Many = 50,
) -> list[DisputeShown]:
    """List disputes, newest first: one's own; for those who adjudicate, all those that they may settle."""
    found = disputes.listing(world, permit, state=state, before=before, limit=limit)
    return [_dispute(permit.project.id, one) for one in found]


@router.post("/api/projects/{project}/disputes/{dispute}/decision")
def decide_dispute(world: TheWorld, permit: MayAdjudicate, dispute: Named, body: DisputeDecided) -> Done:
    """Decide a dispute: the label stands, or a new ruling takes its place."""
    sent = disputes.Sent(
        id=body.id,
        state=DisputeState(body.state),
        reason=body.reason,
        label=None if body.label is None else LabelName(body.label),
        worked_example=None if body.worked_example is None else ProposalId(body.worked_example),
        answer=None if body.answer is None else answer_from_plain(body.answer),
    )
    disputes.decide(world, permit, DisputeId(dispute), sent)
    return Done()


def _thread(project: ProjectId, one: ThreadSeen) -> ThreadShown:
    said = [
        CommentShown(id=each.id, says=each.say.value, mine=each.mine, name=each.name, text=each.text, at=each.at)
        for each in one.comments
    ]
    item = item_shown(project, one.item)
    return ThreadShown(id=one.id, number=one.number, item=item, state=one.state.value, mine=one.mine, comments=said)


def _proposal(one: ProposalSeen) -> ProposalShown:
    made, edit = one.proposal, one.edit
    return ProposalShown(
        id=made.id,
        number=one.number,
        about=made.about.value,
        text=made.text,
        clause=made.clause,
        label=made.label,
        item=made.item,
        why=made.why,
        mine=one.mine,
        at=made.at,
        guideline_version=made.guideline_version,
        state=made.state.value,
        decision=_decision(made.decision),
        edit=None
        if edit is None
        else EditShown(keys=list(edit.path), old=edit.old, new=edit.new, made=edit.made, line=one.line),
    )


def _dispute(project: ProjectId, one: DisputeSeen) -> DisputeShown:
    made = one.dispute
    return DisputeShown(
        id=made.id,
        number=one.number,
        item=item_shown(project, one.item),
        question=one.question,
        label=_label(made.wanted),
        answer=answer_to_plain(made.wanted),
        text=made.text,
        mine=one.mine,
        at=made.at,
        state=made.state.value,
        decision=_decision(made.decision),
        settled=None if one.settled is None else _settled(one.settled),
    )


def _settled(stands: Stands) -> SettledShown:
    answer = answer_to_plain(stands.answer)
    return SettledShown(label=_label(stands.answer), answer=answer, method=stands.method, reason=stands.reason)


def _label(answer: Answer) -> str:
    return answer.label if isinstance(answer, Choice) else ""


def _decision(made: Decision | None) -> DecisionShown | None:
    if made is None:
        return None
    return DecisionShown(reason=made.reason, at=made.at, guideline_version=made.guideline_version)
