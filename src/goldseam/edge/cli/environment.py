"""Environment: settings in it that nothing reads, because their names were mistyped.

In: the environment's names. Out: a sentence for each. Never: a value, which may be a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

START: Final = "GOLDSEAM_"
READ: Final = (
    "CALLS_PER_SECOND", "DATABASE_URL", "METRICS_TOKEN", "OIDC", "OIDC_ADDRESS", "OIDC_CLIENT_ID", "OIDC_ISSUER", "OIDC_NAME",
    "OIDC_SCOPES", "OIDC_SECRET_FILE", "REACH",
)  # fmt: skip
"""Of settings, what follows `START`; keys of language models are named in project files."""
CLOSE: Final = 0.7


def unread(names: Iterable[str]) -> list[str]:
    """Return a warning for each name that is nearly one of the settings; what is not may belong to somebody else."""
    found = []
    for name in sorted(names):
        rest = name.removeprefix(START)
        if rest != name and rest not in READ and (close := difflib.get_close_matches(rest, READ, n=1, cutoff=CLOSE)):
            found.append(f"The setting {name} is read by nothing. Did you mean '{START}{close[0]}'?")
    return found
