"""An import whose process died half-way is taken back whole, or goes on; whoever still reads it keeps it from both."""

import asyncio
from datetime import timedelta

import pytest
from tests.people.test_bringing import HEAD, centre as centre, kept

from rapport.app.uploads import Uploads
from rapport.errors import Conflict
from rapport.model.group import FileImport, Group, Membership
from rapport.model.person import Handle
from rapport.people.imports.uploaded import QUIET, read_upload

pytestmark = pytest.mark.anyio
LINES = 601
TEXT = "\n".join((HEAD, *(f"{n},P {n},p{n}@example.org,,Acme,,gold" for n in range(LINES))))


class Dying(Uploads):
    """A process that ends when its first lines are in."""

    async def _read(self, tenant, id, by, asked, told, **how):
        async def dies(done):
            await told(done)
            raise asyncio.CancelledError

        return await super()._read(tenant, id, by, asked, dies, **how)


async def died(centre) -> bytes:
    """A file of which three hundred lines are in."""
    file = await kept(centre, Uploads(centre.house.house), TEXT)
    await begin(centre, Dying(centre.house.house), file)
    return file


async def begin(centre, uploads, file: bytes) -> None:
    async with centre.house.within(centre.tenant) as db:
        asked = (await read_upload(db, centre.tenant, file)).asked
    await uploads.begin(centre.tenant, file, "eva", asked, really=True)
    await asyncio.wait([centre.house.house.tasks[-1]])
    await centre.house.settle()


async def names(centre) -> int:
    return len(await centre.rows(Handle, "name like 'crm:%' order by id"))


async def test_what_is_in_of_a_file_whose_process_died_is_taken_back(centre):
    file, uploads = await died(centre), Uploads(centre.house.house)
    half = await names(centre)

    with pytest.raises(Conflict, match="being read at this moment"):
        await uploads.undo(centre.tenant, file, "eva")
    centre.house.clock.move(QUIET + timedelta(seconds=1))
    count = await uploads.undo(centre.tenant, file, "eva")
    await centre.house.settle()

    assert (half, count, await names(centre)) == (300, 300, 0)
    assert (await centre.rows(Membership), [one.state for one in await centre.rows(FileImport)]) == ([], ["undone"])


async def test_a_file_that_goes_on_after_a_death_is_taken_in_once_and_taken_back_whole(centre):
    file, uploads = await died(centre), Uploads(centre.house.house)
    centre.house.clock.move(QUIET + timedelta(seconds=1))

    await begin(centre, Dying(centre.house.house), file)
    centre.house.clock.move(QUIET + timedelta(seconds=1))
    await begin(centre, uploads, file)
    whole = await names(centre)
    count = await uploads.undo(centre.tenant, file, "eva")
    await centre.house.settle()

    assert (whole, count, await names(centre)) == (LINES, LINES, 0)


async def test_what_another_file_said_after_a_file_that_stopped_is_not_taken_back_with_it(centre):
    file, uploads = await died(centre), Uploads(centre.house.house)
    centre.house.clock.move(QUIET + timedelta(seconds=1))
    second = await kept(
        centre, uploads, "\n".join((HEAD, "1,P 1,p1@example.org,,Beta,,gold", "2,P 2,p2@example.org,,Acme,,gold"))
    )
    await begin(centre, uploads, second)

    await uploads.undo(centre.tenant, file, "eva")
    await centre.house.settle()

    groups = {one.id: one.name for one in await centre.rows(Group)}
    assert [groups[one.group] for one in await centre.rows(Membership)] == ["Beta"]
