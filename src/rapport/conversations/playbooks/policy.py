"""What the policies say of playbooks, and what keeps a conversation from its end."""

from rapport.conversations.playbooks.editions import playbook_of
from rapport.conversations.playbooks.progress import missed
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation
from rapport.model.playbook import Run


def forbids_straying(conversation: Conversation, agent: str, rows: Rows) -> bool:
    """Whether a policy that holds here forbids to leave out or skip a required step."""
    known = rows.centre.agents.get(agent)
    team = known.team if known else ""
    here = {conversation.channel, conversation.kind.value, conversation.account}
    return any(
        policy.playbooks == "forbid"
        and (not policy.teams or team in policy.teams)
        and (not policy.channels or bool(here & set(policy.channels)))
        for policy in rows.centre.policies.values()
    )


def keeps_open(conversation: Conversation, agent: str, rows: Rows) -> str:
    """Why a conversation cannot be closed yet: the policy asks for steps that are open; "" where it can."""
    run = rows.get(Run, conversation.id)
    if run is None or run.ended_at is not None or not forbids_straying(conversation, agent, rows):
        return ""
    book = playbook_of(run, rows)
    steps = missed(book, run) if book else ()
    return f"The policy asks for these steps first: {', '.join(steps)}." if steps else ""
