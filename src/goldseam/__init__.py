"""Goldseam turns raw data into labels that a team can defend, and keeps doing so.

In: nothing. Out: the public names, each imported when it is first used, so that `import goldseam` stays quick.
Never: work at import time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from goldseam.vocab.version import VERSION as __version__  # noqa: N811 - the name that packages use

if TYPE_CHECKING:
    from goldseam.edge.project import Project as Project
    from goldseam.edge.project import open_project as open  # noqa: A004, F401 - `goldseam.open(path)` is how it is called
    from goldseam.prelabel.functions import labeling_function as labeling_function
    from goldseam.stats import agreement as agreement
    from goldseam.stats import designs as designs
    from goldseam.stats import distance as distance
    from goldseam.stats import noise as noise
    from goldseam.stats import overlap as overlap
    from goldseam.stats import query as query
    from goldseam.stats import risk as risk
    from goldseam.stats import truth as truth
    from goldseam.stats import weak as weak
    from goldseam.stats.votes import Votes as Votes

_NAMES = {
    "Votes": ("goldseam.stats.votes", "Votes"),
    "agreement": ("goldseam.stats.agreement", None),
    "truth": ("goldseam.stats.truth", None),
    "query": ("goldseam.stats.query", None),
    "designs": ("goldseam.stats.designs", None),
    "distance": ("goldseam.stats.distance", None),
    "risk": ("goldseam.stats.risk", None),
    "noise": ("goldseam.stats.noise", None),
    "overlap": ("goldseam.stats.overlap", None),
    "weak": ("goldseam.stats.weak", None),
    "labeling_function": ("goldseam.prelabel.functions", "labeling_function"),
    "open": ("goldseam.edge.project", "open_project"),
    "Project": ("goldseam.edge.project", "Project"),
}

__all__ = ["__version__", *_NAMES]  # noqa: PLE0604 - the table above is the one list of names


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _NAMES:
        raise AttributeError(f"module 'goldseam' has no attribute {name!r}")
    module, attribute = _NAMES[name]
    found = import_module(module)
    value = found if attribute is None else getattr(found, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
