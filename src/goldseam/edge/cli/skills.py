"""`goldseam skills`: who is known to be able to do what.

In: logins and names of skills. Out: skills granted, revoked, listed. Never: a skill that the ledger does not know of.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner import people, skills
from goldseam.edge.runner.skills import SkillSeen
from goldseam.vocab.people import Act, AnnotatorId

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Grant, revoke and list skills.")

Login = Annotated[str, typer.Argument(help="What they sign in with.")]
Skill = Annotated[str, typer.Argument(help="The skill's name: small letters, digits, dots, dashes, underscores.")]


def _id_of(opened: Project, login: str) -> AnnotatorId:
    return people.member(opened.world, opened.facts.id, login).id


@app.command(epilog="Example: goldseam skills grant ada medical --level 2")
def grant(
    login: Login,
    skill: Skill,
    level: Annotated[int, typer.Option(help="How well, from 1 up.", min=1, max=99)] = 1,
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Grant a person a skill, or another level of it."""
    with open_project(project) as opened:
        skills.grant(opened.world, opened.permit(Act.MANAGE), opened.new_id(), _id_of(opened, login), skill, level)
    said = f"[green]✓[/green] {escape(login)} has the skill {escape(skill)}, level {level}."
    emit({"login": login, "skill": skill, "level": level}, lambda: line(said), as_json=as_json)


@app.command(epilog="Example: goldseam skills revoke ada medical")
def revoke(login: Login, skill: Skill, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Take a skill away; what the person holds, they may still answer."""
    with open_project(project) as opened:
        skills.revoke(opened.world, opened.permit(Act.MANAGE), opened.new_id(), _id_of(opened, login), skill)
    said = f"[green]✓[/green] {escape(login)} has the skill {escape(skill)} no more."
    emit({"login": login, "skill": skill}, lambda: line(said), as_json=as_json)


@app.command("list", epilog="Example: goldseam skills list")
def listing(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List who holds which skill, since when, and how that was found."""
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        found: list[SkillSeen] = []
        after = ("", "")
        while some := skills.listing(opened.world, permit, after=after):
            found += some
            after = (some[-1].held.annotator, some[-1].held.skill)
    rows = [
        [one.name, one.held.skill, one.held.level, f"{one.held.granted_at:%Y-%m-%d}", one.held.how] for one in found
    ]
    names = ["name", "skill", "level", "since", "how"]
    emit(
        [dict(zip(names, row, strict=True)) for row in rows],
        lambda: table("", names, rows, "Nobody has a skill yet: goldseam skills grant NAME SKILL"),
        as_json=as_json,
    )
