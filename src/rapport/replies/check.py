"""What is looked for in a reply before it leaves: each rule has an id that never changes, and finds, or does not.

`rules.RULES` is the list. A policy sets another action by the rule's id, `off` for none; of several the strictest holds.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rapport.model import written_pattern
from rapport.model.message import Reach
from rapport.model.reply import Finding
from rapport.replies import asked_once, brands, promises, tone
from rapport.replies.claims import contradictions
from rapport.replies.rules import (
    ASK as ASK,
    REFUSE as REFUSE,
    RULES as RULES,
    STRICTNESS as STRICTNESS,
    WARN as WARN,
    Hit,
    Writing as Writing,
)

Personal = tuple[str, int, int]
FindPersonal = Callable[[str], Sequence[Personal]]

MOST_FOUND = 60  # of one text: nobody reads more
MANY = 5  # persons to whom the same text went within a day
FEW_WORDS = 4  # of which no language is told for sure
NAMES = {"es": "Spanish", "en": "English", "pt": "Portuguese"}
LONG = 100
OWN_PAGES = ("help", "survey", "files", "my")  # that a reply may always point to: articles, questions, files, one's own record
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


def check(writing: Writing, find_personal: FindPersonal, actions: Mapping[str, str]) -> tuple[Finding, ...]:
    """What the rules find, in the order of RULES. `actions`: by rule id, instead of the defaults."""
    found = []
    for hit in _look(writing, find_personal):
        rule = RULES[hit.rule]
        default = rule.public if writing.reach is Reach.PUBLIC else rule.private
        action = actions.get(hit.rule, hit.default or default) if default else ""
        if action in STRICTNESS:
            found.append(Finding(hit.rule, action, hit.says or rule.says, hit.start, hit.end, hit.about))
    order = list(RULES)
    graver = [f for f in found if f.rule in ("secret", "banned-words")]
    kept = [f for f in found if f.rule != "tone" or not any(f.start < g.end and g.start < f.end for g in graver)]
    return tuple(sorted(kept, key=lambda f: (order.index(f.rule), f.start)))[:MOST_FOUND]


def refusal(findings: Iterable[Finding]) -> Finding | None:
    """The first finding that forbids the text; None where none does."""
    return next((f for f in findings if f.action == REFUSE), None)


def _look(writing: Writing, find_personal: FindPersonal) -> Iterator[Hit]:
    text = writing.text
    if not text.strip() and not writing.files:
        yield Hit("empty")
        return
    if writing.window:
        yield Hit("window", says=writing.window)
    if writing.unfit or not writing.parts:
        yield Hit("unfit", says=writing.unfit)
    yield from _personal(text, writing.links, find_personal)
    for pattern in _SECRETS:
        for match in pattern.finditer(text):
            yield Hit("secret", match.start(), match.end())
    yield from _banned(text, writing.banned)
    if writing.links is not None:
        for match in _LINK.finditer(text):
            if not _is_listed(match[1], writing.links) and not _is_ours(match[0], writing.ours):
                yield Hit("link", match.start(), match.end(), f"{match[1]} is not on the brand's list of links.")
    if writing.reach is Reach.PUBLIC and writing.asked_in is Reach.PRIVATE:
        yield Hit("made-public")
    if writing.undescribed:
        yield Hit("undescribed")
    if text.strip() and _is_again(text, writing.last):
        yield Hit("duplicate")
    elif writing.again >= MANY:
        yield Hit("duplicate", says=f"The same text went to {writing.again} others within a day.")
    yield from _beside(writing)


def _beside(writing: Writing) -> Iterator[Hit]:
    """What is found by looking at more than the text: brands, promises, what we said before, what we know."""
    text = writing.text
    yield from brands.look(text, writing.own, writing.others)
    yield from promises.look(text, writing.allowed, writing.refund_limit)
    yield from tone.look(text)
    if writing.today is not None and writing.told:
        yield from contradictions(text, writing.today, writing.told)
    yield from asked_once.look(text, writing.given)
    if writing.language and writing.speaks and writing.language != writing.speaks and len(text.split()) >= FEW_WORDS:
        yield Hit("wrong-language", says=f"The person writes {NAMES.get(writing.speaks, writing.speaks)}.")


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
        if written_pattern.is_pattern(word):
            places: Iterable[tuple[int, int]] = written_pattern.found(written_pattern.pattern_in(word), text)
        else:
            places = (m.span() for m in re.finditer(rf"(?<!\w){re.escape(word.strip())}(?!\w)", text, re.IGNORECASE))
        for start, end in places:
            yield Hit("banned-words", start, end, f"“{text[start:end]}” is a word that this house does not write.")


def _is_again(text: str, last: str) -> bool:
    """Whether the text begins as our last message did; a long one is known by its beginning alone."""
    said = " ".join(text.split())
    return bool(last) and (said == last or (len(last) >= LONG and said.startswith(last)))


def _is_own(address: str, links: tuple[str, ...] | None) -> bool:
    """Whether an e-mail address is of one of the brand's own domains."""
    _, at, domain = address.rpartition("@")
    return bool(at) and _is_listed(domain, links or ())


def _is_ours(address: str, ours: str) -> bool:
    """Whether an address is one of the house's own pages that customers are sent to."""
    return bool(ours) and address.startswith(tuple(f"{ours.rstrip('/')}/{page}/" for page in OWN_PAGES))


def _is_listed(host: str, links: tuple[str, ...]) -> bool:
    name = host.casefold().rpartition("@")[2].split(":")[0].strip(".,;!?)»”\"'")
    name = name.removeprefix("www.")
    listed = (
        link.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/") for link in links
    )
    return any(name == link or name.endswith(f".{link}") for link in listed if link)
