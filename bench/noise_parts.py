"""Errors in spans, boxes and sets of labels, beside cleanlab: the other tables of `bench.noise_accuracy`.

In: real crowds of spans and boxes with gold; planted errors for several labels an item. Out: tables on the terminal.
Never: an annotator judged by a consensus that they are part of.
"""

from __future__ import annotations

import csv
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.stats import noise, truth
from goldseam.stats.votes import Votes

SEED = 20261121
TAGS = ["O", *(f"{side}-{label}" for label in ("PER", "LOC", "ORG", "MISC") for side in "BI")]
Span = tuple[int, int, str]


def spans(data: Path) -> None:
    """Sentences with a wrong span: one annotator's spans against the others' posterior (conll_ner_crowd)."""
    from cleanlab.token_classification.filter import find_label_issues
    from cleanlab.token_classification.rank import get_label_quality_scores
    from sklearn.metrics import average_precision_score

    given_tags, gold_tags, proba = _sentences(data / "crowd" / "conll_ner_crowd")
    given, gold = [spans_of(tags) for tags in given_tags], [spans_of(tags) for tags in gold_tags]
    wrong = np.array([set(one) != set(two) for one, two in zip(given, gold, strict=True)])
    begin = time.perf_counter()
    found = noise.span_issues(given, token_proba=proba, tags=TAGS)
    ours = time.perf_counter() - begin
    codes = [[TAGS.index(tag) for tag in tags] for tags in given_tags]
    begin = time.perf_counter()
    quality, _ = get_label_quality_scores(codes, proba)
    peer = time.perf_counter() - begin
    print(f"{len(given)} sentences, {wrong.mean():.3f} wrong; seconds: ours {ours:.3f}, cleanlab {peer:.3f}")
    print(f"average precision by sentence: ours {average_precision_score(wrong, found.by_item):.4f}, ", end="")
    print(f"cleanlab {average_precision_score(wrong, -quality):.4f}")
    rows = found.rows()
    places = found.item.tolist()
    right = np.array([_is_wrong(row, given[at], gold[at]) for row, at in zip(rows, places, strict=True)])
    normal = [one / one.sum(axis=1, keepdims=True) for one in proba]
    tokens = np.array([given_tags[item][at] != gold_tags[item][at] for item, at in find_label_issues(codes, normal)])
    for n in (500, 1_000, 2_000, 4_000):
        print(f"first {n}: ours {right[:n].mean():.3f} of the spans, cleanlab {tokens[:n].mean():.3f} of the tokens")
    for kind in noise.spans.KINDS:
        of = np.array([row["kind"] == kind for row in rows])
        print(f"{kind}: {of.sum()}, right {right[of].mean():.3f}")


def _is_wrong(row: dict[str, Any], given: list[Span], gold: list[Span]) -> bool:
    """Say whether the label of some token that the issue is about is not what it should be."""
    ends = [span[:2] for span in (row["given"], row["suggested"]) if span is not None]
    low, high = min(start for start, _ in ends), max(end for _, end in ends)
    return bool(_painted(given, low, high) != _painted(gold, low, high))


def _painted(spans_given: list[Span], low: int, high: int) -> list[tuple[str, int] | None]:
    held: list[tuple[str, int] | None] = [None] * (high - low)
    for start, end, label in spans_given:
        for at in range(max(start, low), min(end, high)):
            held[at - low] = (label, start)
    return held


def boxes(data: Path) -> None:
    """Images with a wrong box: one annotator's boxes against a detector's, and against the others' (boxes_braylan)."""
    from cleanlab.object_detection.rank import get_label_quality_scores
    from sklearn.metrics import average_precision_score

    sheets, gold, detected = _boxes(data / "crowd" / "boxes_braylan")
    for at in (0.5, 0.7):
        wrong = np.array([not _all_matched(boxes, gold[task], at) for task, _, boxes in sheets])
        for name, made in (("detector", detected), ("the others' boxes", None)):
            proposed = [
                _others(sheets, place) if made is None else made[sheet[0]] for place, sheet in enumerate(sheets)
            ]
            begin = time.perf_counter()
            score = _by_sheet(sheets, proposed)
            ours = time.perf_counter() - begin
            labels = [{"bboxes": _corners(boxes), "labels": np.zeros(len(boxes), dtype=int)} for _, _, boxes in sheets]
            none = np.zeros((0, 5), dtype=np.float32)
            made_of = [np.column_stack([_corners(one[:, :4]), one[:, 4]]).astype(np.float32) for one in proposed]
            predictions = [_pair(one, none) for one in made_of]
            begin = time.perf_counter()
            quality = get_label_quality_scores(labels, predictions, verbose=False)
            peer = time.perf_counter() - begin
            print(
                f"{len(sheets)} sheets, IoU {at}, {wrong.mean():.3f} wrong, against {name}: average precision ours "
                f"{average_precision_score(wrong, score):.3f}, cleanlab {average_precision_score(wrong, -quality):.3f}; "
                f"seconds {ours:.3f}, {peer:.2f}"
            )


