"""A text as a draft: the exact parts that the network would be given, and what the checks find."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rapport.errors import BadInput, SendError
from rapport.ledger.views import Rows
from rapport.model.agent import Agent
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.fact import Deciding, Words
from rapport.model.message import ChannelKind, Media, Reach
from rapport.model.person import Handle, Person
from rapport.model.reply import Carried
from rapport.replies.approval import House, Occasion
from rapport.replies.check import FindPersonal, Writing, check
from rapport.replies.eligibility import May, anything
from rapport.replies.record import Record, brand_of, known_to, recorded, zone_of
from rapport.replies.signing import signed

Fit = Callable[[str, str, str, Reach, str], tuple[str, ...]]  # account, channel, text, reach, to
Carry = Callable[[str, str, str, Reach, str, tuple[Media, ...], datetime], Carried]  # as Fit; files, now
ReadLanguage = Callable[[str], str]
MOST_ALLOWED = 200  # texts of the house in which a promise may stand


def no_language(text: str) -> str:
    """Where nobody can tell a language."""
    return ""


def no_files(account: str, channel: str, text: str, reach: Reach, to: str, files: tuple[Media, ...], now: datetime) -> Carried:
    """Where no file can go out. Raises BadInput."""
    raise BadInput("No file can be sent from here; put it where the person can fetch it, and write the address.")


@dataclass(frozen=True, slots=True)
class Judges:
    """What the stage is handed: the parts that a network would be given, finders, the network's rules, and how files go."""

    fit: Fit
    find_personal: FindPersonal
    may: May = anything
    language: ReadLanguage = no_language
    carry: Carry = no_files
    ours: str = ""  # where the house's own public pages begin

    def carried(
        self, conversation: Conversation, text: str, reach: Reach, to: str, files: tuple[Media, ...], now: datetime
    ) -> Carried:
        """The parts of a text with its files. Raises BadInput or SendError."""
        account, channel = conversation.account, conversation.channel
        if files:
            return self.carry(account, channel, text, reach, to, files, now)
        return Carried(self.fit(account, channel, text, reach, to))


def written(
    words: Words, reach: Reach, conversation: Conversation, house: House, rows: Rows, judges: Judges, agent: Agent | None
) -> Deciding:
    """What is to be decided of a text that somebody wrote in a conversation."""
    handle, person = rows.get(Handle, conversation.handle), rows.get(Person, conversation.person)
    speaks = conversation.language or (person.language if person else "")
    carried, unfit = Carried(()), ""
    if words.text.strip() or words.files:
        channel, kind = conversation.channel, conversation.kind.value
        text = signed(words.text, rows.centre, agent, conversation.account, channel, kind, speaks)
        try:
            carried = judges.carried(conversation, text, reach, handle.name if handle else "", words.files, rows.now)
        except (BadInput, SendError) as refusal:
            unfit = str(refusal)
    known = known_to(rows, conversation)
    record = recorded(known, conversation, words.text, rows.centre, rows.now, house.look_back, judges.find_personal)
    writing = writing_of(
        words.text, carried, reach, conversation, house, rows.centre, record, unfit=unfit, now=rows.now, speaks=speaks,
        language=judges.language(words.text), files=words.files, ours=judges.ours,
    )  # fmt: skip
    findings = check(writing, judges.find_personal, house.actions)
    subject = subject_of(words, conversation)
    return Deciding(words.text, carried.parts, findings, subject=subject, files=words.files, carried=carried.files)


def writing_of(
    text: str, carried: Carried, reach: Reach, conversation: Conversation, house: House, centre: Centre, record: Record,
    *, unfit: str, now: datetime, speaks: str, language: str, window: str = "", files: tuple[Media, ...] = (),
    ours: str = "",
) -> Writing:  # fmt: skip
    """A text with all that it is judged with."""
    own, others = names_of_brands(centre, conversation.account)
    return Writing(
        text=text,
        parts=carried.parts,
        reach=reach,
        asked_in=conversation.reach,
        unfit=unfit,
        banned=house.banned,
        links=links_of(centre, conversation.account),
        ours=ours,
        last=" ".join(text.split()) if record.repeated else _last(conversation),
        own=own,
        others=others,
        language=language[:2],
        speaks=speaks[:2],
        allowed=(*house.may_promise, *house_texts(centre, conversation.intent)),
        refund_limit=house.refund_limit,
        told=record.told,
        given=record.given,
        again=record.again,
        today=now.astimezone(zone_of(centre)).date(),
        window=window,
        files=len(files),
        undescribed=sum(carried.described and is_picture(file) and not file.alt.strip() for file in files),
    )


def is_picture(file: Media) -> bool:
    """Whether a file is shown as a picture."""
    return file.type.startswith("image/")


def occasion_of(agent: Agent | None, reach: Reach, conversation: Conversation, deciding: Deciding, rows: Rows) -> Occasion:
    """What decides who must see a draft."""
    person = rows.get(Person, conversation.person)
    heard = "\n".join(m.text for m in known_to(rows, conversation).messages if m.direction == "in")[-5_000:]
    return Occasion(agent, reach, conversation, deciding.findings, deciding.edited or deciding.text, person, heard)


def names_of_brands(centre: Centre, account: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what the account's brand is called, what the others are called); without a brand nobody is another."""
    mine = brand_of(centre, account)
    if not mine or mine not in centre.brands:
        return (), ()
    called = {
        brand.id: tuple(name for name in (brand.name or brand.id, *brand.also) if name) for brand in centre.brands.values()
    }
    handles = [(a.brand, a.settings.get("handle", "") or a.settings.get("address", "")) for a in centre.accounts.values()]
    others = [name for id, names in called.items() if id != mine for name in names]
    others += [handle for brand, handle in handles if handle and brand and brand != mine]
    return called[mine], tuple(others)


def house_texts(centre: Centre, intent: str) -> tuple[str, ...]:
    """What the house itself wrote for an intent: saved replies and playbooks. What stands there may be promised."""
    found = [text for reply in centre.replies.values() if reply.intent in ("", intent) for text in reply.texts.values()]
    playbooks = (playbook for playbook in centre.playbooks.values() if playbook.intent in ("", intent))
    found += [text for playbook in playbooks for step in playbook.steps for text in step.text.values()]
    return tuple(found[:MOST_ALLOWED])


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
