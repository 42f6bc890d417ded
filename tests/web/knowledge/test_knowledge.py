"""The knowledge as pages: written and brought back by who may, read by everybody, suggested beside a conversation."""

import re

import pytest

from knowledge.articlework import an_article, keep
from rapport.channels.channel import Fitted, Unit
from rapport.knowledge.finding import suggest
from rapport.model.fact_help import ArticleUsed, HelpJudged
from rapport.web.chat.help_for import help_for
from rapport.web.chat.help_page import SEARCHES
from rapport.web.knowledge.reading import lines_between
from web.officework import NOW, PAGE, a_browser, a_conversation, an_office, body, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shelf(store, tenant):
    """A supervisor's browser at a house with three articles."""
    office = an_office(store, fit=lambda *asked: Fitted(("",), 500, Unit.CHARS))
    await keep(
        store, tenant,
        an_article("wifi.es", "El wifi va lento", text="1. Reinicie el router\n2. Espere", intents=("wifi",)),
        an_article("wifi.en"),
        an_article("llaves.es", "Dónde están las llaves", audience="agents", text="En la gaveta."),
    )  # fmt: skip
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor", "irene")
        client.office, client.tenant, client.help = office, tenant, f"/help/tenant-{tenant}"
        yield client


async def test_an_article_is_written_seen_before_it_is_saved_and_published(shelf):
    begun = await posted(shelf, "/knowledge", title="La alberca", slug="alberca", language="es")
    looked = await posted(shelf, "/knowledge/alberca.es", do="look", title="La alberca", text="Abre a las **ocho**.")
    nothing_yet = await shelf.get("/knowledge/alberca.es")
    saved = await posted(
        shelf, "/knowledge/alberca.es", do="publish", title="La alberca", text="Abre.", words="piscina, pileta"
    )
    page = await shelf.get(f"{shelf.help}/es/alberca")

    assert begun.headers["location"] == "/knowledge/alberca.es/edit?title=La+alberca"
    assert "<strong>ocho</strong>" in looked.text
    assert nothing_yet.status_code == 404
    assert saved.headers["location"] == "/knowledge/alberca.es?said=published"
    assert "<p>Abre.</p>" in page.text


async def test_what_cannot_be_saved_says_why_in_ones_language_and_keeps_what_was_written(shelf):
    refused = await posted(shelf, "/knowledge/wifi.es?lang=es", do="save", title="x" * 201, text="Queda", seen="")
    named = await posted(shelf, "/knowledge?lang=es", title="A", slug="ñandú", language="es")

    assert refused.status_code == 400
    assert "el título tiene 201 caracteres; escribe de 1 a 200" in refused.text
    assert "Queda</textarea>" in refused.text
    assert "La dirección de un artículo lleva minúsculas" in named.text


async def test_who_saves_over_somebody_elses_words_is_shown_them_first(shelf):
    seen = re.search(r'name="seen" value="(\w+)"', (await shelf.get("/knowledge/wifi.es/edit")).text)[1]
    await posted(shelf, "/knowledge/wifi.es", do="save", title="Otra cosa", text="De otra", seen=seen)

    late = await posted(shelf, "/knowledge/wifi.es?lang=en", do="save", title="Lo mío", text="Mío", seen=seen)

    assert late.status_code == 409
    assert "Somebody was faster." in late.text
    assert 'value="Lo mío"' in late.text


async def test_agents_read_what_is_published_and_write_nothing(shelf, store, tenant):
    await posted(shelf, "/knowledge/wifi.en", do="withdraw")
    async with a_browser(shelf.office) as agent:
        agent.csrf = await sign_in(agent, shelf.office, tenant, "agent", "ana")
        listed = words(await agent.get("/knowledge?lang=en"))
        refused = [(await agent.get("/knowledge/wifi.es/edit")).status_code]
        refused.append((await posted(agent, "/knowledge/wifi.es", do="withdraw")).status_code)
        hidden = await agent.get("/knowledge/wifi.en")

    assert "Dónde están las llaves" in listed
    assert "Slow Wi-Fi" not in listed
    assert refused == [403, 403]
    assert hidden.status_code == 404


async def test_everybody_reads_the_public_page_in_the_language_of_its_address_without_a_trace(shelf):
    async with a_browser(shelf.office) as anyone:
        on = await anyone.get(shelf.help, headers={"accept-language": "en"})
        page = await anyone.get(f"{shelf.help}/es", headers={"accept-language": "en"})
        found = words(await anyone.get(f"{shelf.help}/es?q=reiniciar+el+router"))
        article = await anyone.get(f"{shelf.help}/es/wifi")
        kept_in = [(await anyone.get(f"{shelf.help}/{path}")).status_code for path in ("es/llaves", "fr", "es/nada")]
        nobody = (await anyone.get("/help/nadie/es")).status_code

    assert on.headers["location"] == f"{shelf.help}/en"
    assert "¿Qué le gustaría saber?" in page.text
    assert "llaves" not in page.text
    assert "El wifi va lento" in found
    assert "<li>Espere</li>" in article.text
    assert f'href="{shelf.help}/en/wifi"' in article.text
    assert "public" in article.headers["cache-control"]
    assert "set-cookie" not in article.headers
    assert [*kept_in, nobody] == [404] * 4


