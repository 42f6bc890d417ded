"""The shipped reader, built once."""

import pytest

from rapport.understanding.reader import Reader, shipped


@pytest.fixture(scope="session")
def reader() -> Reader:
    return shipped()
