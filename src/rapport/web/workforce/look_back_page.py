"""How good the forecast is and what it says of the next days, as a page and by API."""

import asyncio
from datetime import timedelta

import msgspec
from litestar import MediaType, Response, get

from rapport.errors import BadInput
from rapport.web.desk.page import seated
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs, office_of
from rapport.web.workforce.ahead import LookBackPage, looked_back
from rapport.web.workforce.intraday import series_of
from rapport.web.workforce.page import one_at_a_time, read_workforce
from rapport.workforce.series import Series

SEE = needs("wallboard.read")


@get("/workforce/look-back", opt=SEE, include_in_schema=False)
async def look_back(request: AnyRequest) -> Response[str]:
    """The page; where the history is too short it says what is missing."""
    try:
        page = await _looked(request)
    except BadInput as short:
        page = LookBackPage(0, (), (), (), (), lacks=str(short))
    return await render(request, "look_back.html", page)


@get(
    "/api/workforce/look-back",
    opt=SEE | {"gives": LookBackPage, "says": "The next days' forecast, and how good those of the past days would have been"},
)
async def look_back_said(request: AnyRequest) -> Response[bytes]:
    """What the page shows. Raises BadInput where the history is too short."""
    return Response(msgspec.json.encode(await _looked(request)), media_type=MediaType.JSON)


async def _looked(request: AnyRequest) -> LookBackPage:
    async with seated(request) as seat:
        read = await read_workforce(seat)
    today = read.at.date()
    series = series_of(read.found, today)
    if not isinstance(series, Series):
        raise BadInput("three days of history are needed before there is anything to look back at")
    async with one_at_a_time(office_of(request)):
        return await asyncio.to_thread(looked_back, series, today - timedelta(days=1), read.drivers)


HANDLERS = [look_back, look_back_said]
