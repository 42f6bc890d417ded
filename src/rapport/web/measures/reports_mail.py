"""Reports by mail: whoever sees a report may be told of it every day or week; and what they are told of already."""

import os
from typing import Annotated, Any
from urllib.parse import parse_qsl

import asyncpg
import msgspec
from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, NotFound
from rapport.ledger.tables import read_where
from rapport.model.fact import ReportMailSet
from rapport.model.ids import named_id, read_id
from rapport.model.report_mail import ReportMail, next_time
from rapport.web.centre_now import centre_now
from rapport.web.going import go
from rapport.web.languages import zone_named
from rapport.web.measures.reports_asked import wanted_of
from rapport.web.security import AnyRequest, current, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
SEE = needs("reports.read")
MOST = 10  # for one person


class MailShown(msgspec.Struct, frozen=True):
    """One report that somebody is told of. `told`: what it shows, as the page names it."""

    mail: ReportMail
    period: str
    by: str


async def mails_of(db: asyncpg.Connection, tenant: int, agent: str) -> tuple[MailShown, ...]:
    """What an agent is told of, in the order of what comes next."""
    found = await read_where(db, tenant, ReportMail, "agent = $2 order by next_at", agent)
    said = [(mail, dict(parse_qsl(mail.query, keep_blank_values=True))) for mail in found]
    return tuple(MailShown(mail, query.get("period", "28"), query.get("by", "team")) for mail, query in said)


async def set_mail(request: AnyRequest, query: str, every: str, weekday: str, hour: str) -> MailShown:
    """Note that whoever asks is told of a report. Raises BadInput where it makes no sense, or they have too many."""
    office, who = office_of(request), current(request)
    now, zone = office.clock.now(), zone_named((await centre_now(office, who.tenant)).profile.zone)
    wanted = wanted_of(dict(parse_qsl(query[:2_000], keep_blank_values=True)), now, zone)
    if not wanted.period:
        raise BadInput("a report by mail is about the last days, as of the last 7; choose such a period first")
    if every not in ("day", "week"):
        raise BadInput(f"a report is sent every day or week, got {every[:20]!r}")
    day, at_hour = _number(weekday, 6), _number(hour, 23)
    async with office.store.within(who.tenant, readonly=True) as db:
        if len(await mails_of(db, who.tenant, who.agent)) >= MOST:
            raise BadInput(f"one person gets at most {MOST} reports by mail; stop one of them first")
    id = named_id(now, "report mail", who.agent, os.urandom(8))
    at = next_time(every, day, at_hour, zone, now)
    await office.intake.record(who.tenant, [ReportMailSet(id, who.agent, wanted.query(), every, day, at_hour, at)])
    return MailShown(ReportMail(id, who.agent, wanted.query(), every, day, at_hour, at), wanted.period, wanted.by)


async def stop_mail(request: AnyRequest, id: str) -> MailShown:
    """Note that whoever asks is told of it no more. Raises NotFound where it is none of theirs."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        mine = [one for one in await mails_of(db, who.tenant, who.agent) if one.mail.id == read_id(id)]
    if not mine:
        raise NotFound("there is no such report by mail of yours")
    await office.intake.record(who.tenant, [ReportMailSet(mine[0].mail.id, who.agent, stopped=True)])
    return mine[0]


@post("/reports/mail", opt=SEE, include_in_schema=False)
async def subscribe(request: AnyRequest, data: Form) -> Response[Any]:
    """Tell me of this report from now on."""
    made = await set_mail(
        request, data.get("query", ""), data.get("every", ""), data.get("weekday", "0"), data.get("hour", "8")
    )  # fmt: skip
    return go(f"/reports?{made.mail.query}#mails")


def _number(text: str, most: int) -> int:
    if len(text) > 2 or not text.isdecimal() or int(text) > most:
        raise BadInput(f"a day of the week or an hour is a number from 0 to {most}, got {text[:20]!r}")
    return int(text)


@post("/reports/mail/{id:str}/stop", opt=SEE, include_in_schema=False)
async def stop(request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    """Tell me of it no more."""
    await stop_mail(request, id)
    return go("/reports#mails")


HANDLERS = [subscribe, stop]
