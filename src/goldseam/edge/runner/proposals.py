"""Proposals: changes of the guideline that people ask for; who manages accepts or declines each.

In: permits, proposals. Out: proposals as the caller may see them, with the edit of the project file that each asks for.
Never: a guideline changed here. The project file is its one source, and applying that file makes the next version.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from goldseam.adjudicate.amend import Amendment, amendment, place_of
from goldseam.edge.home import Home
from goldseam.edge.runner.log import record
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.sealing import digest_of, sealed
from goldseam.edge.runner.talk import includes, position_seen
from goldseam.edge.runner.world import World
from goldseam.edge.store import items
from goldseam.edge.store import proposals as rows
from goldseam.edge.store import talk as talk_rows
from goldseam.edge.store import talk_tables as tables
from goldseam.edge.store.tx import Tx
from goldseam.formats import yaml
from goldseam.ledger.entries import EntryKind
from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadValue, GoldseamError, NotFound
from goldseam.vocab.items import Item, ItemId, Modality
from goldseam.vocab.people import Act
from goldseam.vocab.talk import EXCERPT, About, Decision, Proposal, ProposalId, ProposalState


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as it is sent; a worked example has its words from its item."""

    id: ProposalId
    about: About
    text: str = ""
    clause: str = ""
    label: LabelName | None = None
    item: ItemId | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ProposalSeen:
    """A proposal as the caller may see it, with the edit that it asks for; `line` is where that edit is, if it was found."""

    number: int
    proposal: Proposal
    mine: bool
    edit: Amendment | None
    line: int | None = None


def propose(world: World, permit: Permit, wish: Wish) -> None:
    """Propose a change of the guideline.

    Raises
    ------
    BadValue
        If it names a clause or a label that is not there, asks for nothing, or for what stands there already.
    NotFound
        If it names an item that is not there, or that the caller was never asked about.
    """
    world.store.write(lambda tx: keep(tx, world, permit, wish))


def keep(tx: Tx, world: World, permit: Permit, wish: Wish) -> None:
    """Keep a proposal, in a transaction that may hold more than it."""
    project, now = permit.project, world.clock.now()
    sent = {
        "by": permit.annotator,
        "about": wish.about.value,
        "text": wish.text,
        "clause": wish.clause,
        "label": wish.label,
        "item": wish.item,
        "why": wish.why,
    }
    kept, commitment = sealed(sent)
    if talk_rows.was_kept(tx, tables.proposals, wish.id, project.id, kept.hash):
        return
    made = Proposal(
        id=wish.id,
        by=permit.annotator,
        about=wish.about,
        text=_text(tx, permit, wish),
        guideline_version=project.guideline_version,
        at=now,
        clause=wish.clause,
        label=wish.label,
        item=wish.item,
        why=wish.why,
    )
    if amendment(made, project.schema, project.guideline).made:
        raise BadValue("The guideline says this already.")
    if rows.add(tx, project.id, made, kept):
        body = {
            "commitment": commitment,
            "about": made.about.value,
            "guideline_version": project.guideline_version,
            "schema_version": project.schema_version,
        }
        record(tx, project.id, EntryKind.CHANGE_PROPOSED, now, actor=permit.annotator, about=wish.id, body=body)


def _text(tx: Tx, permit: Permit, wish: Wish) -> str:
    if wish.about is not About.WORKED_EXAMPLE or wish.item is None:
        return wish.text
    if wish.text:
        raise BadValue("A worked example has its words from its item; leave 'text' out.")
    place_of(permit.project.schema, str(wish.label))
    return excerpt(items.at(tx, permit.project.id, position_seen(tx, permit, wish.item)))


def excerpt(item: Item) -> str:
    """Return what a worked example quotes of an item.

    Raises
    ------
    BadValue
        If the item is no text.
    """
    if item.modality is not Modality.TEXT:
        raise BadValue("A worked example quotes a text; this item is none.", item=item.id)
    plain = "".join(" " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in item.content)
    return plain if len(plain) <= EXCERPT else plain[: EXCERPT - 1] + "…"


def decide(
    world: World, permit: Permit, proposal_id: ProposalId, decision_id: str, state: ProposalState, reason: str
) -> ProposalSeen:
    """Accept or decline a proposal; an accepted one says which edit of the project file it asks for.

    Raises
    ------
    NotFound
        If there is no such proposal.
    Conflict
        If it was decided already.
    """
    if state is ProposalState.OPEN:
        raise BadValue("A proposal is accepted or declined.")
    project, now = permit.project, world.clock.now()
    sent = {"by": permit.annotator, "proposal": proposal_id, "state": state.value, "reason": reason}

    def save(tx: Tx) -> Proposal:
        before = rows.find(tx, project.id, proposal_id)
        if before is None:
            raise NotFound("There is no such proposal.", proposal=proposal_id)
        if not rows.was_decided(tx, tables.proposals, project.id, proposal_id, decision_id, digest_of(sent)):
            kept, commitment = sealed(sent)
            decision = Decision(permit.annotator, now, reason, project.guideline_version)
            rows.decide(tx, proposal_id, decision_id, state, decision, kept)
            body = {
                "commitment": commitment,
                "state": state.value,
                "decision": decision_id,
                "guideline_version": project.guideline_version,
            }
            record(
                tx, project.id, EntryKind.PROPOSAL_DECIDED, now, actor=permit.annotator, about=proposal_id, body=body
            )
        found = rows.find(tx, project.id, proposal_id)
        assert found is not None  # noqa: S101 - it was there a moment ago, and proposals stay
        return found

    return _seen(world, permit, 0, world.store.write(save))


def listing(
    world: World, permit: Permit, *, state: ProposalState | None = None, before: int | None = None, limit: int = 50
) -> tuple[ProposalSeen, ...]:
    """Return proposals, newest first: everybody's to whoever manages, else the caller's own."""
    by = None if includes(permit, Act.MANAGE) else permit.annotator
    found = world.store.read(
        lambda tx: rows.listing(tx, permit.project.id, by=by, state=state, before=before, limit=limit)
    )
    return tuple(_seen(world, permit, number, one) for number, one in found)


def _seen(world: World, permit: Permit, number: int, one: Proposal) -> ProposalSeen:
    mine = one.by == permit.annotator
    if one.state is ProposalState.DECLINED:
        return ProposalSeen(number, one, mine, None)
    try:
        edit = amendment(one, permit.project.schema, permit.project.guideline)
    except BadValue:  # the clause or label that it is about has gone since
        return ProposalSeen(number, one, mine, None)
    line = None
    if includes(permit, Act.MANAGE) and one.state is ProposalState.ACCEPTED and not edit.made:
        line = line_of(world.home, permit.project.name, edit.path, edit.old)
    return ProposalSeen(number, one, mine, edit, line)


def line_of(home: Home, name: str, path: tuple[str | int, ...], words: str) -> int | None:
    """Return the line of a home's project file where these words stand at these keys; else that of the keys.

    None if the file cannot be read, or is not the one of the project of this name.
    """
    try:
        text = home.project_file.read_text(encoding="utf-8")
        tree = yaml.load(text)
    except (OSError, UnicodeDecodeError, GoldseamError):
        return None
    if yaml.find(tree, ("name",)).value != name:
        return None
    first = yaml.find(tree, path).line
    sought = words.strip().partition("\n")[0]
    if not sought:
        return first
    lines = text.splitlines()
    return next((number for number in range(first, len(lines) + 1) if sought in lines[number - 1]), first)
