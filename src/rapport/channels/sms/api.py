"""Asking Kannel to send, and what each kind of silence or refusal means."""

from dataclasses import dataclass

import httpx

from rapport.channels.json_api import NOTHING_SENT
from rapport.channels.units import is_gsm
from rapport.errors import OutcomeUnknown, Refused, Unavailable

TIMEOUT = 10.0  # seconds
REPORTS = "31"  # every kind of delivery report
GSM, UCS2 = "0", "2"


@dataclass(frozen=True, slots=True)
class Kannel:
    """One user of one smsbox. `number`: the sender that people see. `url`: of sendsms, with its path."""

    http: httpx.AsyncClient
    url: str
    user: str
    password: str
    number: str
    timeout: float = TIMEOUT

    async def send(self, to: str, text: str, report_to: str) -> None:
        """Give a text to the gateway; `report_to`: the address that is told how far it has come, "": nobody is.

        Raises:
            Refused: it never will take it.
            Unavailable: it may later; it has not taken it.
            OutcomeUnknown: it may have taken it.
        """
        headers = {"X-Kannel-To": to, "X-Kannel-Coding": GSM if is_gsm(text) else UCS2}
        if report_to:
            headers |= {"X-Kannel-DLR-Mask": REPORTS, "X-Kannel-DLR-Url": report_to}
        response = await self._ask(headers, text)
        if response.status_code == 202:
            return
        words = f"the gateway answers {response.status_code}: {' '.join(response.text.split())[:200]}"
        if response.status_code in (429, 503):
            raise Unavailable(words)
        if response.status_code in (200, 408) or response.status_code >= 500:
            raise OutcomeUnknown(f"{words}; it may have taken it")
        raise Refused(words)

    async def check(self) -> None:
        """Ask for something that cannot be sent, for it names nobody: the gateway looks at name and password first.

        Raises:
            Refused: it does not know this user.
            Unavailable: it cannot be asked.
        """
        try:
            response = await self._ask({}, "")
        except OutcomeUnknown as error:
            raise Unavailable(str(error)) from error
        if response.status_code in (401, 403, 404):
            raise Refused(f"the gateway answers {response.status_code}: {' '.join(response.text.split())[:200]}")
        if response.status_code != 400:
            raise Unavailable(f"the gateway answers {response.status_code}")

    async def _ask(self, headers: dict[str, str], text: str) -> httpx.Response:
        who = {"X-Kannel-Username": self.user, "X-Kannel-Password": self.password, "X-Kannel-From": self.number}
        # in headers: what stands in the address, the gateway writes into its log; and a fresh line each time
        told = who | {"Content-Type": "text/plain; charset=UTF-8", "Connection": "close"} | headers
        try:
            return await self.http.post(self.url, content=text.encode(), headers=told, timeout=self.timeout)
        except NOTHING_SENT as error:
            raise Unavailable(f"the gateway cannot be reached: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the gateway did not answer: {type(error).__name__}; it may have taken it") from error
