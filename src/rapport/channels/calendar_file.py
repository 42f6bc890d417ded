"""A calendar by its address: asked by https alone, small, soon, from public addresses; each hop of a redirection likewise."""

import asyncio
from urllib.parse import urljoin

import httpx

from rapport.errors import BadInput, Unavailable
from rapport.model.calendar_address import calendar_address

LARGEST = 1024 * 1024  # bytes
SECONDS = 15.0
HOPS = 3


async def fetch_calendar(http: httpx.AsyncClient, address: str) -> bytes:
    """The calendar as it stands. `http`: a guarded client, as it is a person who names the address.

    Raises:
        BadInput: the address must be changed; says why.
        Unavailable: it may work later; says what happened.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _fetched(http, address)
    except TimeoutError:
        raise Unavailable(f"its server did not answer within {SECONDS:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unavailable(f"its server cannot be reached ({type(error).__name__})") from None


async def _fetched(http: httpx.AsyncClient, address: str) -> bytes:
    asked = {"accept": "text/calendar, */*;q=0.1", "accept-encoding": "identity"}
    for _ in range(HOPS + 1):
        async with http.stream("GET", calendar_address(address), headers=asked) as response:
            if response.is_redirect and response.headers.get("location"):
                address = urljoin(address, response.headers["location"])
                continue
            if response.status_code in (401, 403, 404, 410):
                said = f"its server answers {response.status_code}; make a new secret address in your calendar and set it here"
                raise BadInput(said)
            if response.status_code != 200:
                raise Unavailable(f"its server answers {response.status_code}")
            return await _bounded(response)
    raise BadInput(f"the address is passed on more than {HOPS} times")


async def _bounded(response: httpx.Response) -> bytes:
    data = bytearray()
    async for piece in response.aiter_raw():  # raw: nothing is unpacked, so nothing can swell
        data += piece
        if len(data) > LARGEST:
            raise BadInput("a calendar may have 1 MiB; share one with fewer events")
    return bytes(data)
