"""Acting: what somebody does at a desk or by the API is appended, then we wait for what became of it."""

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from rapport.errors import BadInput, Conflict, NotAllowed
from rapport.model.fact import ACTIONS
from rapport.model.message import Media
from rapport.model.reply import Outcome
from rapport.web.office import Office
from rapport.web.security import Who

_OTHERS_NEED = {
    "approve": "approvals.decide",
    "return": "approvals.decide",
    "release": "held.release",
    "retry": "held.release",
    "retry_send": "held.release",
    "give_up": "held.release",
    "open_link": "links.open",
    "see": "sensitive.see",
    **dict.fromkeys(("watch", "whisper", "take_over", "assign", "give_back"), "console.act"),
    **dict.fromkeys(("set_presence", "change_today", "end_today", "answer_burst"), "console.act"),
    **dict.fromkeys(("decide_swap", "take_roster"), "schedule.decide"),
    "compare_reader": "readings.decide",
    **dict.fromkeys(("give_review", "leave_review"), "quality.review"),
    **dict.fromkeys(("draw_sample", "calibrate", "close_calibration", "answer_appeal"), "quality.decide"),
    **dict.fromkeys(("see_review", "appeal"), "self"),
}
OF_A_CONVERSATION = frozenset(
    {"accept", "decline", "take", "reply", "note", "approve", "return", "withdraw", "wrap_up", "close", "snooze", "reopen"}
    | {"begin_playbook", "leave_playbook", "move_playbook", "do_step", "undo_step", "task", "do_task"}
    | {
        "transfer",
        "read",
        "label",
        "unlabel",
        "prioritise",
        "merge",
        "unmerge",
        "split",
        "block",
        "unblock",
        "spam",
        "not_spam",
    }
    | {"correct", "seen_mentions", "unsend", "hand_over", "join", "leave", "lead", "call_back"}
    | {"watch", "whisper", "whisper_back", "seen_tellings", "take_over", "assign", "give_back"}
)
PATIENCE = 3.0  # seconds


def needed_for(do: str) -> str:
    """The permission that an action needs. Raises BadInput where there is no such action."""
    if do not in ACTIONS:
        raise BadInput(f"no action {do!r}; one of {', '.join(sorted(ACTIONS))}")
    return _OTHERS_NEED.get(do, "desk.write")


class Asked(TypedDict, total=False):
    """What an action needs beside its name; `ledger.intake.Intake.act` says what each is."""

    conversation: bytes | None
    offer: bytes | None
    draft: bytes | None
    outgoing: bytes | None
    message: bytes | None
    reach: str
    argument: str
    text: str
    subject: str
    reason: str
    values: Mapping[str, float | str | bool]
    files: Sequence[Media]


async def act(office: Office, who: Who, do: str, *, once: str = "", **asked: Unpack[Asked]) -> Outcome | None:
    """Do it, and say what became of it; None: it is on record and will be done. Raises NotAllowed, Conflict when refused."""
    need = needed_for(do)
    if not who.may(need):
        raise NotAllowed(
            f"{do!r} needs the permission {need!r}, which the role {who.role} has not; ask an administrator for it"
        )
    key = f"{who.agent}/{do}/{once}" if once else ""
    action = await office.intake.act(who.tenant, who.agent, do, once=key, **asked)
    outcome = await office.intake.outcome(who.tenant, action, PATIENCE)
    if outcome is not None and not outcome.ok:
        raise Conflict(outcome.reason)
    return outcome
