"""Files of a centre and programs of TaskRouter's stand beside each other: applying the files leaves the programs' alone."""

from rapport.centre.changes import difference
from web.taskrouter.world import make_world


def test_applying_files_removes_nothing_that_programs_set_up(running):
    make_world(running).client.close()

    async def things():
        async with running.house.within(running.tenant) as db:
            rows = await db.fetch("select id, body from thing where tenant = $1", running.tenant)
            return {tuple(row["id"].split("/", 1)): bytes(row["body"]) for row in rows}

    current = running.run(things()) | {("agent", "old"): b'{"id": "old"}'}
    wanted = {
        ("agent", "ana"): b'{"id": "ana"}',
        ("brand", "hotel"): b'{"id": "hotel"}',
        ("plan", "p"): b'{"id": "p", "steps": [{}]}',
    }

    changes = difference(current, wanted)

    assert {kind for kind, _ in current} >= {"agent", "brand", "plan"}
    assert [(one.do, one.name) for one in changes if one.do == "remove"] == [("remove", "old")]
