"""`goldseam queue`: who is asked about what first: batches by hand, priorities, items asked about again.

In: logins, conditions on metadata, ids. Out: what was done. Never: an item that somebody is asked about twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner import leading, people
from goldseam.edge.runner.leading import Chosen, Did
from goldseam.route.segments import Condition
from goldseam.vocab.annotations import Purpose
from goldseam.vocab.errors import BadValue, nearest
from goldseam.vocab.items import ItemId
from goldseam.vocab.people import Act

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Give items to people by hand, put items ahead, ask again."
)

Where = Annotated[
    list[str] | None,
    typer.Option("--where", "-w", help="A condition on metadata: field=value, field=value|value, or field=2..5."),
]
Items = Annotated[list[str] | None, typer.Option("--item", help="An item's id; may be given several times.")]
Priority = Annotated[int, typer.Argument(help="From -9 to 9; 0 is usual.", min=-9, max=9)]
Call = Callable[[Project, str, Chosen, str | None], Did]


@app.command(epilog="Example: goldseam queue assign ada --next 50 --days 7")
def assign(
    logins: Annotated[list[str], typer.Argument(help="Whom to give them to.")],
    next_items: Annotated[
        int | None, typer.Option("--next", help="So many of the items that come next.", min=1)
    ] = None,
    where: Where = None,
    item: Items = None,
    days: Annotated[
        float | None, typer.Option(help="Due in so many days; default: when they are through.", min=0.01)
    ] = None,
    purpose: Annotated[str, typer.Option(help="Why they are asked.")] = "label",
    name: Annotated[str, typer.Option(help="What the batch is called.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Give items to people: served first to them, and to nobody else until due or released."""
    why = _purpose(purpose)
    with open_project(project) as opened:
        asked = [people.member(opened.world, opened.facts.id, login).id for login in logins]
        due = None if days is None else opened.world.clock.now() + timedelta(days=days)

        def call(opened: Project, act: str, chosen: Chosen, batch: str | None) -> Did:
            permit = opened.permit(Act.MANAGE)
            return leading.assign(opened.world, permit, act, chosen, asked, purpose=why, due=due, name=name, into=batch)

        did = _to_the_end(opened, _chosen(where, item, next_items), call)
    _show(did, f"given to {', '.join(logins)}", as_json=as_json)


