"""How right suggested spans are, by how many texts they were learned from: `python -m bench.span_model`.

In: news with names of people, places, organizations and others (conll_ner_crowd in the folder of real data, GOLDSEAM_DATA).
Out: a table on the terminal. Never: a text that is judged among those learned from.
"""

from __future__ import annotations

import csv
import gzip
import sys
import time

import numpy as np

from bench.weak_accuracy import data
from goldseam.prelabel import span_model
from goldseam.vocab.marks import Span, Spans
from goldseam.vocab.names import LabelName

SEEDS, JUDGED, SIZES = 5, 300, (50, 100, 200)


def sentences() -> tuple[list[str], list[Spans]]:
    """Return sentences, and the names in them."""
    folder = data()
    if folder is None:
        raise SystemExit("real data is not here; set GOLDSEAM_DATA.")
    rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with gzip.open(
        folder / "crowd" / "conll_ner_crowd" / "tokens_gold.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        for row in csv.DictReader(file):
            rows.setdefault((row["doc"], row["sent"]), []).append((row["token"], row["tag"]))
    texts, said = [], []
    for words in rows.values():
        text, spans = "", list[Span]()
        for token, tag in words:
            start = len(text) + bool(text)
            text = f"{text} {token}" if text else token
            if tag.startswith("I-") and spans and spans[-1].label == tag[2:]:
                spans[-1] = Span(spans[-1].start, len(text), spans[-1].label)
            elif tag != "O":
                spans.append(Span(start, len(text), LabelName(tag[2:])))
        texts.append(text)
        said.append(Spans(tuple(spans)))
    return texts, said


def measure(texts: list[str], said: list[Spans], labels: list[LabelName], n: int, seed: int) -> list[float]:
    """Return precision, recall, F1, the share of texts with all spans right, the same as stated, and seconds."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(texts))
    learned, judged = order[:n], order[-JUDGED:]
    began = time.process_time()
    model = span_model.fit([texts[at] for at in learned], [said[at] for at in learned], labels, rng)
    took = time.process_time() - began
    made = model.propose([texts[at] for at in judged])
    pairs = [(set(spans.spans), set(said[at].spans)) for at, (spans, _) in zip(judged, made, strict=True)]
    hits, given, right = (
        sum(len(one) for one in each)
        for each in ([a & b for a, b in pairs], [a for a, _ in pairs], [b for _, b in pairs])
    )
    exact = float(np.mean([a == b for a, b in pairs]))
    stated = float(np.mean([sure for _, sure in made]))
    return [hits / max(given, 1), hits / right, 2 * hits / (given + right), exact, stated, took]


def main() -> int:
    """Print the table."""
    texts, said = sentences()
    labels = sorted({one.label for spans in said for one in spans.spans})
    print(f"{len(texts):,} sentences, {JUDGED} judged, mean of {SEEDS} draws")
    print("| texts | precision | recall | F1 | all right | stated | seconds |\n|---:|---:|---:|---:|---:|---:|---:|")
    for n in SIZES:
        found = [measure(texts, said, labels, n, seed) for seed in range(SEEDS)]
        p, r, f, exact, sure, took = np.mean(found, axis=0).tolist()
        print(f"| {n:,} | {p:.3f} | {r:.3f} | {f:.3f} | {exact:.3f} | {sure:.3f} | {took:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
