"""`goldseam people`: add people, give roles and API tokens, without asking who does: whoever has the project's folder governs it.

In: logins and roles. Out: accounts; a password or token, shown once. Never: a secret shown twice.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import oidc
from goldseam.vocab.people import Act, Role

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Add people, give roles and API tokens.")

Login = Annotated[str, typer.Argument(help="What they sign in with.")]


@app.command(epilog="Example: goldseam people add ada --role reviewer")
def add(
    login: Login,
    role: Annotated[Role, typer.Option(help="What they are in this project.")] = Role.ANNOTATOR,
    name: Annotated[str, typer.Option(help="The name that others see; default: the login.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Add a person to the project; a new account's password is shown once."""
    with open_project(project) as opened:
        annotator, password = opened.add_person(login, role, name=name)
    result = {"annotator": annotator.id, "login": login, "role": role.value, "password": password}

    def draw() -> None:
        line(f"[green]✓[/green] {escape(login)} is {role.value} in this project.")
        if password is not None:
            line(f"  password (shown this once): [bold]{escape(password)}[/bold]")

    emit(result, draw, as_json=as_json)


@app.command(epilog="Example: goldseam people grant ada manager")
def grant(
    login: Login,
    role: Annotated[str, typer.Argument(help="The new role, or 'none' to take it away.")],
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Give a person another role in the project, or none."""
    with open_project(project) as opened:
        opened.grant(login, role)
    emit(
        {"login": login, "role": role},
        lambda: line(f"[green]✓[/green] {escape(login)}: {escape(role)}"),
        as_json=as_json,
    )


@app.command("list", epilog="Example: goldseam people list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the people in the project and their roles."""
    with open_project(project) as opened:
        found = [
            {"annotator": a.id, "name": a.name, "kind": a.kind.value, "role": role.value} for a, role in opened.people()
        ]
    rows = [[each["name"], each["role"], each["kind"]] for each in found]
    emit(found, lambda: table("", ["name", "role", "kind"], rows), as_json=as_json)


@app.command(epilog="Example: goldseam people token ada --name laptop --days 30")
def token(
    login: Login,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "token",
    days: Annotated[int, typer.Option(help="How long it is valid.", min=1, max=3650)] = 90,
    act: Annotated[
        list[Act] | None, typer.Option(help="What it may do, such as capture; default: all that the role includes.")
    ] = None,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Make an API token with what the person's role includes; it is shown once."""
    with open_project(project) as opened:
        made = opened.make_token(login, name, frozenset(act) if act else None, days)

    def draw() -> None:
        line(f"[green]✓[/green] Token of {escape(login)} (shown this once):")
        line(f"  [bold]{made}[/bold]")

    emit({"login": login, "token": made}, draw, as_json=as_json)


@app.command(epilog="Example: goldseam people password ada")
def password(login: Login, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Give a person a new password, shown once; their open sessions end."""
    with open_project(project) as opened:
        made = opened.new_password(login)

    def draw() -> None:
        line(f"[green]✓[/green] New password of {escape(login)} (shown this once): [bold]{escape(made)}[/bold]")

    emit({"login": login, "password": made}, draw, as_json=as_json)


@app.command(epilog="Example: goldseam people unlink ada")
def unlink(login: Login, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Forget who a person is at the provider of single sign-on; they may link their account anew."""
    with open_project(project) as opened:
        n_forgotten = oidc.unlink(opened.world, opened.me, login)
    emit(
        {"login": login, "forgotten": n_forgotten},
        lambda: line(f"[green]✓[/green] {escape(login)}: {n_forgotten} forgotten"),
        as_json=as_json,
    )
