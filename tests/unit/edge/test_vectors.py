"""Embeddings: made by a static model out of a folder, without a network, each once; a folder that holds none is told so."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from goldseam.edge.suggesters.vectors import PARTS, Kept, open_folder
from goldseam.vocab.errors import BadPolicy, MissingExtra
from tests.walk.static_model import write_static_model

GROUPS = (("good", "fine", "lovely"), ("bad", "dull", "awful"))


def test_words_that_mean_the_same_are_near_and_unknown_texts_are_nothing(tmp_path):
    model = open_folder(write_static_model(tmp_path / "words", GROUPS))
    found = model.of(["a good film", "a lovely film", "a dull film", "???", ""])
    assert found.dtype == np.float32 and found.shape == (5, model.size)
    assert found[0] @ found[1] > 0.9 > found[0] @ found[2] + 0.5
    assert np.linalg.norm(found[:3], axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert not found[3:].any()


def test_no_connection_is_even_tried(tmp_path, monkeypatch):
    tried = []

    def refuse(*given):
        tried.append(given)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert open_folder(write_static_model(tmp_path / "words", GROUPS)).of(["good"]).any()
    # A name that a hub would know is a folder that is not there, and nothing else.
    with pytest.raises(BadPolicy, match="not there"):
        open_folder(tmp_path / "minishlab" / "potion-base-8M")
    assert not tried


@pytest.mark.slow
def test_the_package_is_told_to_stay_offline_before_it_is_loaded(tmp_path):
    write_static_model(tmp_path / "words", GROUPS)
    said = (
        "import pathlib, sys; from goldseam.edge.suggesters.vectors import open_folder\n"
        "assert 'model2vec' not in sys.modules\n"
        "open_folder(pathlib.Path(sys.argv[1]))\n"
        "import huggingface_hub.constants as hub; print(hub.HF_HUB_OFFLINE, hub.HF_HUB_DISABLE_TELEMETRY)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", said, str(tmp_path / "words")], capture_output=True, text=True, env=environ, check=True
    )
    assert done.stdout.strip() == "True True"


def test_a_folder_without_a_model_says_what_is_wrong(tmp_path, monkeypatch):
    with pytest.raises(BadPolicy, match="not there"):
        open_folder(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadPolicy, match=r"tokenizer\.json is missing"):
        open_folder(tmp_path / "empty")
    for part in PARTS:
        broken = write_static_model(tmp_path / f"broken-{part}", GROUPS)
        (broken / part).write_bytes(b"\x80\x04garbage")
        with pytest.raises(BadPolicy, match="no static model that can be read"):
            open_folder(broken)
    whole = write_static_model(tmp_path / "words", GROUPS)
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(MissingExtra, match=r"pip install 'goldseam\[embeddings\]'"):
        open_folder(whole)


def test_another_file_in_the_folder_is_another_version(tmp_path):
    folder = write_static_model(tmp_path / "words", GROUPS)
    first = open_folder(folder)
    assert open_folder(folder) is first
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"note": "changed"}), encoding="utf-8")
    assert open_folder(folder).version != first.version


def test_what_was_made_is_kept_and_a_damaged_row_is_made_again(tmp_path):
    path = tmp_path / "a" / "file"
    kept = Kept(path, 4)
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    assert not kept.get([0, 5], ["a", "b"])[1].any()
    kept.put([7, 0, 2], ["c7", "c0", "c2"], vectors)
    found, there = kept.get([0, 1, 2, 7, 9], ["c0", "c1", "c2", "other content", "c9"])
    assert there.tolist() == [True, False, True, False, False]
    assert np.array_equal(found[[0, 2]], vectors[[1, 2]])
    raw = bytearray(path.read_bytes())
    raw[10] ^= 1
    path.write_bytes(bytes(raw[:-3]))
    assert kept.get([0, 2, 7], ["c0", "c2", "c7"])[1].tolist() == [False, True, False]
    blocked = Kept(path / "file", 4)
    blocked.put([0], ["c0"], vectors[:1])
    assert not blocked.get([0], ["c0"])[1].any()
