"""The stage: each admitted message is read once; a round's messages together."""

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest

from rapport.ledger import folding
from rapport.ledger.entry import Entry
from rapport.model.correction import Correction
from rapport.model.fact import Changed, MessageAdmitted, MessageEdited, MessageReceived, MessageReread, MessageUnderstood
from rapport.model.message import ChannelKind, Message, Reach, Said
from rapport.model.reading import Reading
from rapport.understanding import stage as understanding, view
from stagework import START, Stagework, an_id

VIEWS = (folding.FOLDS, view.FOLDS)


class CountingReader:
    """Reads every text as Spanish, and remembers in which batches it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def read(self, texts: Sequence[str]) -> list[Reading]:
        self.batches.append(list(texts))
        return [Reading(language="es", intent="wifi", urgency=0.5, words=("wifi",), version="count-1") for _ in texts]


@pytest.fixture
def counting() -> CountingReader:
    return CountingReader()


@pytest.fixture
def work(counting: CountingReader) -> Stagework:
    return Stagework(understanding.stage(counting.read), views=VIEWS)


def received(n: int, text: str, subject: str = "") -> Entry:
    handle = an_id(f"h{n}")
    fact = MessageReceived(
        an_id(f"m{n}"), handle, "acc", "mastodon", ChannelKind.SOCIAL, Reach.PUBLIC, f"k{n}", START
    )  # fmt: skip
    return Entry(1, n, an_id(f"e{n}"), START, fact.message, fact, Said(text, "mastodon:@x@y", subject=subject), handle)


def take(work: Stagework, entry: Entry) -> list[MessageUnderstood]:
    """Receive and admit the message of an entry; returns what was understood."""
    work._take(entry)
    return [new.fact for new in work.tell(MessageAdmitted(entry.fact.message, entry.owner))]


def test_an_admitted_message_is_understood_and_its_row_says_so(work):
    (understood,) = take(work, received(1, "El wifi no funciona"))

    assert understood == MessageUnderstood(an_id("m1"), an_id("h1"), "es", "wifi", 0.5, "count-1")
    row = work.row(Message, an_id("m1"))
    assert (row.language, row.intent, row.urgency, row.words) == ("es", "wifi", 0.5, ("wifi",))


def test_the_reading_is_sealed_with_the_key_of_who_wrote(work):
    take(work, received(1, "El wifi no funciona"))

    entry = work.entries[-1]
    assert (entry.owner, entry.content.words) == (an_id("h1"), ("wifi",))


def test_a_round_is_read_at_once_and_equal_texts_once(work, counting):
    entries = [received(n, f"text {n % 3}") for n in range(1, 10)]

    work.stages[0].prime(entries)
    for entry in entries:
        take(work, entry)

    assert counting.batches == [["text 1", "text 2", "text 0"]]


def test_what_was_not_primed_is_read_when_it_comes(work, counting):
    one = received(1, "one")
    work.stages[0].prime([one])

    take(work, one)
    take(work, received(2, "two"))

    assert counting.batches == [["one"], ["two"]]


def test_what_is_primed_is_read_once_though_something_was_taught_since(counting):
    taught = CountingReader()
    work = Stagework(
        understanding.stage(counting.read, adapt=lambda corrections, kept: SimpleNamespace(read=taught.read)), views=VIEWS
    )
    work.rows.put(Correction(an_id("c"), an_id("v"), an_id("h"), "ana", START, "wifi"))
    entries = [received(n, f"text {n}") for n in range(1, 4)]

    work.stages[0].prime(entries)
    for entry in entries:
        take(work, entry)

    assert (counting.batches, taught.batches) == ([], [["text 1", "text 2", "text 3"]])


def test_a_subject_is_read_with_its_text(work, counting):
    take(work, received(1, "no funciona", subject="Wifi"))

    assert counting.batches == [["Wifi\nno funciona"]]


def test_a_huge_text_is_cut_before_it_is_read(work, counting):
    take(work, received(1, "a" * 1_000_000))

    assert len(counting.batches[0][0]) == 4_000


def test_a_message_whose_row_is_gone_is_not_known(work):
    (new,) = work.tell(MessageAdmitted(an_id("nowhere"), an_id("h")))

    assert (new.fact.language, new.fact.intent, new.content.actionable) == ("", "", True)


def test_an_erased_text_leaves_what_the_fact_says(work):
    take(work, received(1, "El wifi no funciona"))
    work.entries[-1] = Entry(1, 99, an_id("x"), START, an_id("m1"), work.entries[-1].fact, None, an_id("h1"))

    row = work.rebuilt().get(Message, an_id("m1"))

    assert (row.language, row.words) == ("es", ())


def admitted(work: Stagework, text: str, reading: Reading) -> Message:
    """A message of the first conversation, read so."""
    take(work, received(1, text))
    conversation = an_id("c")
    return work.rows.change(Message, an_id("m1"), conversation=conversation, intent=reading.intent)


def an_edit(text: str) -> tuple[MessageEdited, Changed, bytes]:
    at = START + timedelta(minutes=1)
    return (
        MessageEdited("acc", "mastodon", "k1", an_id("h1"), at, an_id("m1")),
        Changed(text, handle="mastodon:@x@y"),
        an_id("h1"),
    )


def test_an_edited_message_is_read_anew_and_its_row_says_so(work):
    admitted(work, "Gracias", Reading(intent="thanks"))

    (reread,) = work.tell(*an_edit("El wifi se cae"))

    assert reread.fact == MessageReread(an_id("m1"), an_id("h1"), "es", "wifi", 0.5, "count-1")
    assert (reread.owner, reread.content.words) == (an_id("h1"), ("wifi",))
    assert (work.row(Message, an_id("m1")).intent, work.row(Message, an_id("m1")).text) == ("wifi", "El wifi se cae")


def test_an_edit_that_says_the_same_and_one_of_a_message_that_is_held_are_no_new_reading(work):
    admitted(work, "El wifi se cae", Reading(intent="wifi"))
    same = work.tell(*an_edit("El wifi se cae"))
    work.rows.change(Message, an_id("m1"), conversation=None, intent="")

    held = work.tell(*an_edit("Otra cosa"))

    assert (same, held) == ([], [])
