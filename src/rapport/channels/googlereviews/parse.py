"""A review of Google's Business Profile (v4). Pure, and total."""

from datetime import datetime

import msgspec

from rapport.channels.reviews import Review
from rapport.model.news import Delivery

STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
STATES = {"PENDING": Delivery.ACCEPTED, "APPROVED": Delivery.DELIVERED, "REJECTED": Delivery.FAILED}
TRANSLATED, ORIGINAL = "(Translated by Google)", "(Original)"


class _Reviewer(msgspec.Struct, frozen=True, rename="camel"):
    display_name: str = ""
    is_anonymous: bool = False


class _Reply(msgspec.Struct, frozen=True, rename="camel"):
    comment: str = ""
    update_time: datetime | None = None
    review_reply_state: str = ""
    policy_violation: str = ""


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    review_id: str = ""
    reviewer: _Reviewer = _Reviewer()
    star_rating: str = ""
    comment: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    review_reply: _Reply | None = None


_decoder = msgspec.json.Decoder(_Told)


def review_in(raw: bytes) -> Review | str:
    """The review, or why it is none."""
    try:
        told = _decoder.decode(raw)
    except RecursionError:
        return "it is nested too deeply"
    except (msgspec.MsgspecError, ValueError) as error:
        return f"it is no review of Google: {error}"
    if not told.review_id:
        return "it is no review of Google: it has no reviewId"
    reply = told.review_reply or _Reply()
    return Review(
        id=told.review_id,
        stars=STARS.get(told.star_rating, 0),
        text=as_written(told.comment),
        at=told.create_time,
        author="" if told.reviewer.is_anonymous else told.reviewer.display_name,
        changed_at=told.update_time,
        answer=reply.comment,
        answered_at=reply.update_time,
        state=STATES.get(reply.review_reply_state),
        reason=reply.policy_violation,
    )


def as_written(comment: str) -> str:
    """The person's own words: Google puts a translation before or after them."""
    before, mark, after = comment.partition(TRANSLATED)
    if not mark:
        return comment
    return after.partition(ORIGINAL)[2].strip() or before.strip() or after.strip()