async def test_a_reader_says_whether_it_helped_from_our_own_page_alone(shelf):
    async with a_browser(shelf.office) as anyone:
        said = await anyone.post(f"{shelf.help}/es/wifi", data={"helped": "no"}, headers=PAGE)
        thanked = words(await anyone.get(said.headers["location"]))
        elsewhere = await anyone.post(
            f"{shelf.help}/es/wifi", data={"helped": "no"}, headers={"origin": "https://other.example"}
        )

    assert shelf.office.intake.recorded == [HelpJudged("wifi.es", False, "help")]
    assert "Gracias." in thanked
    assert elsewhere.status_code == 403


async def test_beside_a_conversation_stands_what_may_help_and_why_and_goes_into_the_reply(shelf, store, tenant):
    id = await a_conversation(store, tenant, agent="irene", language="es", intent="wifi", words='["router", "llaves"]')
    page = words(await shelf.get(f"/desk/{id.hex()}?lang=en"))
    link = await posted(shelf, f"/desk/{id.hex()}/knowledge/wifi.es", do="link")
    await posted(shelf, f"/desk/{id.hex()}/knowledge/llaves.es", do="text")
    written = (await shelf.get(f"/desk/{id.hex()}")).text
    told = body(await shelf.get(f"/api/conversations/{id.hex()}/articles"))
    never = await posted(shelf, f"/desk/{id.hex()}/knowledge/llaves.es", do="link")

    assert "This may help El wifi va lento" in page
    assert "answers “wifi” · about: router" in page
    assert link.headers["location"] == f"/desk/{id.hex()}#conversation"
    assert f"El wifi va lento: {shelf.office.public_url}/help/tenant-{tenant}/es/wifi\n\nEn la gaveta." in written
    assert ArticleUsed("wifi.es", id, "irene", "link") in shelf.office.intake.recorded
    assert [(one["id"], one["intent"], one["words"]) for one in told] == [
        ("wifi.es", "wifi", ["router"]),
        ("llaves.es", "", ["llaves"]),
    ]
    assert never.status_code == 400


async def test_a_visitor_who_waits_is_shown_what_everybody_may_read_and_what_they_open_is_on_record(shelf, store, tenant):
    await shelf.office.intake.set_things(tenant, [("account", "webchat", b'{"id": "webchat", "channel": "webchat"}')])
    async with a_browser(shelf.office) as chat:
        started = body(await chat.post("/chat/start", json={"tenant": f"tenant-{tenant}", "language": "es"}))
        headers = {"authorization": f"Visitor {started['token']}", "origin": "https://shop.example"}
        found = await chat.post(
            "/chat/help", json={"text": "se cae el wifi, ¿y las llaves?", "language": "es"}, headers=headers
        )
        unknown = await chat.post("/chat/help/open", json={"article": "wifi.es"}, headers=headers)
        await a_conversation(store, tenant, started["visitor"])
        opened = await chat.post("/chat/help/open", json={"article": "wifi.es"}, headers=headers)
        hidden = await chat.post("/chat/help/open", json={"article": "llaves.es"}, headers=headers)

    assert body(found) == {
        "title": "Mientras espera, esto puede servirle:",
        "articles": [{"id": "wifi.es", "title": "El wifi va lento", "url": f"{shelf.office.public_url}{shelf.help}/es/wifi"}],
    }
    assert found.headers["access-control-allow-origin"] == "*"
    assert [unknown.status_code, opened.status_code, hidden.status_code] == [202, 202, 404]
    assert [(one.article, one.place) for one in shelf.office.intake.recorded] == [("wifi.es", "chat")]


async def test_what_is_wanted_is_found_by_intent_and_in_the_language_that_was_written(shelf, store, tenant):
    said = "The internet connection does not work at all"
    await keep(store, tenant, an_article("hold.en", "Hold the button", text="For ten seconds.", intents=("wifi",)))
    async with store.within(tenant, readonly=True) as db:
        found = await help_for(db, tenant, said, language="es", most=3)
        words_alone = await suggest(db, tenant, said, language="en", most=3)
    page = words(await shelf.get(f"{shelf.help}/en", params={"q": said}))

    assert [one.article.id for one in found] == ["hold.en"]
    assert words_alone == []
    assert "No article has all these words" in page


async def test_what_is_missing_is_listed_with_examples_that_name_nobody(shelf, store, tenant):
    id = await a_conversation(store, tenant, language="es", intent="billing", opened_at=NOW)
    async with store.within(tenant) as db:
        await db.execute(
            """insert into message(tenant, id, at, direction, standing, reach, account, conversation, author, text) values
               ($1, gen_random_uuid(), $3, 'in', 'received', 'private', 'webchat', $2, 'María', $4)""",
            tenant, id, NOW, "Soy maría, me llamo María Peña: la factura del pedido A-77120 a maria@hotel.example",
        )  # fmt: skip

    page = await shelf.get("/knowledge/gaps?lang=es")

    said = words(page)
    assert "facturas ES 1 conversación" in said
    assert "la factura del pedido … a [email]" in said
    assert not re.search("maría|peña|77120", said.lower())
    assert 'href="/knowledge/billing.es/edit?intents=billing"' in page.text


