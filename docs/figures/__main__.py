"""Draw all pictures, or those named: `python -m docs.figures [NAME ...]`.

In: names of modules of this folder. Out: SVG files and their paths on the terminal. Never: a picture left half drawn.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("__init__", "__main__", "house"))


def main() -> int:
    """Draw; 2 for a name that is not there."""
    wanted = sys.argv[1:] or NAMES
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"There is no picture module {unknown[0]!r}; there are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    for name in wanted:
        for path in import_module(f"docs.figures.{name}").draw():
            print(path.relative_to(HERE.parents[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
