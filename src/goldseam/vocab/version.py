"""Version: which Goldseam this is; releases and logs name it.

In: nothing. Out: `VERSION`. Never: anything else.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
