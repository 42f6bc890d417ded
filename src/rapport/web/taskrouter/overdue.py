"""Tasks that nobody took within their time-out are canceled, as TaskRouter does."""

from datetime import timedelta

from rapport.ledger.tables import read_where
from rapport.model.conversation import Conversation
from rapport.web.office import Office
from rapport.web.taskrouter.kept import workspaces
from rapport.web.taskrouter.offers import CANCELED
from rapport.web.taskrouter.task_rows import OURS, with_rows

WAITING = """account = $2 and account like 'WS%' and state = 'open' and agent = '' and waiting_since < $3
order by waiting_since, id limit $4"""
LEAST = timedelta(seconds=1)
AT_ONCE = 1000


async def cancel_overdue(office: Office, tenant: int) -> int:
    """Cancel what waited too long; how many tasks that were."""
    now = office.clock.now()
    async with office.store.within(tenant, readonly=True) as db:
        tasks = [
            task
            for workspace in await workspaces(db, tenant)
            for task in await with_rows(
                db, tenant, await read_where(db, tenant, Conversation, WAITING, workspace.sid, now - LEAST, AT_ONCE)
            )
        ]
    late = [
        task
        for task in tasks
        if now - task.conversation.opened_at > timedelta(seconds=float(task.says.get(f"{OURS}timeout", 0) or 1e9))
    ]
    for task in late:
        await office.intake.act(
            tenant,
            "taskrouter",
            "close",
            conversation=task.conversation.id,
            argument=CANCELED,
            once=f"overdue/{task.sid}/{task.conversation.reopened}",
        )
    return len(late)
