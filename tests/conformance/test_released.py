"""What a release reads in whole pages is, to the last bit, what is read row by row, on every database and over every border of a page."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldseam.edge.store import draws, packed, released, settlements
from goldseam.edge.store.packed import Kind
from goldseam.edge.store.tx import Tx
from goldseam.testing.store_suite.world import CAT, QUESTION, at, world
from tests.conformance.test_waiting import OTHER

N = 9
SMALLEST = math.ulp(0.0)
shares = st.one_of(
    st.floats(0, 1), st.floats(0, 1e-3), st.sampled_from([0.0, SMALLEST, 1e-300, 1 / 3, 0.1, 1 - 2**-53, 1.0])
)
acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("settle"), st.lists(st.tuples(st.integers(0, N - 1), shares), min_size=1, max_size=N),
            st.sampled_from(["auto", "majority", "dawid_skene"]), st.integers(2, 3), st.integers(0, 63),
        ),
        st.tuples(st.just("rule"), st.integers(0, N - 1), st.just(""), st.integers(0, 2), st.just(0)),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def test_labels_that_stand_are_the_same_in_pages_as_row_by_row(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PAGE", 4)
    with world(store_url, n_items=N, wanted=0) as w:
        made = iter(range(10_000))

        def settle(tx: Tx, given: list[tuple[int, float]], method: str, width: int, bits: int) -> None:
            sure = dict(sorted(given))
            position, n = at(*sure), len(sure)
            posterior = np.array([[share, 1 - share, share / 3][:width] for share in sure.values()])
            for question in (QUESTION, OTHER):
                settlements.save(
                    tx, w.project, question, position, np.arange(n) % width, np.array(list(sure.values())), posterior,
                    np.arange(n) + bits, np.array([bool(bits >> one & 1) for one in range(n)]), [""] * n, method,
                    bits % 4, w.clock.now(),
                )  # fmt: skip

        @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(acts)
        def law(todo: list[tuple[str, object, str, int, int]]) -> None:
            def play(tx: Tx) -> None:
                for what, where, method, number, bits in todo:
                    if what == "settle":
                        settle(tx, where, method, number, bits)  # type: ignore[arg-type]  # plain values do where the hint is narrower
                    else:
                        ruling = settlements.Ruling(where, QUESTION, number, "", CAT)  # type: ignore[arg-type]  # as above
                        settlements.rule(tx, w.project, f"r{next(made)}", ruling, 2, 1, w.clock.now())

            w.write(play)
            one_by_one = w.read(lambda tx: settlements.current(tx, w.project, QUESTION))
            found = w.read(lambda tx: released.stands(tx, w.project, QUESTION))
            for name in ("position", "label", "confidence", "posterior", "escalated", "n_votes", "round"):
                wanted, given = getattr(one_by_one, name), getattr(found, name)
                assert (given.dtype, given.shape, given.tobytes()) == (wanted.dtype, wanted.shape, wanted.tobytes()), (
                    name
                )
            assert tuple(found.method) == one_by_one.method

        assert len(w.read(lambda tx: released.stands(tx, w.project, QUESTION)).position) == 0
        law()


def test_tiers_are_those_that_were_given(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PAGE", 4)
    with world(store_url, n_items=N, wanted=0) as w:
        for n in (0, 3, 4, 8, 9):
            position = np.arange(n)[::-1].copy()
            none = np.zeros(n, np.bool_)
            w.write(lambda tx, p=position, f=none: draws.save_routes(tx, w.project, 1, p, p % 3, p, f, None, None))  # type: ignore[misc]  # defaults bind this turn's values
            found, tier = w.read(lambda tx: released.tiers(tx, w.project))
            assert found.tolist() == list(range(n))
            assert tier.tolist() == [place % 3 for place in range(n)]


def test_a_page_keeps_every_kind_of_value_as_it_is(store_url: str) -> None:
    texts = ["", 'it\'s "so"', "a,b", "ä\n\u2028", "\x01\t", "[1]", "null", "𝄞" * 3]
    shares_ = [0.0, SMALLEST, 0.5, 1 / 3, 2.0**-11 / 3, 1.0, 0.1, 1 - 2**-53]
    blobs = [b"", None, b"\0", b"'", bytes(range(256)), b"\xff\xfe", b"abc", b"\0\0"]
    wholes = [0, -1, 2**62, -(2**62), 7, 2**53 + 1, 10**18, 3]
    with world(store_url, n_items=1, wanted=0) as w:
        binary = "bytea" if w.store.dialect == "postgresql" else "blob"
        real, big = ("double precision", "bigint") if w.store.dialect == "postgresql" else ("real", "integer")
        one = (
            "SELECT CAST(:n{0} AS {3}) AS n, CAST(:s{0} AS {2}) AS s, CAST(:b{0} AS {1}) AS b, CAST(:t{0} AS text) AS t"
        )
        source = " UNION ALL ".join(one.format(place, binary, real, big) for place in range(len(texts)))
        kinds = {"n": Kind.WHOLE, "s": Kind.SHARE, "b": Kind.BLOB, "t": Kind.TEXT}
        for exact in (True, False):
            chosen = [0.25 if exact and share == SMALLEST else share for share in shares_]
            values = {f"{name}{place}": each for name, sides in zip("nsbt", (wholes, chosen, blobs, texts), strict=True)
                      for place, each in enumerate(sides)}  # fmt: skip
            n_rows, page = w.read(lambda tx, v=values: packed.columns(tx, kinds, source, v))  # type: ignore[misc]  # a default binds this turn's value
            assert n_rows == len(texts)
            assert page["n"].tolist() == wholes
            assert page["s"].tolist() == chosen
            assert page["t"] == texts
            assert (page["b"][0], page["b"][1].tolist()) == (
                b"".join(each or b"" for each in blobs),
                [len(each or b"") for each in blobs],
            )
