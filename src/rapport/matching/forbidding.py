"""What is never put to an agent, and what becomes of it when they take it themselves: refused or on record, as policies say."""

from rapport.ledger.views import Rows
from rapport.matching.memory import remember
from rapport.matching.plan import plan_called
from rapport.matching.seating import ask_of
from rapport.matching.strain import policies_of
from rapport.model.conversation import Conversation
from rapport.model.need import Need

REFUSED = "never: a rule keeps this conversation from you; ask a supervisor to put it to somebody."


def is_never(need: Need, to: str, rows: Rows) -> bool:
    """Whether a forbidden combination stands between a need and an agent."""
    memory = remember(rows)
    wants, roster = memory.wants_of(need, rows), memory.standing.roster
    if wants is None or not roster.exclusions or to not in roster.place:
        return False
    ask = ask_of(plan_called(rows.centre, need.plan, need.slot), need.step, need, wants, memory.standing, ())
    return bool(roster.excluded(wants.record_with(ask.values))[roster.place[to]])


def stepped_over(conversation: Conversation, agent: str, rows: Rows) -> tuple[bool, str]:
    """Whether an agent who takes a conversation from somebody steps over a rule, and why they may not ("" where they may)."""
    need = rows.get(Need, conversation.id)
    need = need or Need(conversation.id, "", conversation.waiting_since or rows.now, slot=str(conversation.kind))
    crosses = is_never(need, agent, rows)
    return crosses, REFUSED if crosses and refuses_taking(conversation, agent, rows) else ""


def refuses_taking(conversation: Conversation, agent: str, rows: Rows) -> bool:
    """Whether a policy that holds here refuses what the other policies put on record alone."""
    here, known = {conversation.channel, conversation.kind.value, conversation.account}, rows.centre.agents.get(agent)
    return known is not None and any(
        policy.taking == "refuse" and (not policy.channels or bool(here & set(policy.channels)))
        for policy in policies_of(known, rows.centre)
    )
