"""The model of spans learns what carries a label, marks whole words, and states how often it is right."""

from __future__ import annotations

import numpy as np
import pytest

from goldseam.prelabel import span_model
from goldseam.vocab.errors import NotReady
from goldseam.vocab.marks import Span, Spans
from goldseam.vocab.names import LabelName

NAMES = ("Ada Lovelace", "Grace Hopper", "Bo Li", "Émile Zola", "Ann O'Hara")
PLACES = ("Paris", "New York", "Ulm", "São Paulo")
LABELS = (LabelName("PER"), LabelName("LOC"))


def made(n: int, seed: int = 0) -> tuple[list[str], list[Spans]]:
    rng = np.random.default_rng(seed)
    texts, said = [], []
    for _ in range(n):
        name, place = str(rng.choice(NAMES)), str(rng.choice(PLACES))
        text = f"yesterday {name} went to {place} again"
        if rng.random() < 0.2:
            texts.append("nobody went anywhere, it rained")
            said.append(Spans(()))
            continue
        texts.append(text)
        start, there = text.index(name), text.index(place)
        said.append(Spans((Span(start, start + len(name), LABELS[0]), Span(there, there + len(place), LABELS[1]))))
    return texts, said


def test_what_stands_in_the_texts_again_is_found_with_its_label_and_whole() -> None:
    texts, said = made(60)
    model = span_model.fit(texts, said, LABELS, np.random.default_rng(0))
    others, right = made(20, seed=1)
    found = model.propose(others)
    assert [spans for spans, _ in found] == right
    assert all(0.8 < sure < 1 for _, sure in found), "right while held out, and never certain"


def test_spans_never_overlap_and_a_text_without_words_has_none() -> None:
    texts, said = made(12)
    said[0] = Spans((*said[0].spans, Span(0, len(texts[0]), LABELS[1])))  # the longer one counts
    model = span_model.fit(texts, said, LABELS, np.random.default_rng(0))
    odd = ["", "  \n", "!!!", "Ada Ada Paris Ada Lovelace", *texts]
    for text, (spans, sure) in zip(odd, model.propose(odd), strict=True):
        ends = [0, *(one.end for one in spans.spans)]
        assert all(before <= one.start < one.end <= len(text) for before, one in zip(ends, spans.spans, strict=False))
        assert 0 <= sure < 1


def test_a_model_that_cannot_tell_says_so_by_its_confidence() -> None:
    rng = np.random.default_rng(3)
    texts, said = made(60)
    fickle = [one if rng.random() < 0.5 else Spans(()) for one in said]
    model = span_model.fit(texts, fickle, LABELS, rng)
    assert np.mean([sure for _, sure in model.propose(made(20, seed=1)[0])]) < 0.8


def test_without_any_span_there_is_nothing_to_learn() -> None:
    texts, _ = made(8)
    with pytest.raises(NotReady, match="texts that have some"):
        span_model.fit(texts, [Spans(())] * 8, LABELS, np.random.default_rng(0))
