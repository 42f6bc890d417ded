"""One running house for the tests of the facade, and the vendor's own client, which nothing was done to but one address."""

from collections.abc import Iterator

import pytest

from web.taskrouter.harness import Running, running_house


@pytest.fixture(scope="session")
def running(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_house(database_url, tmp_path_factory.mktemp("taskrouter")) as house:
        yield house
