"""Spanish and English: no sentence is missing, none is dead, and the browser's wish counts."""

import re
import tomllib
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from rapport.model.bilingual import both
from rapport.web import errors, languages
from rapport.web.chat import chat_words
from rapport.web.languages import catalogue, language_asked, retell
from web.officework import PAGE, a_browser, an_office, sign_in

WEB = files("rapport.web")
IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2)}
IN_PYTHON = {"say": (2,), "say_many": (2, 3)}


def said() -> dict[str, str]:
    """Every sentence that a template or a page says, and where."""
    found = {}
    for file in sorted((WEB / "templates").glob("*.html")):
        for _, message, _, _ in extract("jinja2.ext:babel_extract", BytesIO(file.read_bytes()), IN_TEMPLATES, options=OPTIONS):
            found[message if isinstance(message, str) else message[0]] = file.name
    for file in sorted(Path(str(WEB)).rglob("*.py")):
        for _, message, _, _ in extract("python", BytesIO(file.read_bytes()), IN_PYTHON):
            found[message if isinstance(message, str) else message[0]] = file.name
    for _, title, cure in errors._KINDS.values():
        found |= {title: "errors.py", cure: "errors.py"}
    return found


OPTIONS = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}


def fields(sentence: str) -> set[str]:
    """The names of the values that a sentence has."""
    return {part.split(")")[0] for part in sentence.split("%(")[1:]}


@pytest.mark.slow
def test_every_sentence_is_said_in_spanish():
    missing = {sentence: where for sentence, where in said().items() if sentence not in catalogue("es").sentences}

    assert missing == {}


def test_no_sentence_is_said_in_two_ways():
    """The catalogues are read as one, so the later file would win everywhere; a word with two meanings needs two sentences."""
    told: dict[str, set[str]] = {}
    for file in sorted(Path(str(WEB / "locale" / "es")).glob("*.po")):
        for message in read_po(BytesIO(file.read_bytes()), locale="es"):
            if message.id:
                told.setdefault(str(message.id), set()).add(str(message.string))

    assert {sentence: ways for sentence, ways in told.items() if len(ways) > 1} == {}


def test_nobody_is_addressed_as_a_friend_in_one_place_and_formally_in_others():
    friendly = re.compile(r"\b(?:Pulsa|[Tt]us?|[Tt]uyos?|[Pp]uedes|[Tt]ienes|[Ee]lige una|Escribe una|Prueba con)\b")

    told = catalogue("es").sentences.values()

    assert [one for one in told if isinstance(one, str) and friendly.search(one)] == []


def test_a_spanish_sentence_has_the_values_of_the_english_one():
    for english, spanish in catalogue("es").sentences.items():
        for form in [spanish] if isinstance(spanish, str) else spanish:
            assert fields(form) <= fields(english) | {"num"}, english


def test_the_chats_own_words_are_all_in_spanish():
    assert not set(chat_words.chat_words("es").values()) & set(chat_words.chat_words("en").values())


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr,en;q=0.5", "en"),
        ("fr", "es"),
        ("", "es"),
        ("en;q=x,es;q=0.1", "es"),
        (",;q=,", "es"),
    ],
)
def test_the_browsers_wish_counts_where_we_can_meet_it(asked, given):
    assert language_asked({"accept-language": asked}, "es") == given


@pytest.mark.anyio
async def test_whoever_is_signed_in_keeps_the_language_they_chose(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant, "administrator")
        spanish = await client.get("/set-up", headers={"accept-language": "es"})
        await client.post("/me/language", data={"csrf": csrf, "language": "en"}, headers=PAGE)
        english = await client.get("/set-up", headers={"accept-language": "es"})

    assert '<html lang="es"' in spanish.text
    assert "Nombre el centro" in spanish.text
    assert '<html lang="en"' in english.text
    assert "Name the centre" in english.text


def test_numbers_and_spans_are_written_as_each_language_writes_them():
    assert languages.show_percent(0.87, "es") == "87\xa0%"
    assert languages.show_percent(0.87, "en") == "87%"
    assert languages.show_number(1204.5, "en") == "1,204.5"
    assert languages.show_number(0.8, "en", 2) == "0.80"
    assert languages.show_clock(3823) == "1:03:43"
    assert languages.show_clock(222) == "3:42"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (languages.show_number(0.804, "es", 2), "0,80"),
        (languages.show_number(1.25, "es"), "1,25"),
        (languages.show_number(12204, "es"), "12\u202f204"),
        (languages.show_number(1204, "es"), "1\u202f204"),
        (languages.show_percent(12.5, "es"), "1\u202f250\xa0%"),
        (languages.show_points(0.0123, "es"), "+1,2"),
    ],
)
def test_a_number_in_spanish_reads_alike_in_madrid_and_in_mexico(written, wanted):
    """A decimal comma, thousands apart by a thin space: Ortografía de la lengua española, 2010, chapter VIII."""
    assert written == wanted


def test_what_others_wrote_is_shipped_as_it_came():
    vendor = WEB / "static" / "vendor"
    listed = tomllib.loads((vendor / "VENDOR.toml").read_text())["file"]

    assert {one["name"] for one in listed} == {file.name for file in vendor.iterdir()} - {"VENDOR.toml"}
    for one in listed:
        assert sha256((vendor / one["name"]).read_bytes()).hexdigest() == one["sha256"], one["name"]
        assert one["licence"] in {"0BSD", "MIT", "BSD-3-Clause", "Apache-2.0", "ISC"}
        assert one["version"]


def test_what_a_networks_rules_say_is_shown_in_the_language_of_who_reads_it():
    told = both("The window of 24 hours is over.", "La ventana de 24 horas terminó.")

    assert (retell("en", told), retell("es", told)) == ("The window of 24 hours is over.", "La ventana de 24 horas terminó.")
