"""Project: the loop from Python, with the same verbs as the command line.

In: the path of a project's folder. Out: a `Project` whose methods are the loop's steps. Never: a decision that the runner
does not make for every other face too.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from goldseam.audit.gate import Gate
from goldseam.audit.quality import QualityReport
from goldseam.edge.clock import Clock
from goldseam.edge.home import DATABASE_SETTING, Home, find_home
from goldseam.edge.runner import (
    adjudicate,
    annotate,
    audit,
    backup,
    check,
    disagreeing,
    flow,
    log,
    people,
    project_file,
    projects,
    release,
    source,
    trace,
)
from goldseam.edge.runner.annotate import Leased, Offer, Outcome, Submission
from goldseam.edge.runner.intake import TakenIn
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.projects import Changes, ProjectFacts
from goldseam.edge.runner.world import Report, World, open_world, silent
from goldseam.flow.plan import Plan
from goldseam.flow.settings import Settings
from goldseam.release.diff import Diff
from goldseam.release.verify import Finding
from goldseam.stats.votes import Votes
from goldseam.vocab.annotations import AnnotationId, AssignmentId
from goldseam.vocab.answers import Answer, Choice, LabelName
from goldseam.vocab.errors import BadProjectFile, BadSetting, GoldseamError
from goldseam.vocab.people import Act, Annotator, AnnotatorId, Role, role_named

if TYPE_CHECKING:
    from goldseam.edge.runner.steps import Done

ME = "me"
HELD = "project"
"""The file that keeps the name of the project which a folder holds."""
ELSEWHERE = (
    f"Set {DATABASE_SETTING} to the database it was made in (or leave it out, if that was SQLite), or put a backup back into "
    "an empty folder: goldseam db restore."
)


class Project:
    """One labeling effort, opened. Use it in a `with` block, or call `close`.

    Examples
    --------
    >>> import goldseam
    >>> with goldseam.open("mood") as project:      # doctest: +SKIP
    ...     for done in project.run():
    ...         print(done.step.text, "->", done.outcome)
    """

    def __init__(self, home: Home, clock: Clock | None = None) -> None:
        self.home = home
        self._stack = ExitStack()
        self.world: World = self._stack.enter_context(open_world(home, clock))

    def close(self) -> None:
        """Close the database."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the project and its people ---------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What the project file says now."""
        return project_file.read(self.home)

    @cached_property
    def _name(self) -> str:
        return self.settings.name

    @property
    def facts(self) -> ProjectFacts:
        """The project as the database has it."""
        return projects.by_name(self.world, self._name)

    @cached_property
    def me(self) -> AnnotatorId:
        """Whoever works on this folder from the terminal or from Python: the owner of what is made here."""
        path = self.home.hidden / ME
        if path.exists():
            return AnnotatorId(path.read_text(encoding="utf-8").strip())
        made = people.add_local(self.world, _login())
        path.write_text(made, encoding="utf-8")
        path.chmod(0o600)
        return made

    def permit(self, act: Act) -> Permit:
        """Return the owner's permit for an act."""
        return people.permit(self.world, Principal(self.me, _login()), self.facts.id, act)

    def plan_changes(self) -> Changes:
        """Return what applying the project file would change.

        Raises
        ------
        BadProjectFile
            If the file names another project than the one that this folder holds already.
        BadSetting
            If this folder holds the project, and the database that was opened does not.
        """
        changes = projects.plan(self.world, self.settings)
        known = self.home.hidden / HELD
        if changes.is_new and known.exists():
            name = known.read_text(encoding="utf-8").strip()
            if name == self.settings.name:
                where = self.world.store.where
                raise BadSetting(f"This folder holds {name!r}, but its database does not: {where}. {ELSEWHERE}")
            raise BadProjectFile(
                f"This folder holds the project {name!r}, and its file now names {self.settings.name!r}. "
                "Put the name back, or make a project of the new name in another folder."
            )
        return changes

    def apply(self) -> tuple[ProjectFacts, Changes]:
        """Make the project what its file says."""
        self.plan_changes()
        made = projects.apply(self.world, self.settings, self.me)
        project_file.write_schema(self.home)
        (self.home.hidden / HELD).write_text(made[0].name + "\n", encoding="utf-8")
        return made

    def add_person(
        self, login: str, role: Role, *, name: str = "", password: str | None = None
    ) -> tuple[Annotator, str | None]:
        """Add a person; a password is made up, and returned, if they are new and none is given."""
        return people.add_person(self.world, self.facts.id, self.me, login, role, name=name, password=password)

    def people(self) -> tuple[tuple[Annotator, Role], ...]:
        """Return everybody in the project, with their roles."""
        return people.members(self.world, self.facts.id)

    def add_recorded(self, names: Sequence[str], acts: frozenset[Act]) -> dict[str, str]:
        """Add annotators whose votes were recorded elsewhere, as services of the project; return a token for each."""
        return people.add_recorded(self.world, self.facts.id, self.me, names, acts)

    def grant(self, login: str, role: str) -> None:
        """Give a person another role, or `none`."""
        people.grant(self.world, self.facts.id, self.me, login, role_named(role))

    def new_password(self, login: str) -> str:
        """Give a person a new password and return it; their open sessions end."""
        return people.new_password(self.world, self.facts.id, login)

    def make_token(self, login: str, name: str, acts: frozenset[Act] | None = None, days: int | None = 90) -> str:
        """Return a new API token for a member of the project; it is shown this once."""
        member = people.member(self.world, self.facts.id, login)
        return people.make_token(self.world, self.facts.id, member.id, name, acts, days)

    # --- the loop ------------------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Return the steps of the present round, and where each stands."""
        return flow.plan_of(self.world, self.facts)

    def run(self, report: Report = silent) -> Iterator[Done]:
        """Do the next steps, one by one, until a person is needed or the project is finished."""
        steps = import_module(
            "goldseam.edge.runner.steps"
        )  # scikit-learn takes most of a second: only who runs pays it
        found: Iterator[Done] = steps.run(self.world, self._name, self.me, report)
        return found

    def status(self) -> dict[str, object]:
        """Return the state of the round as plain values."""
        return flow.round_facts(self.world, self.facts)

    def take_in(self, report: Report = silent) -> tuple[TakenIn, ...]:
        """Take in the sources that were not read as they are now."""
        return source.take_in(self.world, self.facts, self.me, report)

    def quarantine(self, limit: int = 100) -> list[dict[str, object]]:
        """Return records that were refused at intake, each with its source, line, reason and text."""
        return source.quarantine_page(self.world, self.permit(Act.VIEW), 0, limit)

    # --- labels --------------------------------------------------------------------------------------------------------

    def lease(
        self, count: int = 1, annotator: AnnotatorId | None = None, holding: Sequence[AssignmentId] = ()
    ) -> Leased:
        """Lease items to the owner, or to another annotator; what they hold beyond `holding` is given back first."""
        return annotate.lease(self.world, self._permit_of(annotator, Act.ANNOTATE), count, holding)

    def answer(
        self, offer: Offer, answer: str | Answer, *, seconds: float = 0.0, annotator: AnnotatorId | None = None
    ) -> Outcome:
        """Answer the project's first question about a leased item; a text is a label's name.

        Raises
        ------
        GoldseamError
            Whatever the answer was refused for.
        """
        given = Choice(LabelName(answer)) if isinstance(answer, str) else answer
        facts = self.facts
        sent = Submission(
            id=AnnotationId(self.new_id()),
            assignment=offer.id,
            token=offer.token,
            answers={facts.schema.main.name: given},
            seconds=seconds,
            schema_version=facts.schema_version,
            guideline_version=facts.guideline_version,
        )
        outcome = self.submit([sent], annotator)[0]
        if outcome.error is not None:
            raise outcome.error
        return outcome

    def new_id(self) -> str:
        """Return a fresh UUIDv7, the id that every write carries."""
        return people.fresh_id(self.world)

    def submit(self, sent: Sequence[Submission], annotator: AnnotatorId | None = None) -> tuple[Outcome, ...]:
        """Send answers; each gets its own outcome."""
        return annotate.submit(self.world, self._permit_of(annotator, Act.ANNOTATE), sent)

    def withdraw(self, annotation: AnnotationId) -> Offer:
        """Undo an answer of the owner: its item is leased again."""
        return annotate.withdraw(self.world, self.permit(Act.ANNOTATE), annotation, self.new_id())

    def give_back(self) -> int:
        """End the owner's leases, so that others get the items at once; return how many there were."""
        return annotate.give_back(self.world, self.permit(Act.ANNOTATE))

    def skip(self, offer: Offer, reason: str = "") -> None:
        """Pass on an item: it goes to others."""
        annotate.skip(self.world, self.permit(Act.ANNOTATE), offer.id, offer.token, reason)

    def _permit_of(self, annotator: AnnotatorId | None, act: Act) -> Permit:
        if annotator is None:
            return self.permit(act)
        return people.permit(self.world, Principal(annotator, annotator), self.facts.id, act)

    def close_round(self) -> int:
        """Collect no more answers in this round than are given or under way; return how many were still wanted."""
        return annotate.close_round(self.world, self.facts, self.me)

    def votes(self) -> Votes:
        """Return every vote on the first question, ready for `goldseam.truth` and `goldseam.agreement`."""
        return adjudicate.basis(self.world, self.facts).votes

    def labels(self) -> dict[str, np.ndarray[tuple[int], np.dtype[np.generic]] | list[str]]:
        """Return what the votes settle to now: item ids, labels, confidence, and whether each waits for a ruling."""
        facts = self.facts
        found = adjudicate.basis(self.world, facts).settled
        return {
            "item": source.ids_of(self.world, facts, found.position),
            "label": [str(found.labels[code]) for code in found.label.tolist()],
            "confidence": found.confidence,
            "escalated": found.escalated,
        }

    def keys(self) -> dict[int, str]:
        """Return the source's key of every item that has one, by position."""
        return source.keys_of(self.world, self.facts)

    def item_ids(self, positions: Sequence[int]) -> list[str]:
        """Return the ids of the items at these positions."""
        return source.ids_of(self.world, self.facts, np.array(positions, np.int64))

    def trace(self, item: str) -> dict[str, object]:
        """Return everything an item's label rests on; it is named by its id, its first digits, or its row's own key."""
        return trace.trace(self.world, self.facts, trace.meant(self.world, self.facts, item))

    def disagreements(self, limit: int = 20, question: str | None = None) -> list[dict[str, object]]:
        """Return items that wait for a ruling on a question (the first, if none is named), the least certain first."""
        return disagreeing.disagreements(self.world, self.permit(Act.ADJUDICATE), limit, question)

    def rule(self, item: str, decided: str | Answer, reason: str = "", question: str | None = None) -> None:
        """Settle a question of an item by decision: a label, or an answer of the question's kind."""
        question = question or self.facts.question
        answer = Choice(LabelName(decided)) if isinstance(decided, str) else decided
        ruling = self.new_id()
        adjudicate.rule(self.world, self.permit(Act.ADJUDICATE), ruling, item, question, answer, reason)

    def quality(self) -> tuple[QualityReport, Gate] | None:
        """Return the newest quality report and the gate's answer."""
        found = audit.newest(self.world, self.facts)
        return None if found is None else found[:2]

    # --- releases and proofs -------------------------------------------------------------------------------------------

    def publish(self, report: Report = silent) -> Path:
        """Publish the next release and return its folder."""
        with self.home.alone():
            row = release.publish(self.world, self.facts, self.me, report)
        return self.home.releases / row.folder

    def releases(self) -> list[dict[str, object]]:
        """Return all releases, newest first."""
        return release.listing(self.world, self.facts)

    def release_folder(self, number: int) -> Path:
        """Return the folder of a release."""
        return release.folder_of(self.world, self.facts, number)

    def diff(self, old: int, new: int) -> Diff:
        """Return what changed between two releases, item by item, and why."""
        return release.diff_folders(self.release_folder(old), self.release_folder(new))

    def export(
        self, target: Path, number: int | None = None, form: str | None = None, question: str | None = None
    ) -> tuple[int, int]:
        """Write a release (default: the newest) in a form (csv, coco, ...); return its number and how many rows it has."""
        return release.export(self.world, self.facts, target, number, form, question)

    def seal(self) -> None:
        """Give every log entry its place and sign the new roots."""
        log.seal(self.world)

    def verify(self) -> tuple[Finding, ...]:
        """Check the whole project: rows against log, log against its checkpoints, releases against both.

        The log is sealed first, so that a row without its entry cannot pass for one that is yet to be sealed.
        """
        self.seal()
        return check.project(self.world, self.facts)

    def back_up(self, target: Path, report: Report = silent) -> backup.Kept:
        """Write database, media, models, releases and key into one file, while the project is served."""
        settings = self.facts.settings
        named = [setting.path for setting in settings.sources] + list(settings.gold)
        return backup.back_up(self.world, target, [(self.home.root / name).resolve() for name in named], report)

    @property
    def key_line(self) -> str:
        """The public key that verifies this project's releases."""
        return self.world.key.line

    def sign_in_code(self) -> str:
        """Return a code that signs the owner in to the page once."""
        return people.make_code(self.world, self.me)


def open_project(path: str | Path = ".", clock: Clock | None = None) -> Project:
    """Open the project in a folder (or the nearest above it that has a goldseam.yaml), applying the file if it is new.

    Raises
    ------
    BadSetting
        If there is no project file.
    BadProjectFile
        If the file has a mistake; the message names its line.
    """
    project = Project(find_home(Path(path)), clock)
    try:
        if project.plan_changes().is_new:
            project.apply()
    except GoldseamError:
        project.close()
        raise
    return project


def plain_diff(found: Diff) -> dict[str, object]:
    """Return a diff as plain values."""
    return asdict(found)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "owner"
