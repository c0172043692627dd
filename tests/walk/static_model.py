"""A static model of a few words, as a folder: what tests of embeddings load.

In: a folder, groups of words. Out: the folder, written by the package itself. Never: a download.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace


def write_static_model(folder: Path, groups: Sequence[Sequence[str]], size: int = 8) -> Path:
    """Write a model in which the words of a group are near each other, and groups far apart."""
    words = ["[UNK]", *(word for group in groups for word in group)]
    rng = np.random.default_rng(0)
    vectors = rng.normal(scale=0.05, size=(len(words), size)).astype(np.float32)
    at = 1
    for number, group in enumerate(groups):
        vectors[at : at + len(group), number] += 1
        at += len(group)
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    return folder
