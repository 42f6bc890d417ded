"""Bringing a file of people in by the pages, and companies and households on pages and by the API."""

import pytest

from rapport.errors import BadInput, Conflict
from rapport.ledger.tables import write_rows
from rapport.model.fact import MembershipNoted, ProfileLinkMade
from rapport.model.group import FileImport, Group, GroupTold, Membership, membership_id
from rapport.model.person import Handle, Person
from rapport.people.imports.sheet import Record
from rapport.people.imports.uploaded import Asked
from web.officework import NOW, PAGE, a_browser, a_token, an_office, body, sign_in

pytestmark = pytest.mark.anyio
ANA, HANDLE, ACME, FILE = (bytes([n] * 16) for n in (1, 2, 3, 4))
AT = f"/people/{ANA.hex()}"


class FakeBringing:
    """Keeps what it is asked; `refusal`: what everything is refused with."""

    def __init__(self) -> None:
        self.kept: list[tuple[Asked, bytes]] = []
        self.begun: list[tuple[Asked, bool]] = []
        self.made: list[GroupTold] = []
        self.refusal: Exception | None = None

    async def keep(self, tenant, by, asked, data):
        text = b"".join([piece async for piece in data])
        if self.refusal:
            raise self.refusal
        self.kept.append((asked, text))
        return FILE

    async def first(self, tenant, id, most):
        return [Record(2, {"Nombre": "<b>Ana</b>", "Correo": "ana@example.org"})]

    async def begin(self, tenant, id, by, asked, *, really):
        if self.refusal:
            raise self.refusal
        self.begun.append((asked, really))

    async def undo(self, tenant, id, by):
        return 0

    async def make_group(self, tenant, told, by):
        self.made.append(told)
        return ACME


@pytest.fixture
async def desk(store, tenant):
    rows = [
        Person(ANA, "Ana López"),
        Handle(HANDLE, "email:ana@acme.example", ANA),
        Group(ACME, "company", "Acme <i>SA</i>", "acme.example", "crm", "", NOW),
        FileImport(FILE, "people", "zendesk", "eva", "ended", NOW, 10, 9, 1),
    ]
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
        await db.execute(
            "insert into upload (tenant, id, by, at, size, pieces, asked) values ($1, $2, 'eva', $3, 9, 1, $4)",
            tenant, FILE, NOW, '{"name": "crm.csv", "mapping": {"Nombre": "name", "Correo": "email"}}',
        )  # fmt: skip
        await db.execute("insert into upload_piece (tenant, upload, nth, sealed) values ($1, $2, 0, 'x')", tenant, FILE)
    office = an_office(store, bringing=FakeBringing())
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant, client.db = office, tenant, store
        yield client


async def posted(desk, url: str, files=None, **data: str):
    return await desk.post(url, data={"csrf": desk.csrf, **data}, files=files, headers=PAGE)


async def test_a_file_is_uploaded_its_columns_are_said_and_it_is_tried_before_it_is_taken(desk):
    sent = await posted(desk, "/people/import", {"file": ("crm.csv", b"Nombre,Correo\n", "text/csv")}, kind="people")
    page = await desk.get(f"/people/import/{FILE.hex()}?lang=es")
    tried = await posted(desk, f"/people/import/{FILE.hex()}", **{"do": "try", "of.0": "attribute", "country": "+52"})

    [(asked, text)] = desk.office.bringing.kept
    assert (sent.status_code, asked.name, text) == (303, "crm.csv", b"Nombre,Correo\n")
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page.text
    assert "Probarlo" in page.text
    assert tried.status_code == 303
    assert desk.office.bringing.begun == [
        (Asked("people", "plain", "crm.csv", "", "52", {"Nombre": "attribute:nombre", "Correo": "email"}), False)
    ]


