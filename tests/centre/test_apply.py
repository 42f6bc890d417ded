"""Applying a folder to a tenant: what changes, what stays, and back to files."""

import asyncio
import shutil
from pathlib import Path

import pytest

from rapport.app.digesting import digest_once
from rapport.app.house import open_house
from rapport.centre.apply import apply, current_things
from rapport.centre.changes import difference
from rapport.centre.example import example_folder, example_things
from rapport.centre.folder import read_folder, write_folder
from rapport.clock import SystemClock
from rapport.errors import CentreError
from rapport.ledger.tenants import list_tenants, make_tenant
from rapport.matching.expression import parse
from rapport.settings import Settings


async def applied(url: str, folders: list[Path]) -> tuple[list[list[str]], dict[tuple[str, str], bytes]]:
    house = await open_house(Settings(), url, b"apply".ljust(32), SystemClock(), pool=2)
    try:
        async with house.store.within((), readonly=True) as db:
            tenant = max((listed.id for listed in await list_tenants(db)), default=0) + 1
        async with house.store.within(tenant) as db:
            await make_tenant(db, tenant, f"applied-{tenant}")
        told = []
        for folder in folders:
            changes = await apply(house.intake, house.within, tenant, folder, check_expression=parse)
            told.append([str(change) for change in changes])
            await digest_once(house, tenant)
        return told, await current_things(house.within, tenant)
    finally:
        await house.aclose()


def test_what_is_applied_twice_changes_nothing_and_comes_back_as_the_same_files(database_url, tmp_path):
    told, things = asyncio.run(applied(database_url, [example_folder(), example_folder()]))

    write_folder(things, tmp_path / "out")

    assert len(told[0]) == len(example_things())
    assert all(line.startswith("+ ") for line in told[0])
    assert told[1] == []
    assert difference(example_things(), read_folder(tmp_path / "out")) == []


def test_what_a_folder_says_no_more_is_removed_and_what_it_never_spoke_of_stays(database_url, tmp_path):
    smaller = tmp_path / "smaller"
    shutil.copytree(example_folder(), smaller)
    (smaller / "plans/fraud.toml").unlink()
    shutil.rmtree(smaller / "playbooks")
    sheet = (smaller / "agents.csv").read_text()
    (smaller / "agents.csv").write_text(sheet.replace("Bruno Salas", "Bruno Salas Ruiz"))

    told, things = asyncio.run(applied(database_url, [example_folder(), smaller]))

    assert told[1] == ['~ agent bruno  (name: "Bruno Salas" -> "Bruno Salas Ruiz")', "- plan fraud"]
    assert ("playbook", "card-copied") in things


def test_a_folder_that_cannot_be_read_changes_nothing(database_url, tmp_path):
    wrong = tmp_path / "wrong"
    shutil.copytree(example_folder(), wrong)
    (wrong / "plans/fraud.toml").write_text("[[steps]]\nrequire = 'skills.fraud >='\n")

    with pytest.raises(CentreError, match=r"fraud.toml:2: 'skills.fraud >=' is not an expression"):
        asyncio.run(applied(database_url, [wrong]))