@app.command("list", epilog="Example: goldseam queue list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the newest batches: whose they are, how far they are."""
    with open_project(project) as opened:
        found = leading.listing(opened.world, opened.permit(Act.MANAGE))
        names = {annotator.id: annotator.name for annotator, _ in opened.people()}
    rows = [
        {
            "batch": one.batch.id,
            "name": one.batch.name,
            "purpose": one.batch.purpose.value,
            "people": ", ".join(names.get(each, each) for each in one.progress.people),
            "items": one.batch.n_items,
            "waiting": one.progress.n_waiting,
            "due": f"{one.batch.due:%Y-%m-%d %H:%M}" if one.batch.due else "–",
            "ended": f"{one.batch.ended_at:%Y-%m-%d %H:%M}" if one.batch.ended_at else "–",
        }
        for one in found
    ]
    columns = ["batch", "name", "purpose", "people", "items", "waiting", "due", "ended"]
    emit(
        rows,
        lambda: table(
            "", columns, [[row[name] for name in columns] for row in rows], "No batch yet: goldseam queue assign NAME"
        ),
        as_json=as_json,
    )


@app.command(epilog="Example: goldseam queue release 019b76da-a800-7018-a344-1da902955384")
def release(
    batch: Annotated[str, typer.Argument(help="The batch's id.")], project: Folder = HERE, as_json: AsJson = False
) -> None:
    """End a batch: what is left of it is everybody's."""
    with open_project(project) as opened:
        leading.release(opened.world, opened.permit(Act.MANAGE), opened.new_id(), batch)
    emit({"batch": batch}, lambda: line(f"[green]✓[/green] {escape(batch)} has ended."), as_json=as_json)


@app.command(epilog="Example: goldseam queue ahead 5 --where domain=medical")
def ahead(
    priority: Priority, where: Where = None, item: Items = None, project: Folder = HERE, as_json: AsJson = False
) -> None:
    """Give items that still want answers a priority: those of a higher one are served first."""

    def call(opened: Project, act: str, chosen: Chosen, _: str | None) -> Did:
        return leading.put_ahead(opened.world, opened.permit(Act.MANAGE), act, chosen, priority)

    with open_project(project) as opened:
        did = _to_the_end(opened, _chosen(where, item), call)
    _show(did, f"put at priority {priority}", as_json=as_json)


@app.command(epilog="Example: goldseam queue again audit --where domain=medical")
def again(
    purpose: Annotated[str, typer.Argument(help="Why: audit, relabel or adjudication.")],
    where: Where = None,
    item: Items = None,
    answers: Annotated[int, typer.Option(help="How many answers each is to get.", min=1, max=100)] = 1,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Ask about items once more, of people who never answered them."""
    why = _purpose(purpose)

    def call(opened: Project, act: str, chosen: Chosen, _: str | None) -> Did:
        return leading.ask_again(opened.world, opened.permit(Act.MANAGE), act, chosen, why, answers=answers)

    with open_project(project) as opened:
        did = _to_the_end(opened, _chosen(where, item), call)
    _show(did, f"asked about again ({why.value})", as_json=as_json)


def _purpose(text: str) -> Purpose:
    names = [one.value for one in leading.BY_HAND]
    if text not in names:
        raise BadValue(f"There is no such purpose: {text!r}. It is one of {', '.join(names)}.{nearest(text, names)}")
    return Purpose(text)


def _chosen(where: list[str] | None, item: list[str] | None, next_items: int | None = None) -> Chosen:
    conditions = dict(_condition(one) for one in where) if where else None
    items = tuple(ItemId(one) for one in item) if item else None
    if sum(way is not None for way in (conditions, items, next_items)) != 1:
        raise BadValue("Say which items in one way: --where, --item or --next (which only 'assign' has).")
    return Chosen(items=items, next=next_items, where=conditions)


def _condition(text: str) -> tuple[str, Condition]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise BadValue(f"A condition is written field=value, field=value|value or field=2..5; got {text!r}.")
    low, dots, high = value.partition("..")
    if not dots:
        return name, Condition(tuple(value.split("|")))
    try:
        return name, Condition(min=float(low) if low else None, max=float(high) if high else None)
    except ValueError:
        raise BadValue(f"Bounds are numbers, as in field=2..5; got {text!r}.") from None


def _to_the_end(opened: Project, chosen: Chosen, call: Call) -> Did:
    """Call until the whole choice is done, and return what came of all calls together."""
    whole = did = call(opened, opened.new_id(), chosen, None)
    while did.after is not None:
        go_on = replace(chosen, after=did.after)
        did = call(opened, opened.new_id(), go_on, whole.batch or None)
        whole = _together(whole, did)
    return whole


def _together(one: Did, other: Did) -> Did:
    refused = {why: one.refused.get(why, 0) + other.refused.get(why, 0) for why in {**one.refused, **other.refused}}
    return Did(one.n_items + other.n_items, refused, other.batch or one.batch)


def _show(did: Did, what: str, *, as_json: bool) -> None:
    result = {"n_items": did.n_items, "refused": dict(did.refused), "batch": did.batch or None}

    def draw() -> None:
        line(f"[green]✓[/green] {did.n_items:,} item{'' if did.n_items == 1 else 's'} {escape(what)}.")
        for why, n_items in did.refused.items():
            line(f"  [yellow]![/yellow] {n_items:,} not: {why.replace('_', ' ')}")
        if did.batch:
            line(f"  batch {did.batch}")

    emit(result, draw, as_json=as_json)
