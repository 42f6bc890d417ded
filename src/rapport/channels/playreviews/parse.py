"""A review of Google Play. Pure, and total."""

from datetime import UTC, datetime

import msgspec

from rapport.channels.reviews import Review


class Moment(msgspec.Struct, frozen=True):
    """A time as Google writes it in JSON: seconds as text, and billionths."""

    seconds: str | int = 0
    nanos: int = 0

    @property
    def at(self) -> datetime | None:
        """The time; None where it is none."""
        try:
            return datetime.fromtimestamp(int(self.seconds) + self.nanos / 1e9, UTC)
        except (ValueError, OverflowError, OSError):
            return None


class _User(msgspec.Struct, frozen=True, rename="camel"):
    text: str = ""
    original_text: str = ""
    last_modified: Moment = Moment()
    star_rating: int = 0


class _Developer(msgspec.Struct, frozen=True, rename="camel"):
    text: str = ""
    last_modified: Moment = Moment()


class _Comment(msgspec.Struct, frozen=True, rename="camel"):
    user_comment: _User | None = None
    developer_comment: _Developer | None = None


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    review_id: str
    author_name: str = ""
    comments: tuple[_Comment, ...] = ()


_decoder = msgspec.json.Decoder(_Told)


def review_in(raw: bytes) -> Review | str:
    """The review, or why it is none."""
    try:
        told = _decoder.decode(raw)
    except RecursionError:
        return "it is nested too deeply"
    except (msgspec.MsgspecError, ValueError) as error:
        return f"it is no review of Google Play: {error}"
    users = [one.user_comment for one in told.comments if one.user_comment is not None]
    if not users or not told.review_id:
        return "it is no review of Google Play: nobody says anything in it"
    user = users[0]
    ours = next((one.developer_comment for one in told.comments if one.developer_comment is not None), _Developer())
    title, tab, body = (user.original_text or user.text).partition("\t")
    return Review(
        id=told.review_id,
        stars=user.star_rating,
        text=body if tab else title,
        at=user.last_modified.at,
        author=told.author_name,
        title=title if tab else "",
        answer=ours.text,
        answered_at=ours.last_modified.at if ours.text else None,
    )
