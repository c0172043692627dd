"""Policy of the prelabel stage.

In: the project file's `prelabel`. Out: `Policy`. Never: a model, a key or a password; only the names of variables that hold one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from goldseam.vocab.errors import BadPolicy

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
KEY = re.compile(r"OPENAI_API_KEY|GOLDSEAM_KEY_[A-Z0-9_]{1,60}")
"""No other variable is ever sent: who writes a project file is not to choose among all secrets of the machine."""
MILLION = 1_000_000
Feature = Literal["text", "fields", "embeddings"]


@dataclass(frozen=True, slots=True)
class ModelSetting:
    """A model that is asked over the network: one behind an OpenAI-compatible endpoint, or a Label Studio ML backend.

    `model` is the endpoint's own name for it, `key` the environment variable that holds its key (for a backend with a `user`,
    the password). It gives suggestions, or votes as an annotator like any other. Confidence comes from `samples` answers to the
    same prompt, or from the probabilities of the answer's tokens. `examples` of the guideline's worked examples, the nearest to
    the item, stand in the prompt. Prices are per million tokens.
    """

    name: str
    url: str
    kind: Literal["chat", "label_studio"] = "chat"
    model: str = ""
    key: str = ""
    user: str = ""
    gives: Literal["suggestions", "votes"] = "suggestions"
    confidence: Literal["samples", "logprobs"] = "samples"
    samples: int = 1
    temperature: float | None = None
    structured: Literal["auto", "schema", "text"] = "auto"
    examples: int = 4
    max_tokens: int = 1000
    seconds: float = 60.0
    at_once: int = 4
    price_in: float = 0.0
    price_out: float = 0.0

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise BadPolicy(
                f"name is 1 to 40 small letters, digits, dots, dashes or underlines, like gpt-5-mini; got {self.name!r}."
            )
        if self.key and not KEY.fullmatch(self.key):
            # What stands there may be the key itself, so it is not shown.
            raise BadPolicy(
                "key is the name of an environment variable, never a key itself: OPENAI_API_KEY, or one that begins with "
                "GOLDSEAM_KEY_."
            )
        if self.kind == "chat" and not self.model:
            raise BadPolicy(f"model is missing: how the endpoint of {self.name!r} calls the model that is to answer.")
        if self.confidence == "logprobs" and self.samples != 1:
            raise BadPolicy("samples is 1 where confidence is 'logprobs': it then comes from one answer's tokens.")
        for one, (least, most) in RANGES.items():
            if not least <= getattr(self, one) <= most:
                raise BadPolicy(f"{one} lies between {least} and {most}; got {getattr(self, one)}.")
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise BadPolicy(f"temperature lies between 0 and 2; got {self.temperature}.")

    def money(self, tokens_in: int, tokens_out: int) -> float:
        """Return what so many tokens cost."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / MILLION


RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "samples": (1, 50),
        "examples": (0, 50),
        "max_tokens": (16, 100_000),
        "seconds": (1, 600),
        "at_once": (1, 64),
        "price_in": (0, 1e6),
        "price_out": (0, 1e6),
    }
)


@dataclass(frozen=True, slots=True)
class Limit:
    """What all models together may spend on a project: tokens, money, and how many items each is asked about a round."""

    tokens: int | None = None
    money: float | None = None
    items: int | None = None

    def __post_init__(self) -> None:
        for name in ("tokens", "money", "items"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise BadPolicy(f"{name} is above 0, or left out for no limit; got {value}.")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who proposes labels, from how many settled labels on, and whether annotators see what was proposed.

    `calibration_share` of the labels is held out at random to calibrate the confidence on, from 1,000 labels on; before
    that each is held out once, in folds. `blind_share` of the items is shown without its suggestion, which measures how
    much suggestions sway people. With suggester `models` those of `models` that give suggestions make them.

    `features` says what the project's own model looks at; left out it is the text, of tables the fields. `fields` names those
    that count; left out all do. `embeddings` is a folder in that of the project, with a static model that embeds texts.
    """

    suggester: Literal["linear", "models", "none"] = "linear"
    min_labels: int = 20
    calibration_share: float = 0.2
    show: Literal["shown", "hidden"] = "shown"
    blind_share: float = 0.1
    models: tuple[ModelSetting, ...] = ()
    limit: Limit = field(default_factory=Limit)
    features: tuple[Feature, ...] = ()
    fields: tuple[str, ...] = ()
    embeddings: str = ""

    def __post_init__(self) -> None:
        self._check_features()
        if self.min_labels < 2:
            raise BadPolicy(f"prelabel.min_labels is at least 2; got {self.min_labels}.")
        if not 0 < self.calibration_share < 1:
            raise BadPolicy(
                f"prelabel.calibration_share lies between 0 and 1, both excluded; got {self.calibration_share}."
            )
        if not 0 <= self.blind_share <= 1:
            raise BadPolicy(f"prelabel.blind_share lies between 0 and 1; got {self.blind_share}.")
        names = [one.name for one in self.models]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise BadPolicy(f"prelabel.models names {twice!r} twice; each model has a name of its own.")
        if self.suggester == "models" and not self.suggesting:
            raise BadPolicy("prelabel.suggester is 'models', and none of prelabel.models gives suggestions.")
        if self.suggester != "models" and self.suggesting:
            raise BadPolicy(
                f"prelabel.models has {self.suggesting[0].name!r}, which gives suggestions: set prelabel.suggester to "
                "models, or let it give votes."
            )

    def _check_features(self) -> None:
        if len(set(self.features)) != len(self.features):
            raise BadPolicy(f"prelabel.features names each feature once; got {', '.join(self.features)}.")
        if self.fields and self.features and "fields" not in self.features:
            raise BadPolicy("prelabel.fields names fields that count, and prelabel.features has no 'fields'.")
        if ("embeddings" in self.features) != bool(self.embeddings):
            raise BadPolicy(
                "prelabel.embeddings names the folder of a model, and prelabel.features says that 'embeddings' count: give "
                "both, or neither."
            )
        if self.embeddings and {"", "..", "~"} & set(self.embeddings.split("/")):
            raise BadPolicy(
                f"prelabel.embeddings is a folder within that of the project, like models/words; got {self.embeddings!r}."
            )

    @property
    def suggesting(self) -> tuple[ModelSetting, ...]:
        """The models that give suggestions."""
        return tuple(one for one in self.models if one.gives == "suggestions")

    @property
    def voting(self) -> tuple[ModelSetting, ...]:
        """The models that vote as annotators."""
        return tuple(one for one in self.models if one.gives == "votes")
