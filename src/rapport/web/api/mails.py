"""/api/mails: the reports that whoever asks is told of by mail, a new one, and its end, for programs."""

from datetime import datetime

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.model.ids import show_id
from rapport.web.measures.reports_mail import MailShown, mails_of, set_mail, stop_mail
from rapport.web.security import AnyRequest, current, needs, office_of

SEE = needs("reports.read")


class MailTold(msgspec.Struct, frozen=True):
    """A report by mail. `query`: the address of the report, as of /reports; `weekday`: 0 is Monday, of a weekly one."""

    id: str
    query: str
    every: str
    weekday: int
    hour: int
    next_at: datetime
    sent_at: datetime | None


class MailWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report to be told of every day or week, at an hour of the centre's clock. `query` such as period=7&by=team."""

    query: str
    every: str
    hour: int = 8
    weekday: int = 0


def _json(value: object, status: int = 200) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(value), status_code=status, media_type=MediaType.JSON, headers=headers)


def _told(one: MailShown) -> MailTold:
    mail = one.mail
    return MailTold(show_id(mail.id), mail.query, mail.every, mail.weekday, mail.hour, mail.next_at, mail.sent_at)


@get("/api/mails", opt=SEE | {"gives": list[MailTold], "says": "The reports that whoever asks is told of by mail"})
async def mails(request: AnyRequest) -> Response[bytes]:
    """One's own reports by mail, what comes next first."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        return _json([_told(one) for one in await mails_of(db, who.tenant, who.agent)])


@post("/api/mails", opt=SEE | {"takes": MailWanted, "gives": MailTold, "says": "Be told of a report by mail from now on"})
async def make(request: AnyRequest) -> Response[bytes]:
    """Be told of a report from now on."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    told = msgspec.json.decode(body, type=MailWanted)
    made = await set_mail(request, told.query, told.every, str(told.weekday), str(told.hour))
    return _json(_told(made), status=201)


@post("/api/mails/{id:str}/stop", status_code=200, opt=SEE | {"gives": MailTold, "says": "Be told of it no more"})
async def stop(request: AnyRequest, id: FromPath[str]) -> Response[bytes]:
    """Be told of it no more. Everybody stops their own."""
    return _json(_told(await stop_mail(request, id)))


HANDLERS = [mails, make, stop]
