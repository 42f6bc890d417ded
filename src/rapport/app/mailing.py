"""How somebody is told of a report by mail: where it and its rows are, and no figure of it; whoever opens them signs in."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from rapport.access import logins
from rapport.access.roles import permissions_of
from rapport.app.house import House
from rapport.app.posting import Post
from rapport.errors import NotFound
from rapport.ledger.tables import read_rows
from rapport.model.centre import Profile, Thing, read_thing
from rapport.model.report_mail import ReportMail
from rapport.pipeline.mails import Telling

SUBJECT = {"es": "Su informe está listo", "en": "Your report is ready"}
TEXT = {
    "es": """El informe que pidió está aquí, con los datos hasta ahora:

{link}

Sus filas, una por conversación o por interacción:

{rows}

Para no recibirlo más: {stop}
""",
    "en": """The report that you asked for is here, with the figures up to now:

{link}

Its rows, one for each conversation or interaction:

{rows}

To get it no more: {stop}
""",
}
FILES = [f"rows.{ending}?table={table}" for ending in ("csv", "parquet") for table in ("talks", "works")]


def mailing(house: House, public_url: str, language: str, post: Post) -> Telling:
    """`tell(tenant, mail)`: the mailbox that sent it; "" where they may not see reports any more or there is no mailbox."""

    async def tell(tenant: int, mail: ReportMail) -> str:
        try:
            login = await logins.find_login(house.store, tenant, mail.agent)
        except NotFound:
            return ""
        if login.disabled or not login.email or "reports.read" not in permissions_of(login.role):
            return ""
        chosen = login.language or language
        page = f"{public_url}/reports"
        rows = "\n".join(f"{page}/{file}&{mail.query}" for file in FILES)
        text = TEXT.get(chosen, TEXT["en"]).format(link=f"{page}?{mail.query}", rows=rows, stop=f"{page}#mails")
        return await post(tenant, login.email, SUBJECT.get(chosen, SUBJECT["en"]), text)

    return tell


def zone_of(house: House) -> Callable[[int], Awaitable[ZoneInfo]]:
    """`zone(tenant)`: the clock of the centre."""

    async def zone(tenant: int) -> ZoneInfo:
        async with house.within(tenant) as db:
            found = await read_rows(db, tenant, Thing, ["centre/centre"])
        profile = read_thing("centre", found[0].body) if found else Profile()
        assert isinstance(profile, Profile)
        return ZoneInfo(profile.zone or "UTC")

    return zone
