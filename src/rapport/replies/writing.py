"""A text as a draft: the exact parts that the network would be given, and what the checks find."""

from collections.abc import Callable

from rapport.errors import BadInput, SendError
from rapport.ledger.views import Rows
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.fact import Deciding, Words
from rapport.model.message import ChannelKind, Reach
from rapport.model.person import Handle
from rapport.replies.approval import House
from rapport.replies.check import FindPersonal, Writing, check

Fit = Callable[[str, str, str, Reach, str], tuple[str, ...]]  # account, channel, text, reach, to


def written(
    words: Words, reach: Reach, conversation: Conversation, house: House, rows: Rows, *, fit: Fit, find_personal: FindPersonal
) -> Deciding:
    """What is to be decided of a text that somebody wrote in a conversation."""
    handle = rows.get(Handle, conversation.handle)
    parts: tuple[str, ...] = ()
    unfit = ""
    if words.text.strip():
        try:
            parts = fit(conversation.account, conversation.channel, words.text, reach, handle.name if handle else "")
        except (BadInput, SendError) as refusal:
            unfit = str(refusal)
    writing = Writing(
        text=words.text,
        parts=parts,
        reach=reach,
        asked_in=conversation.reach,
        unfit=unfit,
        banned=house.banned,
        links=links_of(rows.centre, conversation.account),
        last=_last(conversation),
    )
    findings = check(writing, find_personal, house.actions)
    return Deciding(words.text, parts, findings, subject=subject_of(words, conversation))


def links_of(centre: Centre, account: str) -> tuple[str, ...] | None:
    """The domains that a reply by this account may point to; None: the brand has no list."""
    known = centre.accounts.get(account)
    brand = centre.brands.get(known.brand) if known else None
    return brand.links if brand is not None and brand.links else None


def subject_of(words: Words, conversation: Conversation) -> str:
    """The subject of a reply: the writer's, else, by e-mail, the one it answers."""
    if words.subject or conversation.kind is not ChannelKind.EMAIL or not conversation.subject:
        return words.subject
    subject = conversation.subject
    return subject if subject.casefold().startswith("re:") else f"Re: {subject}"


def _last(conversation: Conversation) -> str:
    """How the last message began, when it was ours and nobody has written since."""
    is_ours = conversation.answered_at is not None and conversation.waiting_since is None and not conversation.unread
    return conversation.preview if is_ours else ""
