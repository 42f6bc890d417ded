"""What went wrong, as TaskRouter's programs read it: {code, message, more_info, status}."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from rapport import errors as e
from rapport.web.errors import answer_error
from rapport.web.security import AnyRequest, office_of
from rapport.web.taskrouter.asked import Stale

# status -> TaskRouter's code for it
CODES: Mapping[int, int] = {
    400: 20001,
    401: 20003,
    403: 20403,
    404: 20404,
    405: 20004,
    409: 20409,
    412: 20412,
    413: 20413,
    429: 20429,
    503: 20503,
}
_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (Stale, 412),
    (msgspec.MsgspecError, 400),
    (e.BadInput, 400),
    (e.NotAllowed, 403),
    (e.NotFound, 404),
    (e.Conflict, 409),
    (e.Overloaded, 503),
    (e.Unavailable, 503),
)
FAULT = 500


def status_of(error: Exception) -> int:
    """The status of an error's answer; 500 for a fault of ours."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), FAULT)


def answer_fault(request: AnyRequest, error: Exception) -> Response[Any]:
    """An error as an answer."""
    status = status_of(error)
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    if status == FAULT:
        answer_error(request, error)  # for the log; the asker learns nothing of the inside
        detail = "something broke on our side"
    headers: dict[str, str] = {}
    if status == 401:
        headers["www-authenticate"] = 'Basic realm="TaskRouter"'
    if isinstance(error, e.Overloaded):
        headers["retry-after"] = str(max(1, round(error.retry_after.total_seconds())))
    body = {
        "code": CODES.get(status, 20000 + status),
        "message": detail,
        "more_info": f"{office_of(request).public_url}/api",
        "status": status,
    }
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json", headers=headers)
