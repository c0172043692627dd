"""Digits: scikit-learn's bundled handwritten digits as a project folder, and the synthetic crowd of the demonstration.

In: nothing from outside. Out: PNG files, a gold file, a project file, the truth by file name. Never: gold among what is drawn.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from goldseam.edge.home import Home
from goldseam.formats.images import png
from goldseam.formats.tables import to_csv
from goldseam.formats.yaml_edit import written
from goldseam.stats.crowd import Crowd, confused

N_GOLD = 300
LABELS = tuple("0123456789")
ACCURACY = {"ada": 0.95, "ben": 0.93, "cleo": 0.90, "dan": 0.90, "eva": 0.85, "finn": 0.85, "gil": 0.80, "hana": 0.70}
PAIRS = {"1": "7", "7": "1", "3": "8", "8": "3", "4": "9", "9": "4", "5": "6", "6": "5"}

CROWD: Crowd = confused(LABELS, ACCURACY, PAIRS)
"""Eight annotators who are right as often as stated; half of their errors fall on a digit that looks alike."""

GUIDELINE = """\
# Which digit is it?

Each image is one handwritten digit, 8 by 8 pixels, shown large.

- A **1** may have a foot or a flag; a **7** has a long bar on top.
- A **4** is open or closed at the top; a **9** has a round head.
- If two digits are equally likely, choose the one you would have written so.
"""


def lay_out(home: Home, strategy: str, batch: int, seed: int) -> dict[str, str]:
    """Write images, gold and project file, and return every image's true label by file name."""
    digits = load_digits()
    images = home.root / "images"
    images.mkdir(parents=True, exist_ok=True)
    truth = {}
    for number, (pixels, target) in enumerate(zip(digits.images, digits.target, strict=True)):
        name = f"{number:04d}.png"
        gray = np.round(pixels * (255 / 16)).astype(np.uint8)
        (images / name).write_bytes(png(255 - gray))
        truth[name] = str(target)
    chosen = np.random.default_rng(seed).choice(len(truth), N_GOLD, replace=False)
    names = sorted(f"{number:04d}.png" for number in chosen)
    (home.root / "gold.csv").write_bytes(to_csv({"key": names, "label": [truth[name] for name in names]}))
    question = {
        "name": "digit",
        "prompt": "Which digit is it?",
        "labels": [{"name": label, "definition": _definition(label), "hotkey": label} for label in LABELS],
    }
    settings = {
        "name": "digits" if strategy == "auto" else f"digits, drawn at {strategy}",
        "schema": {"questions": [question]},
        "guideline": {"text": GUIDELINE},
        "sources": [{"path": "images"}],
        "gold": ["gold.csv"],
        "source": {"kind": "image"},
        "sample": {"strategy": strategy, "batch": batch, "random_share": 0.0 if strategy == "random" else 0.05},
        "route": {"redundancy": 3},
        "annotate": {"gold_rate": 0.1, "prefetch": 5, "lease_minutes": 10},
        "adjudicate": {"method": "dawid_skene", "escalate_below": 0.6},
        "audit": {"alpha_stop": 0.3},
        "prelabel": {"min_labels": 30},
    }
    home.project_file.write_text(written(settings), encoding="utf-8")
    return truth


def _definition(label: str) -> str:
    other = PAIRS.get(label)
    return f"The digit {label}." if other is None else f"The digit {label}; look twice whether it is a {other}."
