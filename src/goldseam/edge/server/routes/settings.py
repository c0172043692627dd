"""Settings: the project file as a text, what a change of it would do, and making it so.

In: texts. Out: texts, changes with what they come to. Never: a setting that reaches beyond the project.
"""

from __future__ import annotations

from fastapi import APIRouter

from goldseam.edge.runner import changing
from goldseam.edge.runner.changing import Load
from goldseam.edge.server.security import MayGovern, TheWorld
from goldseam.edge.server.wire_settings import (
    LoadShown,
    PlanAsked,
    PlanShown,
    SchemaChangeShown,
    SettingShown,
    SettingsMade,
    SettingsSent,
    SettingsShown,
)

router = APIRouter(tags=["settings"])


@router.get("/api/projects/{project}/settings")
def settings(world: TheWorld, permit: MayGovern) -> SettingsShown:
    """Show the settings as a text, and each with its default."""
    found = changing.seen(world, permit)
    return SettingsShown(
        version=found.version,
        text=found.text,
        read=found.read,
        in_file=found.in_file,
        settings=[SettingShown(key=one.key, value=one.value, default=one.default) for one in found.settings],
    )


@router.post("/api/projects/{project}/settings/plan")
def plan(world: TheWorld, permit: MayGovern, body: PlanAsked) -> PlanShown:
    """Show what a text would change; nothing is changed."""
    found = changing.plan(world, permit, body.text)
    changes = found.changes
    return PlanShown(
        nothing=changes.nothing,
        changes_of_schema=[SchemaChangeShown(kind=one.kind.value, text=one.text) for one in changes.schema],
        changes_of_guideline=list(changes.guideline),
        changes_of_settings=list(changes.settings),
        advice=list(changes.advice),
        before=_load(found.before),
        after=_load(found.after),
    )


@router.post("/api/projects/{project}/settings")
def apply(world: TheWorld, permit: MayGovern, body: SettingsSent) -> SettingsMade:
    """Make the project what a text says."""
    made = changing.apply(world, permit, body.id, body.read, body.text)
    return SettingsMade(
        schema_version=made.schema_version,
        guideline_version=made.guideline_version,
        settings_version=made.settings_version,
    )


def _load(load: Load) -> LoadShown:
    return LoadShown(answers=load.answers, money=load.money)
