"""What the tests of a file here share is gone when they are done: the trees of 700 modules are large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.words import repository


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """Forget the syntax trees."""
    yield
    repository.tree.cache_clear()