def several(data: Path) -> None:
    """Several labels an item with errors planted: labels by similarity to prototypes, a model fitted to the wrong ones."""
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
    from cleanlab.multilabel_classification.rank import get_label_quality_scores, get_label_quality_scores_per_class
    from sklearn.metrics import average_precision_score

    from bench.noise_sets import out_of_fold

    features = np.load(data / "text" / "trec6" / "minilm_f16.npy").astype(np.float32)[:4_000]
    n, k = len(features), 5
    print(
        "seed | wrong | cells, ours | cells, cleanlab | items, ours | items, cleanlab | list, ours | n | list, cleanlab | n"
    )
    for seed in range(SEED, SEED + 3):
        rng = np.random.default_rng(seed)
        near = (features @ features[rng.choice(n, 3 * k)].T).reshape(n, k, 3).max(axis=2)
        true = near > np.quantile(near, 0.7, axis=0) + rng.uniform(0, 0.1, k)
        wrong = rng.random((n, k)) < np.where(true, rng.uniform(0.05, 0.3, k), rng.uniform(0.0, 0.06, k))
        given = true ^ wrong
        proba = np.stack([out_of_fold(features, given[:, label], strength=5.0)[:, 1] for label in range(k)], axis=1)
        every = noise.multilabel_issues(given, proba, choose="all")
        cells = np.zeros((n, k))
        cells[every.item, every.label] = np.arange(n * k)[::-1]
        likely = noise.multilabel_issues(given, proba)
        listed = [np.flatnonzero(row).tolist() for row in given]
        peer = get_label_quality_scores_per_class(listed, proba)
        mask = np.asarray(find_multilabel_issues_per_class(listed, proba, n_jobs=1))
        of_item = get_label_quality_scores(listed, proba)
        print(
            f"{seed} | {wrong.mean():.3f} | {average_precision_score(wrong.ravel(), cells.ravel()):.3f} | "
            f"{average_precision_score(wrong.ravel(), -peer.ravel()):.3f} | "
            f"{average_precision_score(wrong.any(axis=1), every.by_item()):.3f} | "
            f"{average_precision_score(wrong.any(axis=1), -of_item):.3f} | "
            f"{wrong[likely.item, likely.label].mean():.3f} | {likely.n_issues} | {wrong[mask].mean():.3f} | {int(mask.sum())}"
        )


def spans_of(tags: list[str]) -> list[Span]:
    """Return the spans (start, end, label) that tags make."""
    found: list[Span] = []
    start, label = 0, ""
    for at, tag in enumerate([*tags, "O"]):
        if label and (tag == "O" or tag[0] == "B" or tag[2:] != label):
            found.append((start, at, label))
            label = ""
        if tag != "O" and not label:
            start, label = at, tag[2:]
    return found


def _sentences(folder: Path) -> tuple[list[list[str]], list[list[str]], list[NDArray[np.float64]]]:
    """Return for each sentence one annotator's tags, the gold ones, and the posterior of the other annotators' votes."""
    token: dict[tuple[str, ...], int] = {}
    sentences: dict[tuple[str, ...], list[int]] = {}
    gold = []
    for row in _rows(folder / "tokens_gold.csv.gz"):
        whole: tuple[str, ...] = (row["split"], row["doc"], row["sent"], row["tok"])
        token[whole] = len(token)
        sentences.setdefault(whole[:3], []).append(token[whole])
        gold.append(row["tag"])
    votes: dict[tuple[str, ...], dict[str, list[tuple[int, str]]]] = {}
    for row in _rows(folder / "tokens_annotations.csv.gz"):
        key: tuple[str, ...] = (row["split"], row["doc"], row["sent"])
        votes.setdefault(key, {}).setdefault(row["worker"], []).append((token[*key, row["tok"]], row["tag"]))
    rng = np.random.default_rng(SEED)
    given = ["O"] * len(token)
    item, annotator, tag = [], [], []
    for sentence in sentences:
        workers = sorted(votes.get(sentence, {}))
        mine = workers[int(rng.integers(len(workers)))] if workers else None
        for worker in workers:
            for at, said in votes[sentence][worker]:
                if worker == mine:
                    given[at] = said
                else:
                    item.append(at)
                    annotator.append(worker)
                    tag.append(said)
    others = Votes.from_arrays(item, annotator, tag, items=np.arange(len(token)), labels=TAGS)
    posterior = truth.infer(others).posterior
    places = list(sentences.values())
    return (
        [[given[at] for at in one] for one in places],
        [[gold[at] for at in one] for one in places],
        [posterior[one] for one in places],
    )


