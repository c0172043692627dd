"""`goldseam calibrate`: sessions in which annotators answer the same items blindly, and then talk about them.

In: logins, items. Out: sessions, votes side by side, agreement before and after. Never: an answer while a session is blind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape

from goldseam.annotate.calibrate import Choosing, SessionEvent
from goldseam.audit.answers import MEASURES
from goldseam.edge.cli.parts import MOST, parts_of, shared, short
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import calibration, calibration_seen, people
from goldseam.edge.runner.calibration_seen import ItemSeen, Session
from goldseam.edge.runner.gold_answers import answer_of_cell
from goldseam.formats.plain import answer_from_plain, item_to_plain
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act
from goldseam.vocab.schema import Question, QuestionKind

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Have annotators answer the same items, and agree on them."
)

PAGE = 50
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
        [one.id, one.title, one.state.value, one.n_items, one.n_people, _alphas(one.before), _alphas(one.after)]
        for one in found
    ]
    columns = ["id", "title", "state", "items", "people", "alpha before", "alpha after"]
    emit(
        [asdict(one) for one in found],
        lambda: table("", columns, rows, "No session yet: goldseam calibrate start NAME PEOPLE"),
        as_json=as_json,
    )


def _alphas(measured: Sequence[Mapping[str, Any]] | None) -> str:
    """Return the agreement of every question, each with its name where there are several."""
    several = measured is not None and len(measured) > 1
    return "\n".join(f"{one['question']} {_alpha(one)}" if several else _alpha(one) for one in measured or ()) or "–"


def _alpha(measured: Mapping[str, Any]) -> str:
    if measured["value"] is None:
        return "–"
    bounds = "" if measured["low"] is None else f" [{measured['low']:.3f}, {measured['high']:.3f}]"
    return f"{measured['value']:.3f}{bounds}"


@app.command(epilog="Example: goldseam calibrate show ID")
def show(session_id: Id, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show a session: who is through; after the blind part the answers side by side, what differs marked, the farthest first."""
    with open_project(project) as opened:
        found = calibration_seen.look(opened.world, opened.permit(Act.MANAGE), session_id)
        questions = opened.facts.schema.questions
    told = {
        "session": asdict(found.session),
        "people": [asdict(one) for one in found.people],
        "items": [
            {
                "number": one.number,
                "item": item_to_plain(one.item),
                "disagreement": one.disagreement,
                "apart": dict(one.apart),
                "votes": [asdict(vote) for vote in one.votes],
                "comments": [asdict(said) for said in one.said],
                "agreed": [asdict(each) for each in one.agreed],
            }
            for one in found.items
        ],
    }

    def draw() -> None:
        line(f"[bold]{escape(found.session.title)}[/bold]  {found.session.state.value}")
        _draw_figures(found.session)
        people_rows = [[one.name or one.cover, one.cover, one.n_answers] for one in found.people]
        table("", ["who", "cover", "answers"], people_rows)
        for one in found.items:
            _draw_item(one, questions)

    emit(told, draw, as_json=as_json)


def _draw_figures(session: Session) -> None:
    after = {one["question"]: one for one in session.after or ()}
    rows = []
    for one in session.before or ():
        later = after.get(one["question"])
        measure = MEASURES[QuestionKind(one["kind"])] or "same or not"
        rows.append([one["question"], measure, _alpha(one), "–" if later is None else _alpha(later), one["reason"]])
    if rows:
        table("", ["question", "by", "alpha before", "alpha after", "why none"], rows)


def _draw_item(one: ItemSeen, questions: Sequence[Question]) -> None:
    content = f"“{short(one.item.content)}”" if not one.item.modality.is_media else one.item.origin.key or one.item.id
    line(f"[cyan]{one.number}[/cyan] {escape(content)}")
    agreed = {each.question: each for each in one.agreed}
    for question in questions:
        name = question.name
        said = [vote for vote in one.votes if name in vote.answers]
        if not said and name not in agreed:
            continue
        apart = f"  {one.apart[name]:.0%} apart" if name in one.apart else ""
        line(f"  [bold]{escape(name)}[/bold]{apart}")
        parts = [_parts(vote.answers[name], question, one.item.content) for vote in said]
        same = shared(parts)
        for vote, words in zip(said, parts, strict=True):
            why = f"  [dim]{escape(vote.reason)}[/dim]" if vote.reason else ""
            line(f"    {vote.cover}  {_marked(words, same)}{why}")
        if name in agreed:
            kept = agreed[name]
            words = _parts(kept.answer, question, one.item.content)
            line(f"    [green]agreed[/green] {_marked(words, frozenset(words))}  [dim]{escape(kept.clause)}[/dim]")
    for each in one.said:
        line(f"    [dim]{escape(each.cover)}:[/dim] {escape(each.text)}")


def _parts(plain: dict[str, Any], question: Question, text: str) -> list[str]:
    found = parts_of(answer_from_plain(plain), question, text)
    more = len(found) - MOST
    return [*found[:MOST], f"and {more:,} more"] if more > 0 else found


def _marked(words: Sequence[str], same: frozenset[str]) -> str:
    """Return parts in a line; those that not everybody has stand out, in bold as well as in color."""
    return " · ".join(escape(one) if one in same else f"[bold yellow]{escape(one)}[/bold yellow]" for one in words)


@app.command(epilog="Example: goldseam calibrate agree ID 3 neg --clause 'Irony is neg.'")
def agree(
    session_id: Id,
    number: Annotated[int, typer.Argument(help="The item's number in the session.")],
    answer: Annotated[
        str, typer.Argument(help="The answer that was agreed: a label, number, date or text as it is; others as JSON.")
    ],
    question: Annotated[str, typer.Option(help="The question it answers; without it the first.")] = "",
    clause: Annotated[str, typer.Option(help="The clause of the guideline that it follows from.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Keep the answer that was agreed about an item."""
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        asked = opened.facts.schema.question(question or opened.facts.question)
        said = answer_of_cell(asked, answer)
        made = opened.new_id()
        calibration.agree(opened.world, permit, session_id, made, number, asked.name, said, clause, reason)
    emit({"agreed": made}, lambda: line(f"[green]✓[/green] Item {number}: {escape(short(answer))}"), as_json=as_json)


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
    emit(told, lambda: _draw_figures(session), as_json=as_json)
