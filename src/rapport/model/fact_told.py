"""Facts from outside the pipeline, numbers 1 to 31: a network, a desk, another department or the outbox told us."""

from datetime import datetime

from rapport.model.fact_kind import EventData, Fact, PersonData, RawBytes, Words
from rapport.model.ids import Id
from rapport.model.message import ChannelKind, Reach, Said


class MessageReceived(Fact, frozen=True):
    """A network gave us a message."""

    number = 1
    content_type = Said
    message: Id
    handle: Id
    account: str
    channel: str
    kind: ChannelKind
    reach: Reach
    key: str
    said_at: datetime
    thread: str = ""
    in_reply_to: str = ""
    automatic: bool = False  # a machine wrote it


class MessageUnreadable(Fact, frozen=True):
    """A network gave us something that cannot be read; the bytes are kept."""

    number = 2
    content_type = RawBytes
    message: Id
    handle: Id
    account: str
    channel: str
    kind: ChannelKind
    key: str


class JourneyEventSeen(Fact, frozen=True):
    """Another department wrote what happened between a person and them."""

    number = 3
    content_type = EventData
    event: Id
    handle: Id
    kind: str
    source: str
    happened_at: datetime


class PersonDeclared(Fact, frozen=True):
    """Somebody told us of a person: handles that are theirs, attributes."""

    number = 4
    content_type = PersonData
    handle: Id
    handles: tuple[Id, ...] = ()
    source: str = ""
    file: Id | None = None  # that was brought in and said so first


class ActionTaken(Fact, frozen=True):
    """Somebody at a desk did something. `do` is one of ACTIONS; the outcome is ActionDone or ActionRefused.

    `reach` "" means: as the conversation. `argument` is a disposition, an agent or team, a presence or a time, as `do` asks.
    """

    number = 5
    content_type = Words
    action: Id
    agent: str
    do: str
    conversation: Id | None = None
    offer: Id | None = None
    draft: Id | None = None
    reach: str = ""
    argument: str = ""
    handle: Id | None = None
    outgoing: Id | None = None
    message: Id | None = None


class MessageSent(Fact, frozen=True):
    """The network took one part and calls it `key`."""

    number = 6
    outgoing: Id
    key: str
    sent_at: datetime
    located: bool = False  # found by asking the network, not from its answer
    account: str = ""
    attempt: int = 0


class SendRefused(Fact, frozen=True):
    """The network never will take it."""

    number = 7
    content_type = Words
    outgoing: Id
    attempt: int


class SendPutOff(Fact, frozen=True):
    """The network may take it later."""

    number = 8
    content_type = Words
    outgoing: Id
    attempt: int
    not_before: datetime


class SendUnknown(Fact, frozen=True):
    """Nobody can say whether the network took it: a person decides."""

    number = 9
    content_type = Words
    outgoing: Id
    attempt: int


class CentreSet(Fact, frozen=True):
    """A piece of the centre was set: an agent, plan, playbook, reply, policy, account, brand. `body` is its JSON."""

    number = 10
    thing: str
    name: str
    body: bytes
    by: str = ""


class CentreRemoved(Fact, frozen=True):
    """A piece of the centre was removed."""

    number = 11
    thing: str
    name: str
    by: str = ""


class AgentInvited(Fact, frozen=True):
    """Somebody was invited to log in, by a link that works until then. `account`: that sent it by e-mail, "" for none."""

    number = 12
    agent: str
    role: str
    by: str
    until: datetime
    account: str = ""


class InvitationWithdrawn(Fact, frozen=True):
    """An invitation was taken back before anybody used it."""

    number = 13
    agent: str
    by: str


class InvitationTaken(Fact, frozen=True):
    """Whoever was invited has chosen a password."""

    number = 14
    agent: str


