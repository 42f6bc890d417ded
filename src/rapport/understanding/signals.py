"""Signals of one message: danger, a vulnerable person, the law, leaving, thanks, a promise of ours, a question; es and en.

Rules over folded words, as asking for a person is (`person.py`): each answers with the words as they were written. What holds
the words of a signal and says something else (`but` in `lexicon/signals.toml`: "smoke alarm", "thanks for nothing") is found
first and is none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from rapport.model.signal import Shown
from rapport.understanding.patterns import Patterns

OURS = "promise"  # what only our own messages show
NONE = ""
MOST_SHOWN = 6  # signals of one message
MOST_QUESTIONS = 4
MOST_QUOTED = 160  # letters of a question or a promise
MOST_ASKED = 600  # letters of a question before its mark
_RUN = re.compile(r"¿[^?¿\n]{2,600}\?*|[^.!?¿\n]++(\?*)")  # each letter is read once, questions or not
_SENTENCE = re.compile(r"[^.!?\n]{1,600}[.!?]{0,3}")
_KNOW = r"(?:quiero|quisiera|me gustar[ií]a|necesito) saber\b|(?:i|we) (?:want|need|would like|'d like) to know\b"
_TELL = r"(?:me|nos) (?:pueden?|puedes|podr[ií]an?) (?:decir|confirmar|informar)\b|(?:can|could) you (?:tell|confirm)\b"
_LET = r"(?:please )?let me know (?:if|when|how|whether)\b"
_ASKS = ("know", "saber", "tell", "dec", "conf", "info")  # one of these is in what _ASKING finds
_ASKING = re.compile(rf"(?:^|[.!\n,]\s*)({_KNOW}|{_TELL}|{_LET})", re.IGNORECASE)


class Signs:
    """The rules, ready to be asked. `table`: kind of signal → `words` and `but`, see `lexicon/signals.toml`."""

    def __init__(self, table: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._theirs = _patterns((kind, rules) for kind, rules in table.items() if kind != OURS)
        self._ours = _patterns([(OURS, table[OURS])])

    @property
    def keys(self) -> frozenset[str]:
        """The words without which a message of theirs shows nothing but questions."""
        return self._theirs.keys

    def of(self, words: list[str], shown: list[str], raw: str, marked: bool = True) -> tuple[Shown, ...]:
        """What a message of theirs shows, each kind once, and each question. `marked`: `keys` are among the words."""
        if not marked:
            return questions(raw)
        found: dict[str, Shown] = {}
        for start, size, kind in self._theirs.found(words):
            if kind and kind not in found:
                found[kind] = Shown(kind, " ".join(shown[start : start + size]))
        return (*list(found.values())[:MOST_SHOWN], *questions(raw))

    def spared(self, words: list[str]) -> list[str]:
        """The phrases that hold the words of a signal and say something else."""
        return [" ".join(words[hit.start : hit.start + hit.size]) for hit in self._theirs.found(words) if hit.meaning == NONE]

    def promised(self, words: list[str], raw: str) -> str:
        """The sentence of a message of ours that promises something; "" where none does. `words`: of the whole, folded."""
        hits = [hit for hit in self._ours.found(words) if hit.meaning]
        if not hits:
            return ""
        said = words[hits[0].start : hits[0].start + hits[0].size]
        return next((line for line in map(_line, _SENTENCE.findall(raw[:4_000])) if _holds(line, said)), _line(raw))


def _patterns(kinds: Iterable[tuple[str, Mapping[str, Sequence[str]]]]) -> Patterns:
    rules = list(kinds)
    showing = [(pattern, kind) for kind, rule in rules for pattern in rule["words"]]
    return Patterns(showing + [(pattern, NONE) for _, rule in rules for pattern in rule.get("but", ())])


def questions(raw: str) -> tuple[Shown, ...]:
    """Each question of a text, as it was written; also "quiero saber ..." without a mark."""
    if "?" in raw:
        asked = [said for run in _RUN.finditer(raw) if (said := _asked(run)) and any(map(str.isalpha, said))]
    else:
        plain = raw.casefold()
        match = _ASKING.search(raw) if any(asks in plain for asks in _ASKS) else None
        asked = [raw[match.start(1) : match.start(1) + 400].splitlines()[0]] if match else []
    return tuple([Shown("question", _line(one)) for one in asked[:MOST_QUESTIONS]])


def _asked(run: re.Match[str]) -> str:
    """What a run of letters asks, with its marks; "" where it ends in none, or is a mere letter."""
    marks = run[1]
    if marks is None:
        return run[0]
    letters = run.end() - run.start() - len(marks)
    return run[0][max(0, letters - MOST_ASKED) :] if marks and letters > 1 else ""


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_QUOTED else f"{line[: MOST_QUOTED - 1]}…"


def _holds(line: str, said: Sequence[str]) -> bool:
    """Whether a sentence has those words, compared without accents by their plain letters."""
    plain = line.casefold().translate(_PLAIN)
    return all(word in plain for word in said)


_PLAIN = str.maketrans("áéíóúüñ", "aeiouun", "'’")
