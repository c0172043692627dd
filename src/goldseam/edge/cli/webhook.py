"""`goldseam webhook`: let other programs hear of a project's events.

In: addresses, events. Out: webhooks, deliveries. Never: a secret shown twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from rich.markup import escape

from goldseam.edge import reach
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner import webhooks
from goldseam.edge.runner.people import Permit
from goldseam.edge.runner.webhooks import Delivery, DeliveryState, Made, Webhook, WebhookState
from goldseam.vocab.errors import NotFound
from goldseam.vocab.people import Act

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Let other programs hear of a project's events.",
    epilog="Example: goldseam webhook add https://hooks.example.com/labels release.published",
)

T = TypeVar("T")
Named = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook's id, or how it begins.")]


@app.command(epilog="Example: goldseam webhook add https://hooks.example.com/labels release.published round.ended")
def add(
    url: Annotated[str, typer.Argument(help="Where to send: https.")],
    events: Annotated[list[str], typer.Argument(help="Which events; 'goldseam webhook events' names them.")],
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Make a webhook; the secret that signs what it gets is shown this once."""
    with open_project(project) as opened:
        permit, act = opened.permit(Act.MANAGE), opened.new_id()
        made = webhooks.make(opened.world, reach.from_setting(), permit, act, url, tuple(events))
    _show(made, as_json)


@app.command("list", epilog="Example: goldseam webhook list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the project's webhooks, and why one is off."""
    with open_project(project) as opened:
        found = webhooks.listing(opened.world, opened.permit(Act.MANAGE))
    rows = [[one.id, one.url, ", ".join(one.events), one.state.value, one.reason] for one in found]
    emit(
        [_plain(one) for one in found],
        lambda: table(
            "", ["webhook", "address", "events", "state", "why"], rows, "No webhook yet: goldseam webhook add URL EVENT"
        ),
        as_json=as_json,
    )


@app.command(epilog="Example: goldseam webhook events")
def events(as_json: AsJson = False) -> None:
    """Name the events that a webhook may ask for."""
    emit(list(webhooks.EVENTS), lambda: line("\n".join(webhooks.EVENTS)), as_json=as_json)


@app.command(epilog="Example: goldseam webhook switch 0198 off")
def switch(
    webhook: Named,
    state: Annotated[WebhookState, typer.Argument(help="on, off, or ended: that is for ever.")],
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Switch a webhook on or off, or end it; what happens while it is off is not sent later."""
    done = _do(
        project, webhook, lambda opened, permit, one: webhooks.switch(opened.world, permit, opened.new_id(), one, state)
    )
    emit(_plain(done), lambda: line(f"[green]✓[/green] {done.id} is {done.state.value}"), as_json=as_json)


@app.command(epilog="Example: goldseam webhook secret 0198")
def secret(webhook: Named, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Give a webhook a new secret, shown this once; the one before it is good for another day."""
    made = _do(project, webhook, lambda opened, permit, one: webhooks.renew(opened.world, permit, opened.new_id(), one))
    _show(made, as_json)


@app.command(epilog="Example: goldseam webhook ping 0198")
def ping(webhook: Named, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Let the worker send an event that says nothing."""
    sent = _do(project, webhook, lambda opened, permit, one: webhooks.ping(opened.world, permit, opened.new_id(), one))
    emit(
        _row(sent),
        lambda: line(f"[green]✓[/green] The worker sends it: goldseam webhook deliveries {escape(webhook)}"),
        as_json=as_json,
    )


@app.command(epilog="Example: goldseam webhook deliveries 0198 --state dead")
def deliveries(
    webhook: Named,
    state: Annotated[DeliveryState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=200)] = 20,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """List what was sent to a webhook, newest first, and what came of it."""
    found = _do(
        project, webhook, lambda opened, permit, one: webhooks.log_of(opened.world, permit, one, state, None, limit)
    )
    rows = [[str(one.seq), one.kind, one.state.value, str(one.n_tries), one.reason] for one in found]
    emit(
        [_row(one) for one in found],
        lambda: table("", ["number", "event", "state", "tries", "last"], rows),
        as_json=as_json,
    )


@app.command(epilog="Example: goldseam webhook again 0198 17")
def again(
    webhook: Named,
    number: Annotated[int, typer.Argument(help="The delivery's number.", min=1)],
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Send a delivery once more, under the same event id."""
    sent = _do(
        project,
        webhook,
        lambda opened, permit, one: webhooks.send_again(opened.world, permit, opened.new_id(), one, number),
    )
    emit(_row(sent), lambda: line(f"[green]✓[/green] The worker sends {sent.event} again."), as_json=as_json)


def _do(project: Folder, begins: str, do: Callable[[Project, Permit, str], T]) -> T:
    """Do something with the one webhook whose id begins so."""
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        found = [one.id for one in webhooks.listing(opened.world, permit) if one.id.startswith(begins)]
        if len(found) != 1:
            raise NotFound(f"{len(found) or 'No'} webhooks begin with {begins!r}; see: goldseam webhook list")
        return do(opened, permit, found[0])


def _show(made: Made, as_json: bool) -> None:  # noqa: FBT001 - the option of the command
    def draw() -> None:
        line(f"[green]✓[/green] Webhook {made.webhook.id}")
        line(f"  secret (shown this once): [bold]{escape(str(made.secret))}[/bold]")

    emit({**_plain(made.webhook), "secret": made.secret}, draw, as_json=as_json)


def _plain(one: Webhook) -> dict[str, object]:
    return {"webhook": one.id, "url": one.url, "events": list(one.events), "state": one.state.value, "why": one.reason}


def _row(one: Delivery) -> dict[str, object]:
    return {
        "number": one.seq,
        "event": one.event,
        "kind": one.kind,
        "state": one.state.value,
        "tries": one.n_tries,
        "status": one.status,
        "reason": one.reason,
        "at": one.at,
        "ended_at": one.ended_at,
    }
