"""What is looked for in a reply before it leaves: each rule has an id that never changes, and finds, or does not.

`RULES` is the list. A policy sets another action by the rule's id; of several policies the strictest holds.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from rapport.model.message import Reach
from rapport.model.reply import Finding

Personal = tuple[str, int, int]
FindPersonal = Callable[[str], Sequence[Personal]]

WARN, ASK, REFUSE = "warn", "ask", "refuse"
STRICTNESS = {WARN: 1, ASK: 2, REFUSE: 3}


class Rule(msgspec.Struct, frozen=True):
    """What a check does by default where everybody reads it, and where one person does; "" is nothing."""

    public: str
    private: str
    says: str


RULES: Mapping[str, Rule] = {
    "empty": Rule(REFUSE, REFUSE, "A reply needs words."),
    "unfit": Rule(REFUSE, REFUSE, "The network cannot carry this text."),
    "personal-data": Rule(REFUSE, "", "The text names personal data where everybody can read it."),
    "secret": Rule(REFUSE, ASK, "The text holds what looks like a password or a key."),
    "banned-words": Rule(REFUSE, REFUSE, "The text has words that this house does not write."),
    "link": Rule(ASK, "", "The text points to a place that is not on the brand's list."),
    "made-public": Rule(ASK, "", "The person wrote in private, and the reply would be public."),
    "duplicate": Rule(WARN, WARN, "The same text was sent just before."),
}

LONG = 100
REACHABLE = frozenset({"email", "phone"})  # personal data that may be the house's own: asked about, where the rest is refused
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)([^\s/?#]+)[^\s]*")
_SECRETS = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    re.compile(r"\b(?:sk|pk|rk)[-_](?:live|test|proj)?[-_]?[A-Za-z0-9]{16,}\b"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}\b"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}\b"),
    re.compile(r"(?i)\b(?:password|passcode|passwd|pin|contrase[nñ]a|clave|nip)\b\s*(?:is|es|:|=)\s*[^\s.,;]*\d[^\s.,;]*"),
)


class Writing(msgspec.Struct, frozen=True):
    """A text and what its checks depend on. `links` None: the brand has no list. `last`: how our last message began."""

    text: str
    parts: tuple[str, ...]
    reach: Reach
    asked_in: Reach
    unfit: str = ""
    banned: tuple[str, ...] = ()
    links: tuple[str, ...] | None = None
    last: str = ""


class Hit(msgspec.Struct, frozen=True):
    """Where a rule finds something. `default` "": as the rule's own."""

    rule: str
    start: int = -1
    end: int = -1
    says: str = ""
    default: str = ""


def check(writing: Writing, find_personal: FindPersonal, actions: Mapping[str, str]) -> tuple[Finding, ...]:
    """What the rules find, in the order of RULES. `actions`: by rule id, instead of the defaults."""
    found = []
    for hit in _look(writing, find_personal):
        rule = RULES[hit.rule]
        default = rule.public if writing.reach is Reach.PUBLIC else rule.private
        action = actions.get(hit.rule, hit.default or default) if default else ""
        if action in STRICTNESS:
            found.append(Finding(hit.rule, action, hit.says or rule.says, hit.start, hit.end))
    order = list(RULES)
    return tuple(sorted(found, key=lambda f: (order.index(f.rule), f.start)))


def refusal(findings: Iterable[Finding]) -> Finding | None:
    """The first finding that forbids the text; None where none does."""
    return next((f for f in findings if f.action == REFUSE), None)


def _look(writing: Writing, find_personal: FindPersonal) -> Iterator[Hit]:
    text = writing.text
    if not text.strip():
        yield Hit("empty")
        return
    if writing.unfit or not writing.parts:
        yield Hit("unfit", says=writing.unfit)
    yield from _personal(text, writing.links, find_personal)
    for pattern in _SECRETS:
        for match in pattern.finditer(text):
            yield Hit("secret", match.start(), match.end())
    yield from _banned(text, writing.banned)
    if writing.links is not None:
        for match in _LINK.finditer(text):
            if not _is_listed(match[1], writing.links):
                yield Hit("link", match.start(), match.end(), f"{match[1]} is not on the brand's list of links.")
    if writing.reach is Reach.PUBLIC and writing.asked_in is Reach.PRIVATE:
        yield Hit("made-public")
    if _is_again(text, writing.last):
        yield Hit("duplicate")


def _personal(text: str, links: tuple[str, ...] | None, find_personal: FindPersonal) -> Iterator[Hit]:
    for kind, start, end in find_personal(text):
        says = f"The text names personal data ({kind}) where everybody can read it."
        if kind not in REACHABLE:
            yield Hit("personal-data", start, end, says)
        elif not _is_own(text[start:end], links):
            yield Hit("personal-data", start, end, says, default=ASK)


def _banned(text: str, banned: tuple[str, ...]) -> Iterator[Hit]:
    for word in banned:
        if not word.strip():
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(word.strip())}(?!\w)", text, re.IGNORECASE):
            yield Hit("banned-words", match.start(), match.end(), f"“{match[0]}” is a word that this house does not write.")


def _is_again(text: str, last: str) -> bool:
    """Whether the text begins as our last message did; a long one is known by its beginning alone."""
    said = " ".join(text.split())
    return bool(last) and (said == last or (len(last) >= LONG and said.startswith(last)))


def _is_own(address: str, links: tuple[str, ...] | None) -> bool:
    """Whether an e-mail address is of one of the brand's own domains."""
    _, at, domain = address.rpartition("@")
    return bool(at) and _is_listed(domain, links or ())


def _is_listed(host: str, links: tuple[str, ...]) -> bool:
    name = host.casefold().rpartition("@")[2].split(":")[0].strip(".,;!?)»”\"'")
    name = name.removeprefix("www.")
    listed = (
        link.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/") for link in links
    )
    return any(name == link or name.endswith(f".{link}") for link in listed if link)
