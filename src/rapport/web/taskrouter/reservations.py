"""Reservations of a task and of a worker: our offers, listed, shown and answered."""

from typing import Any

import asyncpg
import msgspec
from litestar import Response

from rapport.errors import BadInput, NotAllowed, NotFound
from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.need import Offer
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.asked import (
    Asked,
    Shown,
    check_version,
    known_sid,
    listed,
    paging_of,
    shown,
    when,
    workspace_of,
)
from rapport.web.taskrouter.form import Field, a_sid, one_of, text
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.offers import STATUSES, answer, offers_to, status_of, work_of
from rapport.web.taskrouter.task_rows import STATUS, Task, find_task, with_rows
from rapport.web.taskrouter.tasks import declare
from rapport.web.taskrouter.workers import move_to

FIELDS = {
    "ReservationStatus": Field(one_of(*STATUSES)),
    "WorkerActivitySid": Field(a_sid("WA")),
    "PostWorkActivitySid": Field(a_sid("WA")),
    "Instruction": Field(text),
}
FILTERS = {"ReservationStatus": Field(one_of(*STATUSES)), "WorkerSid": Field(a_sid("WK"))}
INSTRUCTIONS = {"accept": "accepted", "reject": "rejected"}
SCAN, MOST_SCANNED = 200, 20_000


class Reservation(msgspec.Struct, frozen=True):
    """An offer of a task, and how it stands."""

    offer: Offer
    task: Task
    status: str

    @property
    def sid(self) -> str:
        """The reservation's Sid."""
        return f"WR{self.offer.id.hex()}"


def show_reservation(asked: Asked, one: Reservation, names: dict[str, str]) -> Shown:
    """A reservation. `names`: of workers, by Sid."""
    task_url, worker_url = f"{asked.root}/Tasks/{one.task.sid}", f"{asked.root}/Workers/{one.offer.agent}"
    owner = worker_url if "worker" in asked.sids else task_url
    return {
        "account_sid": asked.account,
        "date_created": when(one.offer.made_at),
        "date_updated": when(one.offer.ended_at or one.offer.made_at),
        "reservation_status": one.status,
        "sid": one.sid,
        "task_sid": one.task.sid,
        "worker_name": names.get(one.offer.agent),
        "worker_sid": one.offer.agent,
        "workspace_sid": asked.workspace,
        "url": f"{owner}/Reservations/{one.sid}",
        "links": {
            "workspace": asked.root,
            "task": task_url,
            "worker": worker_url,
            "reservation": f"{owner}/Reservations/{one.sid}",
        },
    }


async def _with_tasks(asked: Asked, db: asyncpg.Connection, offers: list[Offer]) -> list[Reservation]:
    """Offers as reservations, without those of other houses' conversations."""
    ids = list({one.conversation for one in offers})
    rows = [row for row in await read_rows(db, asked.tenant, Conversation, ids) if row.account == asked.workspace]
    tasks = {task.conversation.id: task for task in await with_rows(db, asked.tenant, rows)}
    work = await work_of(db, asked.tenant, offers)
    found = []
    for offer in offers:
        task = tasks.get(offer.conversation)
        if task is not None and offer.agent.startswith("WK"):
            wrapping = task.says.get(STATUS) == "wrapping"
            status = status_of(offer, work.get(offer.id), task.conversation, wrapping=wrapping)
            found.append(Reservation(offer, task, status))
    return found


async def _names(asked: Asked, db: asyncpg.Connection, found: list[Reservation]) -> dict[str, str]:
    workers = await kept.some_of(db, asked.tenant, [one.offer.agent for one in found])
    return {sid: worker.name for sid, worker in workers.items()}


