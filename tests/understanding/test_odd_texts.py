"""Odd texts: whatever is written is read within bounds, disguises are seen through, and what says nothing is not known."""

import time

import pytest

# Our own list of what breaks readers.
LONG = {
    "one letter": "a" * 1_000_000,
    "one sentence": "I am going to cancel, no quiero hablar con un robot. " * 20_000,
    "new lines": "\n" * 1_000_000,
    "question marks": "?" * 1_000_000,
    "opening marks": "¿" * 1_000_000,
    "quotes": "> " * 500_000,
    "at": "a@" * 500_000,
    "digits": "12 12 12 " * 110_000,
    "emoji": "👩‍👩‍👧‍👦🇲🇽" * 50_000,
    "marks on one letter": "h" + "\u0301" * 1_000_000,
    "brackets": "[[{(<" * 200_000,
    "mixed scripts": "привет huele 你好 سلام " * 50_000,
}
NOTHING = [
    "",
    " ",
    "\n\t",
    "\u200b\u200d\ufeff",
    "\x00\x07",
    "😀",
    "👩‍👩‍👧‍👦🇲🇽",
    "…",
    "???",
    "12 12 12",
    "4471",
    "你好",
    "\ud800",
    "\u202e",
]
DISGUISED = {
    "zero width": "h\u200bu\u200be\u200bl\u200be a g\u200das",
    "soft hyphens": "hue\u00adle a ga\u00ads",
    "turned round": "\u202ehuele a gas\u202c",
    "full width": "ｈｕｅｌｅ ａ ｇａｓ",
    "mathematical": "𝗵𝘂𝗲𝗹𝗲 𝗮 𝗴𝗮𝘀",
    "Cyrillic letters": "huеle а gаs",
    "Greek capitals": "Ηuele a gas",
    "loose marks": "hue\u0301l\u0335e a ga\u0308s",
    "beside other scripts": "привет huele a gas 你好 سلام",
    "half a surrogate": "\ud800 huele a gas",
}


@pytest.mark.pure
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_megabyte_of_anything_is_read_in_bounded_time(reader, text):
    begun = time.thread_time()
    reading, promised = reader.read([text])[0], reader.promised(text)

    assert time.thread_time() - begun < 1.0  # of CPU; a fiftieth of it is usual
    assert (len(reading.words) <= 64, len(reading.signals) <= 16, len(promised) <= 160) == (True, True, True)


@pytest.mark.pure
@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_says_nothing_is_not_known(reader, text):
    reading = reader.read([text])[0]

    assert (reading.language, reading.intent) == ("", "")
    assert [one.kind for one in reading.signals if one.kind != "question"] == []


@pytest.mark.pure
@pytest.mark.parametrize("text", DISGUISED.values(), ids=DISGUISED)
def test_danger_is_seen_through_a_disguise(reader, text):
    assert "safety" in [one.kind for one in reader.read([text])[0].signals]


@pytest.mark.pure
def test_a_russian_word_among_ours_stays_russian():
    from rapport.understanding.words import prepare

    assert prepare("hola привет москва").words == ["hola", "привет", "москва"]