async def test_what_cannot_be_brought_in_is_said_in_the_readers_language(desk):
    nothing = await posted(desk, "/people/import?lang=es", {"other": ("a", b"x", "text/csv")})
    desk.office.bringing.refusal = BadInput("the file is empty; choose the one that was exported")
    empty = await posted(desk, "/people/import?lang=es", {"file": ("a.csv", b"", "text/csv")})
    desk.office.bringing.refusal = Conflict("This file is being read at this moment, or was taken in already.")
    busy = await posted(desk, f"/people/import/{FILE.hex()}?lang=es", do="take")

    assert (nothing.status_code, "Elija el archivo" in nothing.text) == (400, True)
    assert (empty.status_code, "el archivo está vacío" in empty.text) == (400, True)
    assert (busy.status_code, "se está leyendo" in busy.text) == (409, True)


async def test_only_who_may_settle_rights_brings_files_in(desk):
    other = await a_token(desk.office, desk.tenant, "agent")
    desk.cookies.clear()

    refused = await desk.get("/people/import", headers=other)

    assert refused.status_code == 403


async def test_a_company_is_suggested_by_its_domain_and_noted_with_who_said_so(desk):
    page = await desk.get(f"{AT}?lang=es")
    noted = await posted(desk, f"{AT}/groups", group=ACME.hex(), role="compras")

    assert "Su dirección es de acme.example" in page.text
    assert noted.status_code == 303
    [(handle, fact, words)] = desk.office.intake.told
    assert (handle, fact, words.text) == (HANDLE, MembershipNoted(HANDLE, ACME, "desk", "supervisor"), "compras")


async def test_free_mail_is_no_companys_domain(desk):
    async with desk.db.within(desk.tenant) as db:
        await write_rows(db, desk.tenant, {Handle: {HANDLE: Handle(HANDLE, "email:ana@gmail.com", ANA)}})

    page = await desk.get(f"{AT}?lang=es")
    refused = await posted(desk, "/people/groups?lang=es", kind="company", name="Gmail", domain="gmail.com")

    assert "Su dirección es de" not in page.text
    assert (refused.status_code, "correo gratuito" in refused.text) == (400, True)


async def test_a_group_shows_who_belongs_to_it_and_a_merged_person_once(desk):
    two = bytes([5] * 16)
    rows = [Person(id, "Ana López", family=(ANA, two)) for id in (ANA, two)]
    members = [Membership(membership_id(id, ACME), id, ACME, "compras", "crm", "", NOW) for id in (ANA, two)]
    async with desk.db.within(desk.tenant) as db:
        for row in (*rows, *members):
            await write_rows(db, desk.tenant, {type(row): {row.id: row}})

    page = await desk.get(f"/people/groups/{ACME.hex()}")
    token = await a_token(desk.office, desk.tenant, "administrator")
    told = body(await desk.get(f"/api/groups/{ACME.hex()}", headers=token))

    assert page.text.count(f'href="/people/{ANA.hex()}"') + page.text.count(f'href="/people/{two.hex()}"') == 1
    assert "Acme &lt;i&gt;SA" in page.text
    assert (told["count"], told["members"][0]["role"]) == (1, "compras")


async def test_programs_make_groups_and_say_who_belongs(desk):
    token = await a_token(desk.office, desk.tenant, "service")
    made = await desk.post("/api/groups", json={"kind": "company", "domain": "https://www.acme.example"}, headers=token)
    wrong = await desk.post("/api/groups", json={"kind": "club", "name": "Chess"}, headers=token)
    joined = await desk.put(f"/api/groups/{ACME.hex()}/members/email:ana@acme.example", json={"role": "x"}, headers=token)

    assert (made.status_code, desk.office.bringing.made) == (201, [GroupTold("company", "acme.example", "acme.example")])
    assert (wrong.status_code, "company or household" in wrong.text) == (400, True)
    assert (joined.status_code, len(desk.office.intake.told)) == (204, 1)


async def test_a_link_to_their_own_page_is_on_record(desk):
    await posted(desk, f"{AT}/link")

    [made] = [fact for fact in desk.office.intake.recorded if isinstance(fact, ProfileLinkMade)]
    assert (made.person, made.by) == (ANA, "supervisor")
