"""Wire types of models: decisions about them, and what comes back.

In: JSON. Out: records with these fields and no others. Never: a model's arrays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from goldseam.edge.server.wire import Sent, Shown, Uuid7


class ModelDecided(Sent):
    """Whether a model that may be better is to make the suggestions."""

    id: Uuid7
    decision: Literal["promote", "keep"]


class ModelShown(Shown):
    """One trained model with what it was judged by; `champion` makes the suggestions now.

    Of the gold items that one of two models alone got right, `n_only_champion` are the old one's; null if it was not counted.
    """

    id: str
    round: int
    kind: str
    release: int | None
    outcome: Literal["promoted", "kept", "asked"]
    champion: bool
    n_train: int
    n_gold: int
    n_only_champion: int | None
    n_only_challenger: int | None
    accuracy: float | None
    champion_accuracy: float | None
    p_value: float | None
    calibration: str
    reason: str
    at: datetime
