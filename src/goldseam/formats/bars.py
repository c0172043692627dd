"""Bars: two shares a row side by side, as one SVG file that any browser shows, on light and on dark.

In: named rows of two shares. Out: the text of an SVG. Never: a script, a font or a picture from elsewhere, an unescaped name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from goldseam.formats.chart import COLORS, STYLE

WIDTH, LEFT, RIGHT, ROW, TOP = 720, 330, 60, 30, 66


@dataclass(frozen=True, slots=True)
class Pair:
    """A named row: the share that it has of the whole, and of the part."""

    name: str
    whole: float
    part: float


def pairs(title: str, whole: str, part: str, rows: Sequence[Pair]) -> str:
    """Return two bars a row as SVG: the gray one is the whole's share, the gold one the part's.

    Examples
    --------
    >>> pairs("Segments", "all", "drawn", [Pair("short", 0.5, 0.4)])[:4]
    '<svg'
    """
    most = max([max(one.whole, one.part) for one in rows], default=1.0) or 1.0
    height = TOP + ROW * len(rows) + 14
    drawn = [_text(12, 24, title, weight=600)]
    for at, (name, color) in enumerate(((whole, COLORS[5]), (part, COLORS[0]))):
        drawn.append(f'<rect x="{12 + 160 * at}" y="38" width="12" height="12" fill="{color}"/>')
        drawn.append(_text(30 + 160 * at, 49, name))
    for number, one in enumerate(rows):
        y = TOP + ROW * number
        drawn.append(_text(LEFT - 10, y + 16, one.name, anchor="end"))
        for at, (share, color) in enumerate(((one.whole, COLORS[5]), (one.part, COLORS[0]))):
            wide = (WIDTH - LEFT - RIGHT) * share / most
            drawn.append(f'<rect x="{LEFT}" y="{y + 11 * at}" width="{wide:.1f}" height="10" fill="{color}"/>')
            drawn.append(_text(LEFT + wide + 5, y + 9 + 11 * at, f"{share:.1%}", size=10))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><style>{STYLE}</style>{"".join(drawn)}</svg>\n'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: int = 400, size: int = 13) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} style="font-size:{size}px;font-weight:{weight}">{escape(text)}</text>'
