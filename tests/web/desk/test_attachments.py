"""Files beside a composer: judged, kept sealed, described, removed, sent with the reply; and the link that opens one."""

import io
import zipfile
from datetime import timedelta

import pytest
from PIL import Image

from rapport.access.file_links import file_link
from rapport.app.attaching import cleaning
from rapport.channels.carrying import carried
from rapport.channels.channel import Fitted, MediaRules, Unit
from rapport.channels.media import MediaKeeper
from rapport.channels.sandbox import Sandbox
from rapport.ledger.seal import Keys
from rapport.web.attaching import Attaching
from web.officework import HERE, NOW, PAGE, a_browser, a_conversation, an_office, sign_in

pytestmark = pytest.mark.anyio
KEYS = Keys(bytes(range(32)))


class House:
    """As much of a house as cleaning asks for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.media = MediaKeeper(None, sandbox)


@pytest.fixture(scope="module")
def sandbox():
    """One child that reads files, for the tests of this file."""
    sandbox = Sandbox(most=1)
    yield sandbox
    sandbox.close()


def a_photo() -> bytes:
    """A photograph that says where it was taken."""
    image, exif, out = Image.new("RGB", (8, 6), "teal"), Image.Exif(), io.BytesIO()
    exif[0x8825] = {1: "N", 2: (19.0, 25.0, 0.0)}
    exif[0x010E] = "room 512"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def a_macro_book() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.fixture
async def desk(store, tenant, sandbox):
    """A browser of an agent, and a conversation whose person has a key."""
    house = House(sandbox)
    clean = cleaning(house)

    def carry(tenant, account, channel, text, reach, to, files, now):
        return carried(MediaRules(("image/*",), 1 << 20, 4, described=True), lambda said: (said,), text, files, None)

    def fit(tenant, account, channel, text, reach, to):
        return Fitted((text,), 500, Unit.CHARS)

    office = an_office(store, attaching=Attaching(KEYS, carry, clean), fit=fit)
    conversation = await a_conversation(store, tenant)
    async with store.within(tenant) as db:
        handle = await db.fetchval("select handle from conversation where id = $1", conversation)
        wrapped = KEYS.new(tenant, handle)[1]
        await db.execute(
            "insert into key(tenant, owner, name, wrapped) values ($1, $2, $3, $4)", tenant, handle, handle, wrapped
        )
    async with a_browser(office) as client:
        client.office, client.tenant, client.at = office, tenant, f"/desk/{conversation.hex()}"
        client.csrf = await sign_in(client, office, tenant)
        yield client


async def attach(desk, *files: tuple[str, bytes], headers=None, **fields: str):
    given = [("files", (name, data, "application/x-whatever")) for name, data in files]
    return await desk.post(
        f"{desk.at}/files", data={"csrf": desk.csrf, **fields}, files=given, headers={**PAGE, **(headers or {})}
    )


async def kept(desk) -> dict[str, tuple[str, bytes]]:
    """What the page shows beside the composer: (address, bytes) by name."""
    import re

    page = (await desk.get(desk.at)).text
    found = re.findall(r'<a class="cut" href="(/media/\w+)"[^>]*>([^<]+)</a>', page)
    return {name: (address, (await desk.get(address)).content) for address, name in found}


async def test_a_picture_that_is_attached_says_no_longer_where_it_was_taken_and_survives_a_reload(desk):
    assert b"room 512" in a_photo()
    answer = await attach(desk, ("C:\\fotos\\..\\room\u202e.jpeg", a_photo()), text="Mire", reach="private")

    assert answer.status_code == 303
    ((name, (_, data)),) = (await kept(desk)).items()
    assert name == "room.jpg"
    assert dict(Image.open(io.BytesIO(data)).getexif()) == {}
    assert ">Mire</textarea>" in (await desk.get(desk.at)).text


async def test_a_note_takes_its_files_along_and_they_stand_beside_the_composer_no_more(desk):
    await attach(desk, ("plan.txt", b"solo para nosotros"))
    await desk.post(f"{desk.at}/say", data={"csrf": desk.csrf, "reach": "note", "text": "Mira el plano"}, headers=PAGE)

    (said,) = [act for act in desk.office.intake.acts if act["do"] == "note"]
    assert [file.name for file in said["files"]] == ["plan.txt"]
    assert await kept(desk) == {}


async def test_the_reply_takes_its_files_along_with_what_their_pictures_show(desk):
    await attach(desk, ("a.jpg", a_photo()), ("b.txt", b"hola"))
    page = (await desk.get(desk.at)).text
    alt = page.partition('name="alt-')[2].partition('"')[0]

    await desk.post(f"{desk.at}/say", data={"csrf": desk.csrf, "reach": "private", f"alt-{alt}": "A key"}, headers=PAGE)

    (said,) = [act for act in desk.office.intake.acts if act["do"] == "reply"]
    assert [(file.name, file.type, file.alt) for file in said["files"]] == [
        ("a.jpg", "image/jpeg", "A key"),
        ("b.txt", "text/plain", ""),
    ]
    assert await kept(desk) == {}


async def test_a_file_can_be_taken_away_again_and_no_letter_is_lost(desk):
    await attach(desk, ("a.txt", b"uno"), ("b.txt", b"dos"))
    remove = (await desk.get(desk.at)).text.partition('formaction="/desk/')[2].partition('"')[0]

    await desk.post(f"/desk/{remove}", data={"csrf": desk.csrf, "text": "Aquí va"}, headers=PAGE)

    assert list(await kept(desk)) == ["b.txt"]
    assert ">Aquí va</textarea>" in (await desk.get(desk.at)).text


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("photo.jpg", b"MZ\x90\0", "is a program"),
        ("book.xlsx", a_macro_book(), "holds macros"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "holds macros"),
        ("page.txt", b"hello <script>alert(1)</script>", "acts by itself"),
        ("form.pdf", b"%PDF-1.7 /JavaScript (app.alert(1))", "acts by itself"),
        ("run.vbs", b"plain words", "is a program"),
        ("thing.dat", bytes(range(256)), "Nobody can say what"),
        ("photo.png", b"\x89PNG\r\n\x1a\n broken", "cannot be read"),
    ],
)
async def test_what_no_house_should_send_is_refused_by_its_content_with_the_cure(desk, name, data, says):
    answer = await attach(desk, (name, data), headers={"x-part": "files", "accept-language": "en"})

    assert answer.status_code == 200
    assert says in answer.text
    assert name in answer.text
    assert 'data-files="0"' in answer.text


async def test_the_table_holds_no_byte_of_a_file_in_the_open_and_nothing_of_it_once_the_person_s_key_is_gone(desk, store):
    await attach(desk, ("secret-name.txt", b"room 512 is theirs"))
    async with store.within(desk.tenant) as db:
        row = b"".join(await db.fetchrow("select about, sealed from attachment where tenant = $1", desk.tenant))
        await db.execute("delete from key where tenant = $1", desk.tenant)
    assert b"512" not in row
    assert b"secret-name" not in row

    KEYS.forget(desk.tenant)

    assert await kept(desk) == {}


async def test_a_link_opens_one_file_without_a_login_until_it_is_over(desk):
    await attach(desk, ("a.txt", b"uno"))
    blob = (await kept(desk))["a.txt"][0].rpartition("/")[2]
    good = file_link(desk.tenant, blob, NOW + timedelta(days=1), key=desk.office.key)
    over = file_link(desk.tenant, blob, NOW - timedelta(seconds=1), key=desk.office.key)
    desk.cookies.clear()

    answer = await desk.get(f"{HERE}/files/{good}")

    assert (answer.content, answer.headers["content-disposition"]) == (b"uno", "attachment; filename*=UTF-8''a.txt")
    assert [(await desk.get(f"{HERE}/files/{link}")).status_code for link in (over, good[:-2] + "AA", "x")] == [404] * 3


async def test_a_file_that_went_to_two_is_theirs_by_their_own_links_and_one_who_is_forgotten_takes_nothing_from_the_other(
    desk, store
):
    other = await a_conversation(store, desk.tenant, "c2")
    async with store.within(desk.tenant) as db:
        handle = await db.fetchval("select handle from conversation where id = $1", other)
        wrapped = KEYS.new(desk.tenant, handle)[1]
        await db.execute(
            "insert into key(tenant, owner, name, wrapped) values ($1, $2, 'two', $3)", desk.tenant, handle, wrapped
        )
    await attach(desk, ("for-one.txt", b"uno"))
    blob = (await kept(desk))["for-one.txt"][0].rpartition("/")[2]
    first, desk.at = desk.at, f"/desk/{other.hex()}"
    await attach(desk, ("for-two.txt", b"uno"))
    links = [
        file_link(desk.tenant, blob, NOW + timedelta(days=1), key=desk.office.key, to=to) for to in ("webchat:c1", "webchat:c2")
    ]

    both = [(await desk.get(f"/files/{link}")).headers["content-disposition"].rpartition("'")[2] for link in links]
    async with store.within(desk.tenant) as db:
        await db.execute("delete from key where tenant = $1 and owner = $2", desk.tenant, handle)
    KEYS.forget(desk.tenant)
    left = [(await desk.get(f"/files/{link}")).status_code for link in links]
    async with store.within(desk.tenant) as db:  # since it was attached, a colleague of theirs has written in the same thread
        handle = await db.fetchval("update handle set id = gen_random_uuid() where name = 'webchat:c2' returning id")
        await db.execute("update conversation set handle = $1 where id = $2", handle, bytes.fromhex(first[6:]))
    left.append((await desk.get(f"/files/{links[1]}")).status_code)
    desk.at = first

    assert both == ["for-one.txt", "for-two.txt"]
    assert left == [200, 404, 200]
    assert [data for _, data in (await kept(desk)).values()] == [b"uno"]


async def test_what_the_network_does_not_take_is_said_under_the_composer_before_anything_is_sent(desk):
    await attach(desk, ("a.txt", b"uno"))

    checks = await desk.post(f"{desk.at}/checks", data={"csrf": desk.csrf, "reach": "private", "text": ""}, headers=PAGE)

    assert "solo image/*" in checks.text
    assert "disabled" in checks.text


async def test_a_program_attaches_by_the_api(desk):
    from web.officework import a_token

    token = await a_token(desk.office, desk.tenant, role="agent", agent="agent")
    address = f"/api/conversations/{desk.at.rpartition('/')[2]}/files"
    desk.cookies.clear()

    answer = await desk.post(address, files={"file": ("a.csv", b"a,b\n1,2\n")}, headers=token)

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["type"]) == ("a.csv", "text/plain")
