"""Adaptive redundancy: votes against accuracy on real crowds, from the table that was measured.

In: docs/reference/adaptive.md. Out: adaptive.svg. Never: a figure that does not stand in the table.
"""

from __future__ import annotations

from pathlib import Path

from docs.figures.house import COLORS, figure, save

TABLE = Path(__file__).parents[1] / "reference" / "adaptive.md"


def rows() -> tuple[list[str], list[tuple[str, list[float]]]]:
    """Return the costs, and each crowd's figures: accuracy of five by majority and by infer, then votes and accuracy."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    costs = [cell.split()[1].rstrip(":") for cell in lines[0].split("|") if cell.strip().startswith("cost")]
    found = []
    for line in lines[2:]:
        name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        found.append((name.strip("*"), [_number(cell) for cell in cells]))
    return costs, found


def _number(cell: str) -> float:
    return float(cell.rstrip("%")) / (100 if cell.endswith("%") else 1)


def draw() -> list[Path]:
    """Draw the means of all crowds, and what each crowd gains or loses at the first cost."""
    costs, table = rows()
    drawn, (left, right) = figure(columns=2, width=9.0, height=3.8)
    (_, mean), crowds = table[-1], table[:-1]
    votes, accuracy = mean[2::2], mean[3::2]
    left.plot(votes, accuracy, "o-", color=COLORS[0], label="adaptive")
    for cost, x, y in zip(costs, votes, accuracy, strict=True):
        left.annotate(f"cost {cost}", (x, y), textcoords="offset points", xytext=(6, -12), fontsize=8)
    left.plot([1.0], [mean[1]], "s", color=COLORS[1], label="five votes, infer")
    left.plot([1.0], [mean[0]], "D", color=COLORS[5], label="five votes, majority")
    left.set_xlabel("votes, as a share of five")
    left.set_ylabel("accuracy, mean of the crowds")
    left.set_xlim(0.5, 1.05)
    left.legend(loc="best")
    place = range(len(crowds))
    right.axvline(0, color="#5f6b73", linewidth=0.8)
    right.plot([row[3] - row[0] for _, row in crowds], place, "D", color=COLORS[5], label="against majority")
    right.plot([row[3] - row[1] for _, row in crowds], place, "s", color=COLORS[1], label="against infer")
    right.set_yticks(place, [f"{name} ({row[2]:.0%})" for name, row in crowds])
    right.set_xlabel(f"accuracy gained at cost {costs[0]} (share of the votes)")
    right.legend(loc="best", fontsize=8)
    left.set_title("Fewer votes, spent where they matter")
    return [save(drawn, "adaptive")]


if __name__ == "__main__":
    draw()
