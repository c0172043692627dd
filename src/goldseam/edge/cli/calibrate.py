"""`goldseam calibrate`: sessions in which annotators answer the same items blindly, and then talk about them.

In: logins, items. Out: sessions, votes side by side, agreement before and after. Never: an answer while a session is blind.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.annotate.calibrate import Choosing, SessionEvent
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import calibration, calibration_seen, people
from goldseam.formats.plain import item_to_plain
from goldseam.vocab.answers import LabelName
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Have annotators answer the same items, and agree on them."
)

PAGE = 50
SHOWN = 60
Id = Annotated[str, typer.Argument(help="The session's id, as `goldseam calibrate list` shows it.")]


@app.command(epilog="Example: goldseam calibrate start 'Irony' ada ben cleo --items 12 --by random")
def start(
    title: Annotated[str, typer.Argument(help="What the session is about.")],
    logins: Annotated[list[str], typer.Argument(help="Who takes part: logins or names, two at least.")],
    n_items: Annotated[int, typer.Option("--items", help="How many items are chosen.", min=1)] = 10,
    by: Annotated[Choosing, typer.Option(help="How they are chosen; 'given' with --item.")] = Choosing.DISAGREEMENT,
    item: Annotated[list[str] | None, typer.Option(help="The id of an item; once for each.")] = None,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Start a session: everybody answers the same items without seeing the others' answers."""
    with open_project(project) as opened:
        who = tuple(people.member(opened.world, opened.facts.id, login).id for login in logins)
        given = tuple(ItemId(one) for one in item or ())
        asked = calibration.Start(opened.new_id(), title, Choosing.GIVEN if given else by, n_items, who, given)
        calibration.start(opened.world, opened.permit(Act.MANAGE), asked)
    emit({"calibration": asked.id}, lambda: line(f"[green]✓[/green] Started: {asked.id}"), as_json=as_json)


@app.command("list", epilog="Example: goldseam calibrate list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the newest sessions with the agreement before and after."""
    with open_project(project) as opened:
        found = calibration_seen.listing(opened.world, opened.permit(Act.MANAGE), limit=PAGE)
    rows = [
        [one.id, one.title, one.state.value, one.n_items, one.n_people, _alpha(one.before), _alpha(one.after)]
        for one in found
    ]
    columns = ["id", "title", "state", "items", "people", "alpha before", "alpha after"]
    emit(
        [asdict(one) for one in found],
        lambda: table("", columns, rows, "No session yet: goldseam calibrate start NAME PEOPLE"),
        as_json=as_json,
    )


def _alpha(measured: Any) -> str:
    if measured is None or measured["value"] is None:
        return "–"
    bounds = "" if measured["low"] is None else f" [{measured['low']:.3f}, {measured['high']:.3f}]"
    return f"{measured['value']:.3f}{bounds}"


@app.command(epilog="Example: goldseam calibrate show ID")
def show(session_id: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show a session: who is through, and after the blind part the votes side by side, the most disputed first."""
    with open_project(project) as opened:
        found = calibration_seen.look(opened.world, opened.permit(Act.MANAGE), session_id)
    told = {
        "session": asdict(found.session),
        "people": [asdict(one) for one in found.people],
        "items": [
            {
                "number": one.number,
                "item": item_to_plain(one.item),
                "disagreement": one.disagreement,
                "votes": [asdict(vote) for vote in one.votes],
                "comments": [asdict(said) for said in one.said],
                "agreed": None if one.agreed is None else asdict(one.agreed),
            }
            for one in found.items
        ],
    }

    def draw() -> None:
        line(f"[bold]{escape(found.session.title)}[/bold]  {found.session.state.value}")
        line(f"alpha before {_alpha(found.session.before)}, after {_alpha(found.session.after)}")
        people_rows = [[one.name or one.cover, one.cover, one.n_answers] for one in found.people]
        table("", ["who", "cover", "answers"], people_rows)
        for one in found.items:
            apart = "" if one.disagreement is None else f"  {one.disagreement:.0%} of pairs differ"
            line(f"[cyan]{one.number}[/cyan] {escape(one.item.content[:SHOWN])}{apart}")
            for vote in one.votes:
                said = vote.answer.get("label", vote.answer["kind"])
                line(f"    {vote.cover} {escape(str(said))}  [dim]{escape(vote.reason)}[/dim]")
            if one.agreed is not None:
                line(f"    [green]agreed[/green] {escape(one.agreed.label)}  [dim]{escape(one.agreed.clause)}[/dim]")

    emit(told, draw, as_json=as_json)


@app.command(epilog="Example: goldseam calibrate agree ID 3 neg --clause 'Irony is neg.'")
def agree(
    session_id: Id,
    number: Annotated[int, typer.Argument(help="The item's number in the session.")],
    label: Annotated[str, typer.Argument(help="The label that was agreed.")],
    clause: Annotated[str, typer.Option(help="The clause of the guideline that it follows from.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Keep the answer that was agreed about an item."""
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        made = opened.new_id()
        calibration.agree(opened.world, permit, session_id, made, number, LabelName(label), clause, reason)
    emit({"agreed": made}, lambda: line(f"[green]✓[/green] Item {number}: {escape(label)}"), as_json=as_json)


@app.command(epilog="Example: goldseam calibrate close ID")
def close(session_id: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Close the blind part before everybody has answered everything."""
    _move(session_id, SessionEvent.CLOSE, project, as_json=as_json)


@app.command(epilog="Example: goldseam calibrate finish ID")
def finish(session_id: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """End a session; what was said and agreed stays to be read."""
    _move(session_id, SessionEvent.FINISH, project, as_json=as_json)


def _move(session_id: str, event: SessionEvent, project: Folder, *, as_json: bool) -> None:
    with open_project(project) as opened:
        calibration.move(opened.world, opened.permit(Act.MANAGE), session_id, opened.new_id(), event)
    done = {"calibration": session_id, "event": event.value}
    emit(done, lambda: line(f"[green]✓[/green] {event.value}"), as_json=as_json)


@app.command(epilog="Example: goldseam calibrate measure ID")
def measure(session_id: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Measure how much the same people agree on ordinary items since the session ended."""
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        calibration.measure_after(opened.world, permit, session_id, opened.new_id())
        session = calibration_seen.look(opened.world, permit, session_id).session
    told = {"before": session.before, "after": session.after}
    text = f"alpha before {_alpha(session.before)}, after {_alpha(session.after)}"
    emit(told, lambda: line(text), as_json=as_json)
