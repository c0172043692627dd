"""Every database does what the store's suite asks."""

from __future__ import annotations

import pytest

from goldseam.testing.store_suite import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_store_conforms(check: Check, store_url: str) -> None:
    check(store_url)
