"""What X lets us say to whom, in how many parts, and for how much."""

from collections.abc import Sequence

from rapport.channels.channel import Capabilities, Eligibility, Exchange, Fitted, Idempotency, Op, Price, Unit, Wording
from rapport.channels.limits import Limits
from rapport.channels.splitting import split
from rapport.channels.x.parse import DIRECT, IMPLIED
from rapport.channels.x.text import cashtags, composed, has_link, length
from rapport.model.message import ChannelKind, Reach

LIKES, HIDES = frozenset({Op.REACT, Op.UNREACT}), frozenset({Op.HIDE, Op.UNHIDE})
CANNOT = Eligibility(False, Wording("Esta cuenta no puede hacerlo.", "This account cannot do it."))
_NOT_IN_PUBLIC = Wording("A un mensaje directo no se le responde en público.", "A direct message is not answered in public.")
_NOT_CALLED = Wording("X solo deja responder a quien nos mencionó o citó.", "X lets us answer only who mentioned or quoted us.")
_PERHAPS = Wording(
    "La persona no escribió nuestro nombre: X puede rechazar la respuesta.",
    "The person did not write our name: X may refuse the answer.",
)
_ONE_CASHTAG = Wording("X rechaza más de un símbolo ($) por publicación.", "X refuses more than one cashtag in a post.")


def capabilities(limits: Limits, direct: bool, self_serve: bool, long_posts: bool) -> Capabilities:
    """Where there are direct messages nothing is promised of a second sending; a post's duplicate X refuses.

    Likes X took from who pays by use (2026-04-20); an answer to somebody else it lets nobody edit.
    """
    ops = HIDES | {Op.REPLY, Op.DELETE} | ({Op.SEND_DIRECT} if direct else set()) | (set() if self_serve else LIKES)
    return Capabilities(
        kind=ChannelKind.SOCIAL,
        reaches=frozenset(Reach if direct else {Reach.PUBLIC}),
        text_limit=limits.lengths["long"] if long_posts else limits.text_limit,
        unit=limits.unit,
        idempotency=Idempotency.NONE if direct else Idempotency.NATURAL,
        can_locate=True,
        poll=limits.poll,
        ops=frozenset(ops),
        deletes_seen=False,
        media=limits.media,
        only=dict.fromkeys(LIKES | HIDES, Reach.PUBLIC),
        one_sign=frozenset(Reach),
    )


def eligible(exchange: Exchange, *, self_serve: bool) -> Eligibility:
    """A self-serve customer answers in public only who mentioned or quoted us; a direct message has no window."""
    if exchange.reach is Reach.PRIVATE:
        return Eligibility(True)
    if exchange.key.startswith(DIRECT):
        return Eligibility(False, _NOT_IN_PUBLIC)
    if self_serve and exchange.heard_at is None:
        return Eligibility(False, _NOT_CALLED)
    return Eligibility(True, _PERHAPS if self_serve and exchange.key.startswith(IMPLIED) else None)


def fit_direct(text: str, limits: Limits) -> Fitted:
    """A direct message, in parts of the network's length, with its price."""
    limit = limits.lengths["direct"]
    parts = tuple(split(composed(text), limit))
    return Fitted(parts, limit, Unit.CHARS, _how_many(parts), _cost(limits, ["send"] * len(parts)))


def fit_post(text: str, limit: int, limits: Limits, *, self_serve: bool) -> Fitted:
    """Posts of at most `limit` as X counts, with their price; none where X would refuse one."""
    parts = tuple(split(composed(text), limit, length))
    if self_serve and max((cashtags(part) for part in parts), default=0) > 1:
        return Fitted((), limit, limits.unit, (_ONE_CASHTAG,))
    return Fitted(parts, limit, limits.unit, _how_many(parts), _cost(limits, [price(part) for part in parts]))


def price(text: str) -> str:
    """The name of what a post costs: with an address in it, twenty times as much."""
    return "link" if has_link(text) else "answer"


def _cost(limits: Limits, names: Sequence[str]) -> Price | None:
    prices = [limits.prices[name] for name in names]
    return Price(round(sum(price.amount for price in prices), 4), prices[0].currency) if prices else None


def _how_many(parts: Sequence[str]) -> tuple[Wording, ...]:
    many = Wording(f"Sale en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
    return (many,) if len(parts) > 1 else ()
