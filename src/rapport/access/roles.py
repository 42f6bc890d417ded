"""Roles as data: what each may do. A route says which permission it needs; the page of routes and a test hold them together."""

PERMISSIONS: dict[str, str] = {
    "self": "change one's own language, presence and password",
    "desk.read": "see conversations, persons and their journeys",
    "desk.write": "take offers, write drafts and notes, wrap up",
    "sensitive.see": "see attributes that the centre marks sensitive, each time on record",
    "approvals.decide": "approve or return what somebody else wrote",
    "wallboard.read": "see how the centre is doing now",
    "reports.read": "see the measures of any period, and take their rows away",
    "polls.write": "put a poll to everybody, and end it",
    "quality.review": "review sampled conversations by a scorecard",
    "quality.decide": "draw samples, compare reviewers, answer appeals, see everybody's reviews",
    "stories.read": "read what conversations tell, with names masked, and where it stands",
    "stories.share": "keep stories, share them with departments, and hand in transcripts of calls",
    "links.open": "go to a place outside that a message names, each time on record",
    "console.act": "read along, whisper, take over, move people and needs, change plans for today",
    "schedule.decide": "approve swaps of shifts, see everybody's shifts and take them away as files",
    "held.release": "let held messages pass, retry what was set aside or not sent",
    "channels.read": "see how each channel fares",
    "centre.read": "see agents, plans, policies and accounts",
    "knowledge.write": "write, publish and withdraw articles",
    "centre.write": "change agents, plans, policies and accounts",
    "matching.decide": "choose how needs and agents are matched, and which learnt model serves",
    "readings.decide": "train a reader from the centre's labels, and choose which one serves",
    "logins.manage": "invite people who log in, and make API tokens",
    "ledger.read": "read the record and its checkpoint",
    "messages.write": "hand in messages of a channel of one's own",
    "events.write": "hand in journey events and what is known of persons",
    "context.read": "read a person's context",
    "people.rights": "export what is known of a person, erase it, hold it, and note what they agreed to",
}

_AGENT = frozenset({"self", "desk.read", "desk.write", "wallboard.read"})

ROLES: dict[str, frozenset[str]] = {
    "agent": _AGENT,
    "approver": _AGENT | {"approvals.decide"},
    "supervisor": _AGENT
    | {"approvals.decide", "links.open", "held.release", "channels.read", "centre.read", "context.read", "sensitive.see"}
    | {
        "knowledge.write",
        "console.act",
        "readings.decide",
        "people.rights",
        "reports.read",
        "stories.read",
        "stories.share",
        "schedule.decide",
    }
    | {"quality.review", "quality.decide", "polls.write"},
    "reviewer": frozenset({"self", "desk.read", "wallboard.read", "quality.review"}),
    "planner": frozenset({"self", "wallboard.read", "reports.read", "centre.read", "matching.decide", "schedule.decide"}),
    "auditor": frozenset({"self", "desk.read", "wallboard.read", "reports.read", "centre.read", "ledger.read", "context.read"})
    | {"stories.read"},
    "administrator": frozenset(PERMISSIONS),
}

SERVICE = "service"  # a program's token: hands in messages and events, reads context and how the centre does
_SERVICE = frozenset({"messages.write", "events.write", "context.read", "desk.read", "wallboard.read"})
TOKEN_ROLES: tuple[str, ...] = (SERVICE, *ROLES)


def permissions_of(role: str) -> frozenset[str]:
    """What a role may do; an unknown role may do nothing."""
    return _SERVICE if role == SERVICE else ROLES.get(role, frozenset())
