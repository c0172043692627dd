"""How right fused boxes, spans, masks and texts are, beside what is usually done: `python -m bench.shapes_accuracy`.

In: the real data sets where they are there (GOLDSEAM_DATA), crowds drawn from stated seeds. Out: tables on the terminal.
Never: an option chosen by looking at the gold.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from goldseam.stats import overlap, truth
from goldseam.stats.votes import Votes

Array = NDArray[Any]
Row = tuple[str, list[float]]


def data() -> Path | None:
    """Return the folder of real data sets, or None where it is not there."""
    named = os.environ.get("GOLDSEAM_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if (folder / "crowd").is_dir() else None


def main() -> int:
    """Print the tables."""
    folder = data()
    if folder is None:
        print("boxes, spans: the real data is not here; set GOLDSEAM_DATA to its folder", file=sys.stderr)
    else:
        _print("boxes_braylan: F1 at IoU 0.5 and 0.75", boxes_table(folder))
        _print("conll_ner_crowd: F1, precision, recall of spans", spans_table(folder))
    _print("masks drawn by six annotators of different care: mean IoU, s", masks_table())
    for redundancy in (2, 3, 5, 8):
        _print(f"texts, {redundancy} annotators each: share of words wrong, texts right, s", texts_table(redundancy))
    return 0


def _print(title: str, rows: list[Row]) -> None:
    print(f"\n{title}")
    for name, values in rows:
        print(f"  {name:<56}" + "  ".join(f"{value:8.3f}" for value in values))


# --- boxes ------------------------------------------------------------------------------------------------------------


def birds(folder: Path) -> tuple[Array, Array]:
    """Return boxes of a crowd (item, annotator, x, y, width, height), and of experts (item, x, y, width, height)."""
    sides = ("x1", "y1", "x2", "y2")
    tables = []
    for name, keys in (("annotations.csv", ("task", "worker", *sides)), ("gold.csv", ("task", *sides))):
        with (folder / "crowd" / "boxes_braylan" / name).open(newline="") as file:
            table = np.array([[float(row[key]) for key in keys] for row in csv.DictReader(file)])
        table[:, -2:] -= table[:, -4:-2]
        tables.append(table)
    return tables[0], tables[1]


def clusters_and_medians(drawn: Array, share: float) -> Array:
    """Return the median box of each greedy cluster (IoU 0.5 with the box most others share) with this share of votes."""
    found = []
    for item in np.unique(drawn[:, 0]):
        rows = drawn[drawn[:, 0] == item]
        ends = np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:]], axis=1)
        shared = overlap.iou(rows[:, 2:], rows[:, 2:])
        left = np.ones(len(rows), dtype=bool)
        while left.any():
            lead = int((((shared >= 0.5) & left).sum(axis=1) * left).argmax())
            near = np.flatnonzero((shared[lead] >= 0.5) & left)
            near = near[np.argsort(-shared[lead, near], kind="stable")]
            _, first = np.unique(rows[near, 1], return_index=True)
            members = near[first]
            left[members] = False
            if len(members) >= share * len(np.unique(rows[:, 1])):
                middle = np.median(ends[members], axis=0)
                found.append([item, *middle[:2], *(middle[2:] - middle[:2])])
    return np.array(found)


def detector(folder: Path) -> Array:
    """Return the boxes of the crowd detector of Branson, Van Horn and Perona (2017), as its authors published them."""
    path = folder / "crowd" / "boxes_braylan" / "gvanhorn_predictions.json"
    listed = json.loads(path.read_text())
    corners = [(int(item), *box[0], *box[1]) for item, boxes in listed.items() for box in boxes]
    table = np.array(corners, dtype=float)
    table[:, 3:] -= table[:, 1:3]
    return table


def boxes_table(folder: Path) -> list[Row]:
    """Return F1 at two limits for each way to fuse boxes, and a bootstrap over items of ours against the best before."""
    drawn, gold = birds(folder)
    begin = time.process_time()
    fused = truth.boxes(drawn[:, 0], drawn[:, 1], drawn[:, 2:])
    seconds = time.process_time() - begin
    ours = np.column_stack([fused.items[fused.item], fused.boxes])
    pairs = np.unique(drawn[:, :2], axis=0)
    asked = np.concatenate([np.flatnonzero(gold[:, 0] == item) for item in pairs[:, 0]])
    owner = np.repeat(np.arange(len(pairs)), [int((gold[:, 0] == item).sum()) for item in pairs[:, 0]])
    place = {tuple(pair): k for k, pair in enumerate(pairs.tolist())}
    by = np.array([place[tuple(pair)] for pair in drawn[:, :2].tolist()])
    single = [
        overlap.match(gold[asked, 1:], drawn[:, 2:], items=(owner, by), iou_at=at).value or 0.0 for at in (0.5, 0.75)
    ]
    usual = clusters_and_medians(drawn, 0.25)
    rows: list[Row] = [("one annotator", single)]
    for name, boxes in (
        ("clusters and medians, a quarter of the votes", usual),
        ("clusters and medians, half of the votes", clusters_and_medians(drawn, 0.5)),
        ("crowd detector (Branson 2017), as published", detector(folder)),
        (f"truth.boxes ({seconds:.2f} s)", ours),
    ):
        rows.append((name, [_f1(gold, boxes, at) for at in (0.5, 0.75)]))
    for at in (0.5, 0.75):
        points = _bootstrap(_counts(gold, ours, at), _counts(gold, usual, at))
        rows.append((f"ours less clusters' at {at}: 2.5 %, 50 %, 97.5 %", points))
    everything = truth.boxes(drawn[:, 0], drawn[:, 1], drawn[:, 2:], at_least=0)
    found = overlap.match(gold[:, 1:], everything.boxes, items=(gold[:, 0], everything.items[everything.item]))
    hit = np.zeros(everything.n_objects, dtype=bool)
    hit[found.pairs[:, 1]] = True
    rows.append(("expected calibration error of confidence (10 bins)", [_calibration(everything.confidence, hit)]))
    return rows


def _f1(gold: Array, boxes: Array, at: float) -> float:
    return overlap.match(gold[:, 1:], boxes[:, 1:], items=(gold[:, 0], boxes[:, 0]), iou_at=at).value or 0.0


def _counts(gold: Array, boxes: Array, at: float) -> Array:
    """Return matched, found and true boxes of each item, (n_items, 3)."""
    items = np.unique(gold[:, 0])
    found = overlap.match(gold[:, 1:], boxes[:, 1:], items=(gold[:, 0], boxes[:, 0]), iou_at=at)
    matched = gold[found.pairs[:, 0], 0]
    return np.stack(
        [[(column == item).sum() for item in items] for column in (matched, boxes[:, 0], gold[:, 0])], axis=1
    )


def _bootstrap(ours: Array, other: Array) -> list[float]:
    """Return the 2.5, 50 and 97.5 % points of the difference in F1 over draws of items."""
    draws = np.random.default_rng(0).integers(0, len(ours), (2000, len(ours)))
    f1 = [2 * t[draws, 0].sum(axis=1) / (t[draws, 1] + t[draws, 2]).sum(axis=1) for t in (ours, other)]
    return [float(point) for point in np.percentile(f1[0] - f1[1], [2.5, 50, 97.5])]


def _calibration(stated: Array, right: Array) -> float:
    bins = np.minimum((stated * 10).astype(int), 9)
    gaps = [abs(float((stated[bins == k] - right[bins == k]).sum())) for k in range(10)]
    return sum(gaps) / len(stated)


# --- spans ------------------------------------------------------------------------------------------------------------


class Names:
    """Tokens of the news with tags of a crowd and of experts, of the sentences that somebody of the crowd looked at."""

    def __init__(self, folder: Path) -> None:
        place = folder / "crowd" / "conll_ner_crowd"
        said = _rows(place / "tokens_annotations.csv.gz")
        sentences: dict[tuple[str, str], int] = {}
        self.sentence = np.array([sentences.setdefault((row[1], row[3]), len(sentences)) for row in said])
        self.token = np.array([int(row[4]) for row in said])
        self.annotator = np.unique([row[2] for row in said], return_inverse=True)[1]
        self.tag = [row[6] for row in said]
        known = [row for row in _rows(place / "tokens_gold.csv.gz") if (row[1], row[2]) in sentences]
        self.gold = _spans(
            [sentences[(row[1], row[2])] for row in known], [int(row[3]) for row in known], [row[5] for row in known]
        )

    def marked(self) -> tuple[list[int], list[int], list[tuple[int, int, str]]]:
        """Return item, annotator and span of all that the annotators marked."""
        owner = (self.sentence * 1000 + self.annotator).tolist()
        found = _spans(owner, self.token.tolist(), self.tag)
        return [pair // 1000 for pair, _ in found], [pair % 1000 for pair, _ in found], [span for _, span in found]


def _rows(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[1:]


def _spans(owner: Iterable[int], token: Iterable[int], tag: Iterable[str]) -> list[tuple[int, tuple[int, int, str]]]:
    """Return the spans of tags that come in order; an I without a B begins a span too."""
    found: list[tuple[int, tuple[int, int, str]]] = []
    last = (-1, -1, "O")
    for who, where, what in zip(owner, token, tag, strict=True):
        if what.startswith("I-") and last[:2] == (who, where - 1) and last[2][2:] == what[2:]:
            found[-1] = (who, (found[-1][1][0], where + 1, what[2:]))
        elif what != "O":
            found.append((who, (where, where + 1, what[2:])))
        last = (who, where, what)
    return found


def spans_table(folder: Path) -> list[Row]:
    """Return F1, precision and recall of spans for methods token by token, and for ours."""
    names = Names(folder)
    item, annotator, spans = names.marked()
    looked = np.unique(np.stack([names.sentence, names.annotator], axis=1), axis=0)
    gold_of, place = (
        dict.fromkeys(looked[:, 0].tolist(), 0),
        {pair: k for k, pair in enumerate(map(tuple, looked.tolist()))},
    )
    for sentence, _ in names.gold:
        gold_of[sentence] += 1
    by_sentence: dict[int, list[tuple[int, int, str]]] = {sentence: [] for sentence in gold_of}
    for sentence, span in names.gold:
        by_sentence[sentence].append(span)
    asked = [(place[(s, a)], span) for s, a in looked.tolist() for span in by_sentence[s]]
    single = overlap.span_f1(
        [span for _, span in asked], spans,
        items=([k for k, _ in asked], [place[pair] for pair in zip(item, annotator, strict=True)]),
    )  # fmt: skip
    rows = [("one annotator", _values(single))]
    tokens = Votes.from_arrays((names.sentence * 1000 + names.token), names.annotator, names.tag)
    for name, method in (("majority", truth.majority), ("dawid_skene", truth.dawid_skene), ("infer", truth.infer)):
        begin = time.process_time()
        found = method(tokens)
        seconds = time.process_time() - begin
        tagged = _spans(
            (found.items // 1000).tolist(), (found.items % 1000).tolist(), [str(tag) for tag in found.names()]
        )
        rows.append((f"token by token: {name} ({seconds:.2f} s)", _values(_against(names.gold, tagged))))
    begin = time.process_time()
    columns = [[span[k] for span in spans] for k in range(3)]
    fused = truth.spans(item, annotator, columns[0], columns[1], columns[2], looked=(looked[:, 0], looked[:, 1]))
    seconds = time.process_time() - begin
    result = [
        (int(fused.items[k]), (start, end, str(fused.labels[label])))
        for k, start, end, label in zip(
            fused.item.tolist(), fused.start.tolist(), fused.end.tolist(), fused.label.tolist(), strict=True
        )
    ]
    rows.append((f"truth.spans ({seconds:.2f} s)", _values(_against(names.gold, result))))
    ways = ("boundary", "label", "overlap")
    rows += [(f"  matched by {how}", _values(_against(names.gold, result, how))) for how in ways]
    rows.append(("  share of annotators with recall / precision above 0.7", [
        float((fused.recall > 0.7).mean()), float((fused.precision > 0.7).mean())
    ]))  # fmt: skip
    return rows


def _against(gold: list[Any], found: list[Any], how: Any = "exact") -> overlap.Match:  # noqa: ANN401 - a literal
    items = ([item for item, _ in gold], [item for item, _ in found])
    return overlap.span_f1([span for _, span in gold], [span for _, span in found], items=items, how=how)


def _values(found: overlap.Match) -> list[float]:
    return [value or 0.0 for value in (found.value, found.precision, found.recall)]


# --- masks and texts --------------------------------------------------------------------------------------------------


def masks_drawn(n_items: int = 60, side: int = 96) -> tuple[Array, Array, Array, Array]:
    """Return item, annotator and mask of six annotators, two of them careful, and the true masks: ellipses."""
    rng = np.random.default_rng(0)
    down, along = np.mgrid[:side, :side]
    true, drawn = [], []
    for _ in range(n_items):
        middle, half = rng.uniform(side / 3, 2 * side / 3, 2), rng.uniform(8, 24, 2)
        true.append(((along - middle[0]) / half[0]) ** 2 + ((down - middle[1]) / half[1]) ** 2 < 1)
        for care in (0, 0, 1, 2, 4, 8):
            off, grown = rng.normal(0, care * 0.6, 2), np.maximum(half + rng.normal(0, care * 0.4), 3)
            mask = ((along - middle[0] - off[0]) / grown[0]) ** 2 + ((down - middle[1] - off[1]) / grown[1]) ** 2 < 1
            drawn.append(mask ^ (rng.random(mask.shape) < 0.002 * care))
    return np.repeat(np.arange(n_items), 6), np.tile(np.arange(6), n_items), np.array(drawn), np.array(true)


def masks_table() -> list[Row]:
    """Return the mean IoU with the truth, and seconds."""
    item, annotator, drawn, true = masks_drawn()
    begin = time.process_time()
    found = truth.masks(item, annotator, drawn)
    rows = [("truth.masks", [_mean_iou(found.masks.to_masks(*true.shape[1:]), true), time.process_time() - begin])]
    try:
        import pandas as pd
        from crowdkit.aggregation import SegmentationEM, SegmentationMajorityVote, SegmentationRASA
    except ImportError:
        return rows
    frame = pd.DataFrame({"task": item, "worker": annotator, "segmentation": list(drawn)})
    for peer in (SegmentationMajorityVote(), SegmentationEM(), SegmentationRASA()):
        begin = time.process_time()
        masks = peer.fit_predict(frame)
        seconds = time.process_time() - begin
        value = _mean_iou(np.array([masks[k] for k in range(len(true))]), true)
        rows.append((f"crowd-kit {type(peer).__name__}", [value, seconds]))
    return rows


def _mean_iou(a: Array, b: Array) -> float:
    return float(np.mean((a & b).sum(axis=(1, 2)) / (a | b).sum(axis=(1, 2))))


def texts_given(redundancy: int, n_items: int = 300) -> tuple[list[int], list[int], list[str], list[str]]:
    """Return item, annotator and text of twelve annotators who get 2 to 60 % of words wrong, and the true texts."""
    rng = np.random.default_rng(1)
    vocabulary = ["".join(rng.choice(list("abcdefghijklmnopqrst"), rng.integers(2, 8))) for _ in range(500)]
    error = np.linspace(0.02, 0.6, 12)
    item, annotator, given, true = [], [], [], []
    for k in range(n_items):
        right = [vocabulary[word] for word in rng.integers(0, 500, rng.integers(5, 15))]
        true.append(" ".join(right))
        for who in rng.choice(12, redundancy, replace=False).tolist():
            said: list[str] = []
            for word in right:
                chance = rng.random() / error[who]
                said += [] if chance < 0.25 else [vocabulary[rng.integers(500)]] if chance < 0.75 else [word]
                said += [vocabulary[rng.integers(500)]] if 0.75 <= chance < 1 else []
            item.append(k)
            annotator.append(who)
            given.append(" ".join(said))
    return item, annotator, given, true


def texts_table(redundancy: int) -> list[Row]:
    """Return the share of words wrong, the share of texts wholly right, and seconds."""
    item, annotator, given, true = texts_given(redundancy)
    rows = [("one annotator", _words(given, [true[k] for k in item]))]
    ways: tuple[tuple[str, Literal["choose", "merge"]], ...] = (
        ("truth.texts, chosen", "choose"),
        ("truth.texts, merged", "merge"),
    )
    for name, how in ways:
        begin = time.process_time()
        found = truth.texts(item, annotator, given, how=how)
        rows.append((name, [*_words(found.text, true), time.process_time() - begin]))
    try:
        import pandas as pd
        from crowdkit.aggregation import ROVER
    except ImportError:
        return rows
    frame = pd.DataFrame({"task": item, "worker": annotator, "text": given})
    begin = time.process_time()
    texts = ROVER(lambda text: text.split(" "), " ".join).fit_predict(frame)
    rows.append(("crowd-kit ROVER", [*_words([texts[k] for k in range(len(true))], true), time.process_time() - begin]))
    return rows


def _words(found: Iterable[str], true: list[str]) -> list[float]:
    """Return the mean edit distance in words over the longer text, and the share of texts without a fault."""
    off = []
    for one, right in zip(found, true, strict=True):
        a, b = one.split(), right.split()
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            fresh = [i]
            for j, y in enumerate(b, 1):
                fresh.append(min(row[j] + 1, row[j - 1] + (x != y), fresh[-1] + 1))
            row = fresh
        off.append(row[-1] / max(len(a), len(b), 1))
    return [float(np.mean(off)), float(np.mean(np.array(off) == 0))]


if __name__ == "__main__":
    sys.exit(main())