ACTIONS = frozenset(
    {
        "accept",  # offer
        "decline",  # offer
        "take",  # conversation: an agent picks it up unasked
        "reply",  # conversation, text, reach
        "note",  # conversation, text
        "approve",  # draft, text when edited
        "return",  # draft, reason as text
        "withdraw",  # draft, by its author
        "wrap_up",  # conversation, argument: disposition; the issue stays resolved
        "close",  # conversation, argument: disposition; without an interaction
        "snooze",  # conversation, argument: ISO time
        "reopen",  # conversation
        "transfer",  # conversation, argument: agent or team; "" to whoever fits best
        "read",  # conversation: its agent has seen it
        "go_online",
        "go_away",
        "go_busy",
        "go_offline",
        "release",  # a held message (conversation holds the message id) or an incident
        "retry",  # an entry set aside
        "retry_send",  # an outgoing part whose outcome is unknown: send it again
        "give_up",  # an outgoing part whose outcome is unknown: leave it
        "moderate",  # message, conversation, argument: hide, unhide, delete, edit, react, unreact; text: a new text or a sign
        "call",  # conversation, argument: one of `calls.acting.DOINGS`, and to whom where it asks
        "unsend",  # conversation, draft or message: take back what has not left
        "hand_over",  # conversation, argument: agent, team or agreement:NAME; reason
        "join",  # conversation, argument: an agent, "" for oneself
        "leave",  # conversation, argument: an agent, "" for oneself
        "lead",  # conversation, argument: who leads from now on
        "call_back",  # conversation, argument: ISO time or "", text: the number
        "answer_back",  # conversation, argument: an agreement; what another centre answered
        "see",  # conversation, argument: names of sensitive attributes, reason
        "label",  # conversation, argument: labels, with commas between them; likewise unlabel
        "unlabel",
        "prioritise",  # conversation, argument: low, normal, high or urgent
        "seen_mentions",  # conversation: its agent has looked at the notes that name them
        "merge",  # conversation, argument: the id of the one in which it goes on; unmerge takes it back
        "unmerge",
        "split",  # conversation, message: from there on it is a conversation of its own; argument "one": that one alone
        "block",  # conversation: what its handle says is held from now on; unblock takes it back
        "unblock",
        "spam",  # conversation: block and resolve; not_spam takes both back
        "not_spam",
        "forward_offer",  # offer, argument: the account that sent it to its agent's own address
        "tell_approver",  # draft, argument: the account that told its approver, who is not at their desk
        "begin_playbook",  # conversation, argument: the playbook
        "leave_playbook",  # conversation
        "move_playbook",  # conversation: to the newest version
        "do_step",  # conversation, argument: the step; values: what its fields hold
        "undo_step",  # conversation, argument: the step
        "task",  # conversation, argument: an agent or team, text
        "do_task",  # conversation, argument: the task
        "called",  # conversation, argument: a call, its last status, how often it was tried; by the loop that makes calls
        "watch",  # conversation: a supervisor reads along
        "whisper",  # conversation, text: to whoever has it alone
        "whisper_back",  # conversation, argument: the telling that it answers, text
        "seen_tellings",  # conversation, argument: tellings that their agent has seen, with commas between them
        "take_over",  # conversation, reason: a supervisor has it from now on
        "assign",  # conversation, argument: an agent to whom it is put out of turn, reason
        "give_back",  # conversation, argument: an agent who had it and has it again, without an offer
        "set_presence",  # argument: an agent and a presence, as `ana away`
        "answer_burst",  # argument: JSON of burst and step
        "ask_swap",  # argument: JSON of `matching.duty.swapping.Wanted`
        "answer_swap",  # argument: JSON of ask and do: agree, decline, withdraw
        "decide_swap",  # argument: JSON of ask, do (approve, refuse) and why; a planner does
        "take_roster",  # argument: JSON of `matching.duty.rostering.Rostered`; a planner does
        "change_today",  # argument: JSON of thing, name, set, until, why
        "end_today",  # argument: a kind and a name, as `plan/by-skill`
        "correct",  # message, argument: intent: emotion: urgency: sentiment: spam:, each with its value, what the message is
        "compare_reader",  # argument: JSON of `model.correction.Figures`; by what taught a reader
        "suggested",  # conversation, message, argument: kind|model|instructions|hash; a text was suggested to its agent
        "merge_person",  # argument: two persons; they go on in the second. unmerge_person: one, who stands alone again
        "unmerge_person",
        "keep_apart",  # argument: two persons who look alike and are two
        "open_link",  # conversation, argument: the message's id, text: the address; somebody goes to a place outside
        "draw_sample",  # argument: the sample and JSON of `measures.quality.drawing.Draw`
        "calibrate",  # conversation, argument: JSON of `measures.quality.drawing.Session`
        "close_calibration",  # argument: what is reviewed
        "give_review",  # conversation, argument: what is reviewed and JSON of `Given`, text: to its agent, values: notes
        "leave_review",  # conversation, argument: what cannot be reviewed, reason
        "see_review",  # argument: a review; its agent has read it
        "appeal",  # conversation, argument: a review, text: why it is wrong
        "answer_appeal",  # conversation, argument: a review and kept or withdrawn, text: why
    }
)
