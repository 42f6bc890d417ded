"""Shifts as files: one agent's as a calendar by a signed link, and everybody's as CSV for a planner."""

import csv
import io

from litestar import Response, get
from litestar.params import FromPath

from rapport.access.logins import is_stopped
from rapport.access.shift_links import OVER, read_shift_link
from rapport.errors import BadInput
from rapport.matching.duty.legal import skills_of
from rapport.matching.duty.turns import show, turns_over
from rapport.web.centre_now import centre_now
from rapport.web.desk.page import seated
from rapport.web.languages import say, zone_named
from rapport.web.security import EVERYONE, AnyRequest, needs, office_of
from rapport.web.workforce.shifts_reading import everybodys
from rapport.workforce.icalendar import Event, calendar

AHEAD = 60  # days
COLUMNS = ("agent", "name", "team", "day", "begins", "ends", "zone", "begins_utc", "ends_utc", "hours", "skills")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV Injection, read 2026-11


@get("/shifts/feed/{link:str}", opt=EVERYONE, include_in_schema=False)
async def feed(request: AnyRequest, link: FromPath[str]) -> Response[bytes]:
    """An agent's own shifts of the next sixty days, for a calendar that subscribes. Raises BadInput where the link is over."""
    office = office_of(request)
    tenant, agent = read_shift_link(link.removesuffix(".ics"), key=office.key)
    centre = await centre_now(office, tenant)
    known = centre.agents.get(agent)
    if known is None or await is_stopped(office.store, tenant, agent):
        raise BadInput(OVER)
    now, language = office.clock.now(), next(iter(centre.profile.languages), "en")
    today = now.astimezone(zone_named(known.timezone or centre.profile.zone)).date()
    what = say(language, "Shift")
    events = [
        Event(
            f"{turn.day}-{turn.start}-{agent}@{tenant}.rapport",
            turn.begins,
            turn.ends,
            f"{what} · {centre.profile.name}".strip(" ·"),
        )
        for turn in turns_over(known, centre, today, AHEAD)
    ]
    body = calendar(f"{what} · {known.name or agent}", events, now)
    headers = {"content-disposition": "inline; filename=shifts.ics", "cache-control": "private, max-age=300"}
    return Response(body, media_type="text/calendar; charset=utf-8", headers={**headers, "referrer-policy": "no-referrer"})


@get("/workforce/shifts.csv", opt=needs("schedule.decide"), include_in_schema=False)
async def shifts_csv(request: AnyRequest) -> Response[bytes]:
    """Everybody's shifts of the next days, `days` of them, a line each. Raises BadInput."""
    asked = request.query_params.get("days", "28")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 2 and 0 < int(asked) <= 92):
        raise BadInput(f"days must be a number from 1 to 92, got {asked[:20]!r}")
    async with seated(request) as seat:
        found = everybodys(seat, int(asked))
        zone = seat.centre.profile.zone
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for agent, turn in found:
        skills = ";".join(sorted(skills_of(agent)))
        at = (turn.day.isoformat(), show(turn.start), show(turn.end), agent.timezone or zone)
        times = (f"{turn.begins:%Y-%m-%dT%H:%M:%SZ}", f"{turn.ends:%Y-%m-%dT%H:%M:%SZ}", f"{turn.hours:g}")
        lines.writerow([_harmless(cell) for cell in (agent.id, agent.name, agent.team, *at, *times, skills)])
    headers = {"content-disposition": "attachment; filename=shifts.csv", "cache-control": "no-store"}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


HANDLERS = [feed, shifts_csv]
