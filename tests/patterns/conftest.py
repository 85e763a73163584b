"""Numeric libraries use one thread, as in `patterns.patterns`."""

from collections.abc import Iterator

import pytest

from bot.ml.threads import one_thread


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with one_thread():
        yield