def _boxes(
    folder: Path,
) -> tuple[list[tuple[int, str, NDArray[np.float64]]], dict[int, Any], dict[int, NDArray[np.float64]]]:
    """Return each annotator's boxes of each image, the gold ones, and a detector's with a confidence; x, y, width, height."""
    sheets: dict[tuple[int, str], list[list[float]]] = {}
    for row in _plain_rows(folder / "annotations.csv"):
        held = sheets.setdefault((int(row["task"]), row["worker"]), [])
        if int(row["box"]) >= 0:
            held.append([float(row[side]) for side in ("x1", "y1", "x2", "y2")])
    gold: dict[int, list[list[float]]] = {}
    for row in _plain_rows(folder / "gold.csv"):
        gold.setdefault(int(row["task"]), []).append([float(row[side]) for side in ("x1", "y1", "x2", "y2")])
    made = json.loads((folder / "gvanhorn_predictions.json").read_text(encoding="utf-8"))
    detected = {int(task): np.array(one, dtype=float).reshape(-1, 4) for task, one in made.items()}
    return (
        [(task, worker, _sized(np.array(one, dtype=float).reshape(-1, 4))) for (task, worker), one in sheets.items()],
        {task: _sized(np.array(one)) for task, one in gold.items()},
        {task: np.column_stack([_sized(one), np.full(len(one), 0.96)]) for task, one in detected.items()},
    )


def _others(sheets: list[tuple[int, str, NDArray[np.float64]]], place: int) -> NDArray[np.float64]:
    """Return groups of the other annotators' boxes: the median box, and the share of annotators who drew one."""
    task, worker, _ = sheets[place]
    drawn = [boxes for other, who, boxes in sheets if other == task and who != worker]
    every = np.concatenate([np.empty((0, 4)), *drawn])
    owner = np.repeat(np.arange(len(drawn)), [len(boxes) for boxes in drawn])
    from goldseam.stats.overlap import iou

    alike, left, found = iou(every, every) >= 0.5, np.ones(len(every), dtype=bool), []
    while left.any():
        support = [len(set(owner[left & alike[one]])) if left[one] else -1 for one in range(len(every))]
        best = int(np.argmax(support))
        group = left & (alike[best] | (np.arange(len(every)) == best))
        found.append([*np.median(every[group], axis=0), max(support) / len(drawn)])
        left &= ~group
    return np.array(found).reshape(-1, 5)


def _by_sheet(
    sheets: list[tuple[int, str, NDArray[np.float64]]], proposed: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    given = np.concatenate([boxes for _, _, boxes in sheets])
    made = np.concatenate(proposed)
    items = tuple(
        np.repeat(np.arange(len(sheets)), [len(one) for one in part]) for part in ([s[2] for s in sheets], proposed)
    )
    found = noise.box_issues(given, made[:, :4], items=(items[0], items[1]), confidence=made[:, 4])
    score = np.zeros(len(sheets))
    score[found.items.astype(int)] = found.by_item
    return score


def _all_matched(boxes: NDArray[np.float64], gold: NDArray[np.float64], at: float) -> bool:
    from goldseam.stats.overlap import match

    found = match(gold, boxes, iou_at=at)
    return len(boxes) == len(gold) == found.n_matched


def _sized(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    sized = np.column_stack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    return sized[(sized[:, 2:] > 0).all(axis=1)]


def _corners(sized: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.column_stack([sized[:, :2], sized[:, :2] + sized[:, 2:4]]).astype(np.float32)


def _pair(one: NDArray[np.float32], two: NDArray[np.float32]) -> NDArray[np.object_]:
    held = np.empty(2, dtype=object)
    held[0], held[1] = one, two
    return held


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _plain_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
