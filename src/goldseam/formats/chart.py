"""Charts: shares as lines over numbers, as one SVG file that any browser shows, on light and on dark.

In: points of named series. Out: the text of an SVG. Never: a script, a font or a picture from elsewhere, an unescaped name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

COLORS: Final = ("#b8860b", "#2f6f9f", "#3a7d44", "#a23b3b", "#6b4e9b", "#5f6b73")
WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 190, 40, 48
TICKS: Final = 5
STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#333}.rule{stroke:#8884;stroke-width:1}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)


@dataclass(frozen=True, slots=True)
class Series:
    """A named line; without a value there is a gap. `steady` draws a thin dashed line: a bound."""

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    steady: bool = False


def lines(title: str, across: str, up: str, series: Sequence[Series]) -> str:
    """Return a chart of these lines as SVG.

    Examples
    --------
    >>> lines("Rounds", "answers", "share", [Series("accuracy", [100, 200], [0.8, 0.9])])[:4]
    '<svg'
    """
    xs = [float(x) for one in series for x in one.x]
    ys = [float(y) for one in series for y in one.y if y is not None]
    x_low, x_high = _range(xs)
    y_low, y_high = _range(ys)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (y - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM),
        )

    drawn = [_text(LEFT, 22, title, bold=True)]
    for n in range(TICKS + 1):
        x, y = x_low + (x_high - x_low) * n / TICKS, y_low + (y_high - y_low) * n / TICKS
        across_at, up_at = place(x, y_low)[0], place(x_low, y)[1]
        drawn.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up_at:.1f}" y2="{up_at:.1f}"/>')
        drawn.append(_text(LEFT - 8, up_at + 4, f"{y:.3g}", anchor="end"))
        drawn.append(_text(across_at, HEIGHT - BOTTOM + 18, f"{x:,.4g}", anchor="middle"))
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, anchor="middle"))
    drawn.append(_text(LEFT - 8, TOP - 6, up, anchor="end") if len(up) < 8 else _text(8, TOP - 2, up))
    for number, one in enumerate(series):
        drawn += _line(one, COLORS[number % len(COLORS)], place, TOP + 16 + 20 * number)
    said = f"{title}: " + "; ".join(f"{one.name} {_said(one)}" for one in series)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">'
        f"<style>{STYLE}</style>{''.join(drawn)}</svg>\n"
    )


def _line(one: Series, color: str, place: Callable[[float, float], tuple[float, float]], legend_at: float) -> list[str]:
    dash = ' stroke-dasharray="5 4" stroke-width="1.2"' if one.steady else ' stroke-width="2"'
    drawn, begun, path = [], False, ""
    for x, y in zip(one.x, one.y, strict=True):
        if y is None:
            begun = False
            continue
        at = place(float(x), float(y))
        path += f"{'L' if begun else 'M'}{at[0]:.1f} {at[1]:.1f}"
        begun = True
        if not one.steady:
            drawn.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3" fill="{color}"/>')
    if path:
        drawn.insert(0, f'<path d="{path}" fill="none" stroke="{color}"{dash}/>')
    edge = WIDTH - RIGHT + 14
    drawn.append(
        f'<line x1="{edge}" x2="{edge + 18}" y1="{legend_at - 4}" y2="{legend_at - 4}" stroke="{color}"{dash}/>'
    )
    drawn.append(_text(edge + 24, legend_at, one.name))
    return drawn


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    low = min(0.0, low)
    if high <= low:
        return low, low + 1.0
    return low, 1.0 if low == 0.0 and 0.5 < high <= 1.0 else high


def _said(one: Series) -> str:
    known = [f"{y:.3g}" for y in one.y if y is not None]
    return f"from {known[0]} to {known[-1]}" if known else "without a value"


def _text(x: float, y: float, said: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(said)}</text>'
