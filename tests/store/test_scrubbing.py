"""What was taken out of a table is in no file of the database any more, once the files were scrubbed."""

import pytest

from rapport.store.connecting import open_connection
from rapport.store.embedded import Embedded
from rapport.store.migrate import migrate
from rapport.store.scrubbing import scrub

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
CANARY = "zorzalino"


def files_with(folder, word: str) -> list[str]:
    return [
        str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes()
    ]


async def test_a_word_that_was_cleared_is_in_no_file_after_scrubbing_and_the_rest_stands(tmp_path):
    server = Embedded.start(tmp_path)
    try:
        await migrate(server.url)
        db = await open_connection(server.url, as_owner=True)
        await db.execute("insert into tenant values (1, 'x')")
        made = "insert into person(tenant, id, name) select 1, gen_random_uuid(), $1 || n from generate_series(1, 40) n"
        await db.execute(made, CANARY)
        await db.execute(made, "Rosalinda")
        await db.execute("insert into handle(tenant, id, name) select 1, id, 'email:' || name from person")
        await db.execute("analyze")
        for _ in range(8):
            await db.execute("update person set name = name")
            await db.execute("select pg_switch_wal()")
        await db.execute("update person set name = '' where name like $1", f"{CANARY}%")
        await db.execute("delete from handle where name like $1", f"email:{CANARY}%")
        await db.execute("checkpoint")
        await db.execute("checkpoint")  # files of the log that were written lie ready to be written again
        before = files_with(tmp_path, CANARY)
        done = await scrub(server.url, lambda table: None)
        left = await db.fetchval("select count(*) from person where name like 'Rosalinda%'")
        again = await db.fetchval("show wal_recycle")
        await db.close()

        assert len(before) >= 4  # two tables, an index, the planner's samples
        assert (files_with(tmp_path, CANARY), done.busy, done.log) == ([], (), True)
        assert (left, again) == (40, "on")
        assert files_with(tmp_path, "Rosalinda") != []
    finally:
        server.stop()
