"""Reports by mail: when the time of one has come it is put on record, and then whoever wants it is told where it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from rapport.clock import Clock
from rapport.ledger.entry import New
from rapport.ledger.intake import Intake, Within
from rapport.ledger.tables import read_where
from rapport.model.fact import ReportMailed
from rapport.model.ids import derived_id
from rapport.model.report_mail import ReportMail, next_time

log = structlog.get_logger()
Telling = Callable[[int, ReportMail], Awaitable[str]]  # sends it; the account that did, "" where nobody can be told
MOST = 50  # in one round
SOURCE = "report mail"


@dataclass(slots=True)
class Mails:
    """Looks twice a minute for reports whose time has come."""

    within: Within
    clock: Clock
    intake: Intake
    tell: Telling
    zone: Callable[[int], Awaitable[ZoneInfo]]

    async def round(self, tenant: int) -> int:
        """Tell of what is due; how many were told. Each time is claimed once in the ledger: nobody is told twice of one."""
        now = self.clock.now()
        async with self.within(tenant) as db:
            due = await read_where(db, tenant, ReportMail, "next_at <= $2 order by next_at limit $3", now, MOST)
        told = 0
        for mail in due:
            after = next_time(mail.every, mail.weekday, mail.hour, await self.zone(tenant), now)
            of = f"{mail.id.hex()}/{mail.next_at.timestamp():.0f}"
            id = derived_id(mail.id, of)
            [claimed] = await self.intake.append(
                tenant, [New(id, now, mail.id, ReportMailed(mail.id, after), source=SOURCE, source_id=of)]
            )
            if not claimed:
                continue
            try:
                told += bool(await self.tell(tenant, mail))
            except Exception as error:
                log.warning("mails.not_told", tenant=tenant, error=repr(error)[:200])
        return told
