"""One running house for the tests of the facade, and the vendor's own client, which nothing was done to but one address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from databases import a_database

if TYPE_CHECKING:
    from web.taskrouter.harness import Running


@pytest.fixture(scope="session")
def running(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """In a database of its own: it looks at every tenant that there is, again and again."""
    from web.taskrouter.harness import running_house  # the whole application: read by those who ask for it

    with a_database(database_url, "taskrouter") as url, running_house(url, tmp_path_factory.mktemp("taskrouter")) as house:
        yield house
