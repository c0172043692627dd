"""`goldseam qualify`: questions with known answers, where annotators stand on the way to work, promotions from figures.

In: the files that the project names, logins. Out: lists, and what was done. Never: how somebody answered one question.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.annotate.qualify import StepEvent, current
from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line, table
from goldseam.edge.project import open_project
from goldseam.edge.runner import onboarding, people, promotion, questions
from goldseam.vocab.people import Act
from goldseam.vocab.talk import ProposalState

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Questions, onboarding, and promotions proposed from figures."
)

PAGE = 100
Login = Annotated[str, typer.Argument(help="The login or name of an annotator.")]
Number = Annotated[str, typer.Argument(help="The promotion's id, as `goldseam qualify promotions` lists it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the decision.")]


@app.command("questions", epilog="Example: goldseam qualify questions")
def take_in(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Read the files of questions that the project file names, or read them again after a change."""
    with open_project(project) as opened:
        found = questions.take_in(opened.world, opened.facts, opened.me)

    def draw() -> None:
        if not found:
            line("[yellow]●[/yellow] The project file names no questions: add files under qualification.files.")
        for each in found:
            line(f"[green]✓[/green] {escape(each.source)}: {each.n_set:,} questions.")
            for number, reason in each.refused[:PAGE]:
                line(f"  [yellow]![/yellow] line {number}, refused: {escape(reason)}")

    emit([asdict(each) for each in found], draw, as_json=as_json)


@app.command(epilog="Example: goldseam qualify team")
def team(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the annotators and where each stands on the way to real work."""
    with open_project(project) as opened:
        permit, found = opened.permit(Act.MANAGE), list[onboarding.Member]()
        while page := onboarding.team(opened.world, permit, found[-1].annotator if found else "", PAGE):
            found += page
    told = []
    for each in found:
        step = None if each.through else current(each.steps)
        opens = None if step is None else step.opens_at
        told.append(
            {
                "annotator": each.annotator,
                "name": each.name,
                "through": each.through,
                "step": "" if step is None else step.key,
                "state": "" if step is None else step.state.value,
                "n_failed": 0 if step is None else step.n_failed,
                "opens_at": opens,
            }
        )
    rows = [
        [one["name"], "yes" if one["through"] else "no", one["step"], one["state"], one["n_failed"]] for one in told
    ]
    emit(told, lambda: table("", ["name", "may work", "step", "state", "failed"], rows), as_json=as_json)


@app.command(epilog="Example: goldseam qualify allow ada")
def allow(login: Login, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Allow an annotator one more try after the last one."""
    _intervene(login, StepEvent.ALLOW, project, as_json=as_json)


@app.command(epilog="Example: goldseam qualify waive ada")
def waive(login: Login, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Waive the step of onboarding that an annotator is at."""
    _intervene(login, StepEvent.WAIVE, project, as_json=as_json)


def _intervene(login: str, event: StepEvent, project: Folder, *, as_json: bool) -> None:
    with open_project(project) as opened:
        who = people.member(opened.world, opened.facts.id, login)
        onboarding.intervene(opened.world, opened.permit(Act.MANAGE), opened.new_id(), who.id, event)
    done = {"login": login, "event": event.value}
    emit(done, lambda: line(f"[green]✓[/green] {escape(login)}: {event.value}"), as_json=as_json)


@app.command(epilog="Example: goldseam qualify measure")
def measure(project: Folder = HERE, as_json: AsJson = False) -> None:
    """Measure every annotator: tell each their own figures, and propose promotions as the project file says."""
    with open_project(project) as opened:
        found = promotion.measure_all(opened.world, opened.facts, opened.me)

    def draw() -> None:
        line(
            f"[green]✓[/green] {found.n_told:,} annotators have new figures; {len(found.proposed):,} promotions proposed."
        )

    emit({"n_told": found.n_told, "proposed": list(found.proposed)}, draw, as_json=as_json)


@app.command(epilog="Example: goldseam qualify promotions")
def promotions(project: Folder = HERE, as_json: AsJson = False) -> None:
    """List the newest promotions that figures spoke for, and what became of them."""
    with open_project(project) as opened:
        found = promotion.listing(opened.world, opened.permit(Act.MANAGE), limit=PAGE)
    told = [
        {
            "id": one.promotion.id,
            "name": one.name,
            "state": one.promotion.state.value,
            "figures": dict(one.promotion.figures),
        }
        for one in found
    ]
    rows = [
        [
            one.promotion.id,
            one.name,
            one.promotion.state.value,
            one.promotion.figures["n_answers"],
            one.promotion.figures["gold_low"],
            one.promotion.figures["agreement"],
        ]
        for one in found
    ]
    columns = ["id", "name", "state", "answers", "gold at least", "agreement"]
    emit(told, lambda: table("", columns, rows), as_json=as_json)


@app.command(epilog="Example: goldseam qualify accept ID --reason 'Careful work, and kind in threads.'")
def accept(promotion_id: Number, reason: Reason, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Make an annotator a reviewer, as was proposed."""
    _decide(promotion_id, ProposalState.ACCEPTED, reason, project, as_json=as_json)


@app.command(epilog="Example: goldseam qualify decline ID --reason 'Not before the next guideline.'")
def decline(promotion_id: Number, reason: Reason, project: Folder = HERE, as_json: AsJson = False) -> None:
    """Leave an annotator what they are, though a promotion was proposed."""
    _decide(promotion_id, ProposalState.DECLINED, reason, project, as_json=as_json)


def _decide(promotion_id: str, state: ProposalState, reason: str, project: Folder, *, as_json: bool) -> None:
    with open_project(project) as opened:
        permit = opened.permit(Act.MANAGE)
        promotion.decide(opened.world, permit, promotion_id, opened.new_id(), state, reason)
    done = {"promotion": promotion_id, "state": state.value}
    emit(done, lambda: line(f"[green]✓[/green] {state.value}"), as_json=as_json)