async def list_reservations(asked: Asked) -> Response[bytes]:
    """A page of the reservations of a task or of a worker, newest first."""
    wanted, paging = asked.asks(FILTERS), paging_of(asked)
    found: list[Reservation] = []
    async with asked.within() as db:
        await workspace_of(asked, db)
        if "worker" in asked.sids:
            worker = await kept.find(db, asked.tenant, asked.workspace, "worker", asked.sids["worker"])
            for first in range(0, MOST_SCANNED, SCAN):
                some = await offers_to(db, asked.tenant, worker.sid, first, SCAN)
                found += await _with_tasks(asked, db, some)
                if len(some) < SCAN or len(found) > paging.first + paging.size and not wanted:
                    break
        else:
            task = await find_task(asked, db, asked.sids["task"])
            offers = await read_where(
                db, asked.tenant, Offer, "conversation = $2 order by made_at desc, id desc", task.conversation.id
            )
            found = await _with_tasks(asked, db, offers)
        names = await _names(asked, db, found)
    fitting = [
        one
        for one in found
        if wanted.get("ReservationStatus", one.status) == one.status
        and wanted.get("WorkerSid", one.offer.agent) == one.offer.agent
    ]
    page = fitting[paging.first : paging.first + paging.size + 1]
    return listed(asked, "reservations", [show_reservation(asked, one, names) for one in page], paging)


async def _one(asked: Asked, db: asyncpg.Connection) -> tuple[Reservation, dict[str, str]]:
    """The reservation of the address. Raises NotFound."""
    await workspace_of(asked, db)
    if "worker" in asked.sids:
        await kept.find(db, asked.tenant, asked.workspace, "worker", asked.sids["worker"])
    else:
        await find_task(asked, db, asked.sids["task"])
    offers = await read_rows(db, asked.tenant, Offer, [known_sid(asked.sids["sid"], "WR")])
    for one in await _with_tasks(asked, db, offers):
        if one.offer.agent == asked.sids.get("worker", one.offer.agent) and one.task.sid == asked.sids.get(
            "task", one.task.sid
        ):
            return one, await _names(asked, db, [one])
    raise NotFound(f"no reservation {asked.sids['sid']} is here")


async def fetch_reservation(asked: Asked) -> Response[bytes]:
    """One reservation."""
    async with asked.within() as db:
        return shown(show_reservation(asked, *await _one(asked, db)))


def _wanted(sent: dict[str, Any]) -> str:  # Any: the form, read
    """The status that is asked for; "" for none. Raises BadInput for an instruction that needs a telephone."""
    instruction = sent.get("Instruction", "").lower()
    if instruction and instruction not in INSTRUCTIONS:
        raise BadInput(f"Instruction {instruction[:40]!r} needs a telephone, which is not here; accept and reject are done")
    return str(sent.get("ReservationStatus") or INSTRUCTIONS.get(instruction, ""))


async def update_reservation(asked: Asked) -> Response[bytes]:
    """Answer a reservation: accept, reject, wrap up, complete."""
    sent = asked.reads(FIELDS, required=False)
    status = _wanted(sent)
    async with asked.within() as db:
        before, names = await _one(asked, db)
        workspace = await workspace_of(asked, db)
    if not (asked.who.may("centre.write") or asked.who.agent == before.offer.agent):
        raise NotAllowed("this key acts for another worker; an administrator's key, or the worker's own, may do this")
    check_version(asked, show_reservation(asked, before, names))
    if status == "wrapping" != before.status:
        if before.status != "accepted":
            raise BadInput(f"ReservationStatus 'wrapping' cannot follow {before.status!r}")
        await declare(asked, f"task:{before.task.sid}", {STATUS: "wrapping"})
        await _until_wrapping(asked)
    elif status:
        await answer(asked, before.offer, status, before.status)
    after = sent.get("WorkerActivitySid") or sent.get("PostWorkActivitySid")
    if after:
        await move_to(asked, before.offer.agent, after, "WorkerActivitySid")
    async with asked.within() as db:
        one, names = await _one(asked, db)
        what = show_reservation(asked, one, names)
        if status == "wrapping" != before.status:
            await note(db, asked, workspace, "reservation.wrapup", "reservation", one.sid, what)
    return shown(what)


async def _until_wrapping(asked: Asked) -> None:
    for _ in range(12):
        async with asked.within() as db:
            one, _names_of = await _one(asked, db)
        if one.status != "accepted":
            return
        await asked.office.changed(asked.tenant, 0.25)
