"""`goldseam demo`: the whole loop on handwritten digits (real images) with a synthetic crowd, and says so.

In: scikit-learn's bundled digits. Out: a project after three rounds, with verified releases and a promoted model; the same
rounds drawn at random beside it. Never: a figure that was not measured in this very run.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from goldseam.edge.cli.digits import CROWD, N_GOLD, lay_out
from goldseam.edge.cli.show import AsJson, console, emit, line, progress, table
from goldseam.edge.clock import SeededClock
from goldseam.edge.home import Home
from goldseam.edge.project import Project, open_project
from goldseam.edge.runner.annotate import Submission
from goldseam.edge.runner.world import Report
from goldseam.flow.plan import Verb
from goldseam.stats.crowd import Crowd
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.errors import BadValue
from goldseam.vocab.people import AnnotatorId, Role

app = typer.Typer(add_completion=False)

AHEAD = 25
STRATEGIES = {"hybrid": "auto", "random": "random"}


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to: labels the model learned from, answers that were paid for, and its accuracy on gold."""

    strategy: str
    round: int
    labels: int
    answers: int
    accuracy: float
    promoted: bool


@app.command(epilog="Example: goldseam demo --folder demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where to make it; a new folder.")] = Path("demo"),
    rounds: Annotated[int, typer.Option(help="How many rounds.", min=1, max=10)] = 3,
    batch: Annotated[int, typer.Option(help="How many items a round draws.", min=20, max=400)] = 100,
    seed: Annotated[
        int, typer.Option(help="Decides the crowd, the draws and the models; who meets which gold differs.")
    ] = 7,
    as_json: AsJson = False,
) -> None:
    """Run three rounds on handwritten digits: real images, a synthetic crowd, the default draw against random."""
    started = time.monotonic()
    if folder.exists() and any(folder.iterdir()):
        raise BadValue(f"The folder {folder} is not empty; choose another with --folder, or remove it.")
    homes = {"hybrid": Home(folder.resolve()), "random": Home((folder / "random").resolve())}
    truth = {name: lay_out(home, STRATEGIES[name], batch, seed) for name, home in homes.items()}
    made: list[Round] = []
    with progress(quiet=as_json) as report:
        for name, home in homes.items():
            with open_project(home.root, SeededClock(seed)) as project:
                made += _rounds(project, name, truth[name], rounds, seed, report)
    with open_project(homes["hybrid"].root) as project:
        for _ in project.run():  # the next round's items are drawn and wait for people
            pass
        project.seal()
        findings = project.verify()
        releases, status = project.releases(), project.status()
    result: dict[str, Any] = {
        "folder": str(folder),
        "rounds": [{name: getattr(each, name) for name in Round.__slots__} for each in made],
        "release": releases[0],
        "verified": not findings,
        "model": status["model"],
        "quality": status["quality"],
        "seconds": time.monotonic() - started,
    }
    emit(result, lambda: _draw(folder, made, result), as_json=as_json)


def _rounds(project: Project, name: str, truth: dict[str, str], rounds: int, seed: int, report: Report) -> list[Round]:
    """Run the rounds of one strategy, with the crowd answering and an expert ruling, and return what each came to."""
    rng = np.random.default_rng(seed)
    crowd = CROWD
    people = {
        login: project.add_person(login, Role.ANNOTATOR, password=f"{login}-{seed}-demo")[0].id for login in crowd.names
    }
    made: list[Round] = []
    while len(made) < rounds:
        for done in project.run():
            if done.step.verb is Verb.TRAIN:
                made.append(_round_of(name, done.round, project.status()))
                report(f"{name}: rounds", len(made), rounds)
                if len(made) == rounds:
                    return made
        waits = project.plan().next
        if waits is not None and waits.verb is Verb.COLLECT:
            _answer(project, crowd, people, truth, rng)
        elif waits is not None and waits.verb is Verb.RULE:
            _rule(project, truth)
        else:
            raise BadValue(f"The demonstration stopped: {waits.text if waits else 'nothing is left to do'}")
    return made


def _round_of(strategy: str, number: int, status: Mapping[str, Any]) -> Round:
    """Return what a round came to, as the status tells it right after training."""
    model, n_answers = status["history"][-1], status["counts"]["annotations"]
    return Round(strategy, number, model["labels"], n_answers, model["accuracy"], model["promoted"])


def _answer(
    project: Project, crowd: Crowd, people: dict[str, AnnotatorId], truth: dict[str, str], rng: np.random.Generator
) -> None:
    """Let everybody in the crowd answer what the queue gives them, until it gives nothing."""
    facts = project.facts
    working = dict(people)
    while working:
        for name in [*working]:
            offers = project.lease(AHEAD, people[name]).offers
            if not offers:
                del working[name]
                continue
            sent = [
                Submission(
                    id=AnnotationId(project.new_id()),
                    assignment=offer.id,
                    token=offer.token,
                    answers={
                        facts.schema.main.name: Choice(LabelName(crowd.answer(name, truth[offer.item.origin.key], rng)))
                    },
                    seconds=float(rng.lognormal(0.6, 0.4)),
                    schema_version=facts.schema_version,
                    guideline_version=facts.guideline_version,
                )
                for offer in offers
            ]
            project.submit(sent, people[name])


def _rule(project: Project, truth: dict[str, str]) -> None:
    """Rule on every escalated item as an expert who is right would."""
    for found in project.disagreements(1000):
        item: Any = found["item"]
        project.rule(item["id"], truth[item["origin"]["key"]], "an expert's look at the image")


def _draw(folder: Path, made: list[Round], result: dict[str, Any]) -> None:
    quality = result["quality"]
    line("")
    line("[bold]Handwritten digits[/bold] (1,797 real images of scikit-learn's bundled set)")
    line(
        f"[dim]The crowd is synthetic: {len(CROWD.names)} annotators of stated confusion, right 70 to 95 times in 100.[/dim]"
    )
    line("")
    rows = [
        [r.strategy, r.round, r.labels, r.answers, r.accuracy, "promoted" if r.promoted else "kept the old one"]
        for r in made
    ]
    table(
        f"Accuracy on {N_GOLD} gold images that no model learned from",
        ["draw", "round", "labels", "answers", "accuracy", "model"],
        rows,
    )
    line("")
    agreement, accuracy = quality["agreement"], quality["accuracy"]
    line(
        f"  agreement: alpha {agreement['value']:.3f} [{agreement['low']:.3f}, {agreement['high']:.3f}] ({quality['band']})"
    )
    line(f"  settled labels on hidden gold: {accuracy['value']:.3f} [{accuracy['low']:.3f}, {accuracy['high']:.3f}]")
    release = result["release"]
    mark = "[green]✓[/green]" if result["verified"] else "[red]✗[/red]"
    line(
        f"  {mark} release {release['number']}: {release['n_items']:,} labels in {folder / 'releases' / release['folder']}; "
        "log, rows and release verify"
    )
    line(
        f"  [green]✓[/green] model of round {result['model']['round']} was promoted: accuracy {result['model']['accuracy']:.3f}"
    )
    line(f"  [dim]{result['seconds']:.0f} s in all[/dim]")
    console.print(
        f"\nOpen the page on this project:  [bold]goldseam serve --project {folder}[/bold]   (or: make serve)"
    )
