"""Blobs: bytes come back as they went in, under the name of their hash, or not at all."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldseam.edge.blobs import Blobs
from goldseam.vocab.errors import NotFound, StoreFailed, Tampered
from tests.conftest import ROOT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(data=st.binary(max_size=2000))
def test_bytes_come_back_as_they_went_in_under_their_hash(tmp_path: Path, data: bytes) -> None:
    blobs = Blobs(tmp_path)

    name = blobs.put(data)

    assert name == hashlib.sha256(data).hexdigest()
    assert blobs.get(name) == data


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    names = {blobs.put(b"one") for _ in range(3)}

    assert len(names) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_changed_byte_is_found_when_it_is_read(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    name = blobs.put(b"true")
    (tmp_path / name[:2] / name).write_bytes(b"tru3")

    with pytest.raises(Tampered, match=name[:12]):
        blobs.get(name)


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "/" * 64, "0" * 64 + "\n"]
)
def test_a_name_that_is_no_hash_opens_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        Blobs(tmp_path).get(name)


def test_an_unknown_name_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Blobs(tmp_path).get("0" * 64)


def test_a_place_that_takes_nothing_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "in the way").touch()

    with pytest.raises(StoreFailed, match="Could not keep 3 bytes"):
        Blobs(tmp_path / "in the way").put(b"abc")


FULL = """
import resource, signal, sys
from pathlib import Path
from goldseam.edge.blobs import Blobs
from goldseam.vocab.errors import StoreFailed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Blobs(Path(sys.argv[1])).put(b"x" * 5000)
except StoreFailed as error:
    print(error)
"""


def test_a_disk_that_fills_up_half_way_leaves_no_half_a_blob(tmp_path: Path) -> None:
    assert resource.RLIMIT_FSIZE is not None
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "src")}, check=True,
    )  # fmt: skip

    assert "Could not keep 5,000 bytes" in done.stdout
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
