"""`goldseam pay`: rates, statements of what people earned, their approval and payment, what a settled label cost.

In: amounts as decimal numbers, logins. Out: statements, a CSV file. Never: a float of money; a cell that a spreadsheet would run.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.annotate.pay import PayEvent, Per, Rate, in_minor, shown
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner import pay, people
from goldseam.edge.runner.pay import StatementSeen
from goldseam.route.tiers import Tier
from goldseam.vocab.errors import BadValue
from goldseam.vocab.people import Act

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Rates, statements, payment, cost.")

Id = Annotated[str, typer.Argument(help="The statement's id, as `goldseam pay list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]
PAGE = 100
COLUMNS = ["id", "name", "answers", "amount", "currency", "state"]


@app.command(epilog="Example: goldseam pay rate 0.05; goldseam pay rate 18.50 --per hour --person ada")
def rate(
    amount: Annotated[str, typer.Argument(help="A decimal number in the project's currency, like 0.05.")],
    per: Annotated[Per, typer.Option(help="For each answer or each hour.")] = Per.ANSWER,
    tier: Annotated[str, typer.Option(help="Only for items of this tier: auto, single, consensus or expert.")] = "",
    person: Annotated[str, typer.Option(help="Only for this annotator: a login or name.")] = "",
    since: Annotated[str, typer.Option(help="From which time on, like 2027-01-31; default: from now on.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Set a rate: a person's goes before a tier's, a tier's before the project's."""
    with open_project(project) as opened:
        policy = opened.facts.settings.pay
        made = Rate(
            id=opened.new_id(),
            per=per,
            amount=in_minor(amount, policy.minor_digits),
            currency=policy.currency,
            since=_moment(since, opened),
            tier=_tier(tier),
            annotator=people.member(opened.world, opened.facts.id, person).id if person else None,
        )
        pay.set_rate(opened.world, opened.permit(Act.MANAGE), made)
    said = f"{shown(made.amount, policy.minor_digits)} {policy.currency} for each {per.value}"
    emit(
        {**asdict(made)},
        lambda: line(f"[green]✓[/green] {said}, from {made.since:%Y-%m-%d %H:%M} UTC"),
        as_json=as_json,
    )


def _moment(text: str, opened: Project) -> datetime:
    if not text:
        return opened.world.clock.now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadValue(f"A time is written like 2027-01-31 or 2027-01-31T18:00; got {text!r}.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _tier(text: str) -> int | None:
    names = [one.name.lower() for one in Tier]
    if text and text not in names:
        raise BadValue(f"A tier is one of {', '.join(names)}; got {text!r}.")
    return int(Tier[text.upper()]) if text else None


@app.command(epilog="Example: goldseam pay close --until 2027-02-01")
def close(
    until: Annotated[str, typer.Option(help="Answers before this time; default: now.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Make a statement for everybody who earned something, but yourself."""
    with open_project(project) as opened:
        found = pay.state_all(opened.world, opened.permit(Act.MANAGE), _moment(until, opened))
    _show(found, as_json=as_json)


@app.command("list", epilog="Example: goldseam pay list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the newest statements."""
    with open_project(project) as opened:
        found = pay.listing(opened.world, opened.permit(Act.MANAGE), limit=PAGE)
    _show(found, as_json=as_json)


def _show(found: tuple[StatementSeen, ...], *, as_json: bool) -> None:
    rows = [
        [
            one.statement.id,
            one.name or "",
            one.statement.n_answers,
            shown(one.statement.amount, one.statement.minor_digits),
            one.statement.currency,
            one.state.value,
        ]
        for one in found
    ]
    emit(
        [asdict(one) for one in found],
        lambda: table("", COLUMNS, rows, "No statement yet: goldseam pay close"),
        as_json=as_json,
    )


@app.command(epilog="Example: goldseam pay approve ID")
def approve(statement: Id, reason: Reason = "", project: Folder = HERE, as_json: AsJson = False) -> None:
    """Approve a statement."""
    _move(statement, PayEvent.APPROVE, reason, project, as_json=as_json)


@app.command(epilog="Example: goldseam pay hold ID --reason 'Ask about the night of the 3rd.'")
def hold(statement: Id, reason: Reason, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Hold a statement back, with the reason."""
    _move(statement, PayEvent.HOLD, reason, project, as_json=as_json)


@app.command(epilog="Example: goldseam pay paid ID")
def paid(statement: Id, reason: Reason = "", project: Folder = HERE, as_json: AsJson = False) -> None:
    """Say that an approved statement was paid."""
    _move(statement, PayEvent.PAY, reason, project, as_json=as_json)


def _move(statement: str, event: PayEvent, reason: str, project: Folder, *, as_json: bool) -> None:
    with open_project(project) as opened:
        pay.move(opened.world, opened.permit(Act.MANAGE), statement, opened.new_id(), event, reason)
    done = {"statement": statement, "event": event.value}
    emit(done, lambda: line(f"[green]✓[/green] {escape(statement)}: {event.value}"), as_json=as_json)


@app.command(epilog="Example: goldseam pay export pay.csv")
def export(
    target: Annotated[Path, typer.Argument(help="The file to write.")],
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Write the statements as CSV; no cell is one that a spreadsheet would run."""
    with open_project(project) as opened:
        data = pay.csv(opened.world, opened.permit(Act.MANAGE))
    target.write_bytes(data)
    emit({"file": str(target)}, lambda: line(f"[green]✓[/green] {escape(str(target))}"), as_json=as_json)


@app.command(epilog="Example: goldseam pay cost")
def cost(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Show what all statements come to, and for each settled label."""
    with open_project(project) as opened:
        found = pay.cost(opened.world, opened.facts)
    rows = [[one.currency, one.amount, one.n_settled, one.per_label or "–"] for one in found]
    columns = ["currency", "amount", "settled labels", "for each"]
    emit([asdict(one) for one in found], lambda: table("", columns, rows), as_json=as_json)
