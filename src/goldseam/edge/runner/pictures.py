"""Pictures: an image as characters, for terminals.

In: the name of an image's bytes. Out: lines of half-block characters. Never: a file.
"""

from __future__ import annotations

import numpy as np

from goldseam.edge.runner.world import World
from goldseam.formats.images import pixels

SIDE = 32
SHADES = " .:-=+*#%@"


def drawn(world: World, content: str) -> str:
    """Return the image as 16 lines of 32 characters, darker where it is darker."""
    gray = pixels(world.blobs.get(content), SIDE).reshape(SIDE, SIDE)
    rows = gray.reshape(SIDE // 2, 2, SIDE).mean(axis=1)
    steps = np.clip(((1.0 - rows) * (len(SHADES) - 1)).round().astype(int), 0, len(SHADES) - 1)
    return "\n".join("".join(SHADES[step] for step in line) for line in steps.tolist())
