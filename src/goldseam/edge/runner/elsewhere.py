"""Elsewhere: the suggesters that a project file names, ready to be asked.

In: a project, what the operator allows, keys from the environment. Out: suggesters. Never: a key kept anywhere, or an address
that the operator does not allow.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Protocol

from goldseam.edge import reach
from goldseam.edge.reach import Reach
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.edge.store import items
from goldseam.edge.store.tx import Positions
from goldseam.edge.suggesters.chat import LanguageModel
from goldseam.edge.suggesters.ml_backend import LabelStudioModel
from goldseam.edge.suggesters.retries import Patience
from goldseam.prelabel.policy import ModelSetting
from goldseam.prelabel.prompts import Brief
from goldseam.prelabel.suggester import Suggester
from goldseam.vocab.errors import BadSetting, NotFound, NotReady, nearest
from goldseam.vocab.items import Modality


class Remote(Suggester, Protocol):
    """A suggester that is asked over the network, and can show what it asks."""

    def messages(self, content: str) -> object:
        """Return what would be sent about one item."""
        ...


def suggester(
    project: ProjectFacts,
    setting: ModelSetting,
    *,
    allowed: Reach | None = None,
    environ: Mapping[str, str] | None = None,
    patience: Patience | None = None,
) -> Remote:
    """Return a model of the project file, ready to be asked.

    Raises
    ------
    BadSetting
        If the variable of its key is not set.
    AddressRefused
        If its address is of a form that is never asked.
    NotReady
        If it could not answer the project's questions.
    """
    key = _key(setting, os.environ if environ is None else environ)
    to = allowed or reach.from_setting()
    to.check(setting.url)
    brief = Brief(project.schema, project.guideline, tuple(project.labels))
    if setting.kind == "label_studio":
        return LabelStudioModel(setting, brief, project.modality, key, to, patience)
    return LanguageModel(setting, brief, key, to, patience)


def _key(setting: ModelSetting, environ: Mapping[str, str]) -> str:
    if not setting.key:
        return ""
    key = environ.get(setting.key, "").strip()
    if not key:
        raise BadSetting(
            f"The environment variable {setting.key} is not set; it holds the key of the model {setting.name!r}."
        )
    if not key.isascii() or not key.isprintable():
        raise BadSetting(f"The environment variable {setting.key} holds no key: it has characters that no key has.")
    return key


def setting_of(project: ProjectFacts, name: str | None) -> ModelSetting:
    """Return the setting of a model; without a name, of the first.

    Raises
    ------
    NotReady
        If the project file names no models.
    NotFound
        If it names none of this name.
    """
    models = project.settings.prelabel.models
    if not models:
        raise NotReady("The project file names no models: list one under prelabel.models, then run 'goldseam apply'.")
    if name is None:
        return models[0]
    names = [one.name for one in models]
    if name not in names:
        raise NotFound(f"The project file names no model {name!r}.{nearest(name, names)}")
    return models[names.index(name)]


def contents_of(world: World, project: ProjectFacts, position: Positions) -> Sequence[str]:
    """Return what a model elsewhere sees of these items: their text, or their image as a data: address."""
    if project.modality is not Modality.IMAGE:
        return world.store.read(lambda tx: items.contents(tx, project.id, position))
    found = world.store.read(lambda tx: items.some(tx, project.id, position))
    return [f"data:{one.media_type};base64,{base64.b64encode(world.blobs.get(one.content)).decode()}" for one in found]