async def test_programs_find_read_and_set_articles(shelf):
    headers = PAGE | {"x-csrf-token": shelf.csrf}
    made = await shelf.put("/api/knowledge/articles/pool.en", json={"title": "The pool", "state": "published"}, headers=headers)
    wrong = await shelf.put("/api/knowledge/articles/pool.en", json={"title": "P", "audience": "all"}, headers=headers)
    found = body(await shelf.get("/api/knowledge/articles?q=pool"))

    assert body(made)["id"] == "pool.en"
    assert wrong.status_code == 400
    assert found == [
        {"id": "pool.en", "title": "The pool", "language": "en", "audience": "public", "state": "published", "intents": []}
    ]
    assert body(await shelf.get("/api/knowledge/articles/pool.en"))["title"] == "The pool"


async def test_who_searches_without_end_waits_and_reads_on(shelf):
    async with a_browser(shelf.office) as anyone:
        asked = [(await anyone.get(f"{shelf.help}/es?q=wifi")).status_code for _ in range(SEARCHES[0])]
        answer = await anyone.get(f"{shelf.help}/es?q=wifi", headers={"accept": "text/html", "accept-language": "es"})
        listed = await anyone.get(f"{shelf.help}/es")

    assert set(asked) == {200}
    assert (answer.status_code, answer.headers["retry-after"], listed.status_code) == (429, "61", 200)
    assert "Buscó mucho de una vez" in answer.text


async def test_what_the_database_does_not_take_is_the_askers_to_correct_and_no_fault_of_ours(shelf):
    answer = await shelf.get("/knowledge/a%00.es", headers={"accept": "text/html", "accept-language": "es"})

    assert answer.status_code == 400
    assert "Un valor no se puede guardar" in answer.text


@pytest.mark.pure
def test_a_difference_is_of_its_lines_and_one_of_a_megabyte_is_of_its_first():
    assert lines_between("uno\n-- dos\ntres", "uno\ntres\n++ cuatro") == (("-", "-- dos"), ("+", "++ cuatro"))

    many = lines_between("\n".join(f"a {n}" for n in range(60_000)), "\n".join(f"{n} a" for n in range(60_000)))

    assert len(many) == 60


FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n"


async def test_a_video_needs_captions_and_is_played_from_here_in_any_stretch(shelf):
    async def put(**files):
        sent = {name: (f"{name}.bin", data) for name, data in files.items()}
        return await shelf.post("/knowledge/wifi.es/video?lang=es", data={"csrf": shelf.csrf}, files=sent, headers=PAGE)

    silent = await put(video=FILM)
    other = await put(video=b"GIF89a", captions_es=VTT)
    wrong = await put(video=FILM, captions_es=b"Hola")
    done = await put(video=FILM, captions_es=VTT)
    async with a_browser(shelf.office) as anyone:
        at = f"{shelf.help}/es/wifi"
        page = (await anyone.get(at)).text
        whole = await anyone.get(f"{at}/video")
        middle = await anyone.get(f"{at}/video", headers={"range": "bytes=4-11"})
        end = await anyone.get(f"{at}/video", headers={"range": "bytes=-3"})
        beyond = await anyone.get(f"{at}/video", headers={"range": "bytes=9999-"})
        captions = await anyone.get(f"{at}/captions/es")
        none = [
            (await anyone.get(f"{shelf.help}/en/wifi/video")).status_code,
            (await anyone.get(f"{at}/captions/en")).status_code,
        ]
        await posted(shelf, "/knowledge/wifi.es", do="withdraw")
        none.append((await anyone.get(f"{at}/video")).status_code)

    async with a_browser(shelf.office) as reader:
        await sign_in(reader, shelf.office, shelf.tenant, "agent", "ana")
        for_colleagues = [(await reader.get(f"/knowledge/wifi.es/{what}")).status_code for what in ("video", "captions/es")]

    assert for_colleagues == [404, 404]
    assert "el video no tiene subtítulos en «es»" in silent.text
    assert "no es un video MP4 ni WebM" in other.text
    assert "subtítulos, línea 1" in wrong.text
    assert done.headers["location"] == "/knowledge/wifi.es?said=saved"
    assert f'<video controls preload="metadata" src="{at}/video"' in page
    assert f'<track kind="captions" src="{at}/captions/es" srclang="es" label="Español" default>' in page
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, FILM, "video/mp4")
    assert (middle.status_code, middle.content, middle.headers["content-range"]) == (
        206,
        b"ftypmp42",
        f"bytes 4-11/{len(FILM)}",
    )
    assert end.content == FILM[-3:]
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(FILM)}")
    assert (captions.content, captions.headers["content-type"]) == (VTT, "text/vtt; charset=utf-8")
    assert none == [404, 404, 404]
