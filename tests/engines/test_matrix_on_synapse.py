"""The Matrix channel on a real homeserver: the brand's account is ours, Maria uses a foreign client (matrix-nio)."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import anyio
import pytest
from nio import AsyncClient, RoomMessageImage, RoomMessagesResponse, RoomPreset, RoomVisibility

from contracts.channel import ChannelContract, a_part, eventually, everything
from engines.servers_matrix import Synapse, synapse
from rapport.channels.channel import Op
from rapport.channels.matrix.channel import open_matrix
from rapport.errors import Refused
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def homeserver(folder) -> Iterator[Synapse]:
    """Synapse, started once."""
    with synapse(folder / "synapse") as running:
        yield running


@pytest.fixture
async def maria(homeserver, anyio_backend) -> AsyncIterator[AsyncClient]:
    """Maria's program."""
    client = AsyncClient(homeserver.url, homeserver.name("maria"))
    client.access_token = homeserver.tokens["maria"]
    client.user_id = homeserver.name("maria")
    yield client
    await client.close()


@pytest.fixture
def channel(homeserver, means):
    settings = {"server": homeserver.url, "token": homeserver.tokens["care"]}
    return open_matrix(Account("acme", "matrix", settings=settings), means)


@pytest.fixture
async def room(homeserver, channel, maria) -> str:
    """A room of Maria's into which she invites the brand, which comes."""
    made = await maria.room_create(invite=[homeserver.name("care")], is_direct=True)

    async def joined():
        await channel.pull(None)
        return homeserver.name("care") in {m.user_id for m in (await maria.joined_members(made.room_id)).members}

    assert await eventually(joined)
    return made.room_id


@pytest.fixture
def to(homeserver):
    return f"matrix:{homeserver.name('maria')}"


@pytest.fixture
def write(maria, room):
    async def write(text, **content):
        sent = await maria.room_send(room, "m.room.message", {"msgtype": "m.text", "body": text} | content)
        return sent.event_id

    return write


async def said_to(maria: AsyncClient, room: str) -> list[str]:
    """What the brand said in a room, as Maria's program has it."""
    page = await maria.room_messages(room, start=None, limit=200)
    assert isinstance(page, RoomMessagesResponse), page
    return [event.body for event in page.chunk if event.sender != maria.user_id and hasattr(event, "body")]


async def everywhere(maria: AsyncClient) -> list[str]:
    """The same, in every room of hers, also those to which the brand invites her."""
    found = await maria.sync(timeout=0, full_state=True)
    for invited in found.rooms.invite:
        await maria.join(invited)
    return [body for room in (await maria.joined_rooms()).rooms for body in await said_to(maria, room)]


class TestMatrixChannel(ChannelContract):
    @pytest.fixture
    def channel(self, homeserver, means):
        settings = {"server": homeserver.url, "token": homeserver.tokens["care"]}
        return open_matrix(Account("acme", "matrix", settings=settings), means)

    @pytest.fixture
    def to(self, homeserver):
        return f"matrix:{homeserver.name('maria')}"

    @pytest.fixture
    def write(self, maria, room):
        async def write(text):
            await maria.room_send(room, "m.room.message", {"msgtype": "m.text", "body": text})

        return write

    @pytest.fixture
    def arrived(self, maria):
        async def arrived(text):
            return (await everywhere(maria)).count(text)

        return arrived

    @pytest.fixture
    def filed(self, maria):
        async def filed():
            await everywhere(maria)
            found = []
            for room in (await maria.joined_rooms()).rooms:
                page = await maria.room_messages(room, start=None, limit=200)
                found += [event.url for event in page.chunk if isinstance(event, RoomMessageImage)]
            return [(await maria.download(url)).body for url in found]

        return filed

    @pytest.mark.skip("a public message needs a room: see the test of a public room below")
    async def test_what_is_declared_can_be_done(self): ...


async def test_an_answer_stands_in_the_room_under_the_message_and_the_same_key_is_one_event(channel, maria, room, write, to):
    await channel.probe()
    await channel.pull(None)
    asked = await write("¿Dónde está mi pedido?")
    part = a_part(to=to, text="Llega hoy.", in_reply_to=f"{room}/{asked}", thread=room)

    first = await channel.deliver(part, "once-reply")
    again = await channel.deliver(part, "once-reply")

    assert first.key == again.key
    assert first.key.startswith(f"{room}/")
    assert (await said_to(maria, room)).count("Llega hoy.") == 1


async def test_edits_deletions_reactions_and_reading_are_news_of_the_message(channel, maria, room, write, to):
    await channel.probe()
    start = (await channel.pull(None)).cursor
    event = await write("hola", **{"m.mentions": {}})
    sent = await channel.deliver(a_part(to=to, text="Buenas", in_reply_to=f"{room}/{event}", thread=room), "once-news")
    ours = sent.key.partition("/")[2]
    relation = {"rel_type": "m.replace", "event_id": event}
    await write(
        "* hola, soy Ana", **{"m.new_content": {"msgtype": "m.text", "body": "hola, soy Ana"}, "m.relates_to": relation}
    )
    liked = {"m.relates_to": {"rel_type": "m.annotation", "event_id": ours, "key": "👍"}}
    await maria.room_send(room, "m.reaction", liked)
    await maria.room_read_markers(room, ours, ours)
    await maria.room_redact(room, event)

    page = await channel.pull(start)

    news = {type(one): one for one in page.events if not isinstance(one, Incoming)}
    assert (news[Edit].of, news[Edit].text) == (f"{room}/{event}", "hola, soy Ana")
    assert (news[Reaction].of, news[Reaction].sign) == (sent.key, "👍")
    assert (news[Report].of, news[Report].delivery) == (sent.key, Delivery.READ)
    assert news[Deletion].of == f"{room}/{event}"


async def test_our_own_messages_are_edited_reacted_to_and_taken_back_and_never_heard(channel, maria, room, write, to):
    await channel.probe()
    start = (await channel.pull(None)).cursor
    event = await write("gracias")
    sent = await channel.deliver(a_part(to=to, text="De nda", in_reply_to=f"{room}/{event}", thread=room), "once-mine")

    await channel.moderate(Op.EDIT, sent.key, "De nada", "edit-1")
    await channel.moderate(Op.REACT, f"{room}/{event}", "❤️", "react-1")
    await channel.moderate(Op.UNREACT, f"{room}/{event}", "❤️", "react-2")
    await channel.moderate(Op.MARK_READ, f"{room}/{event}", "", "read-1")
    assert "* De nada" in await said_to(maria, room)
    await channel.moderate(Op.DELETE, sent.key, "", "delete-1")
    await channel.moderate(Op.DELETE, sent.key, "", "delete-1")

    assert "De nda" not in await said_to(maria, room)
    assert [one.text for one in (await channel.pull(start)).events if isinstance(one, Incoming)] == ["gracias"]
    with pytest.raises(Refused):
        await channel.moderate(Op.HIDE, sent.key, "", "hide-1")


async def test_a_long_silence_of_ours_leaves_no_gap(channel, maria, room, write):
    await channel.probe()
    start = (await channel.pull(None)).cursor
    for n in range(130):
        await write(f"mensaje {n}")

    heard, _ = await everything(channel, start)

    assert [message.text for message in heard] == [f"mensaje {n}" for n in range(130)]


async def test_a_file_comes_with_its_bytes(channel, maria, room, write):
    await channel.probe()
    start = (await channel.pull(None)).cursor
    data = b"%PDF-1.4 factura"
    uploaded, _ = await maria.upload(
        lambda *_: data, content_type="application/pdf", filename="factura.pdf", filesize=len(data)
    )
    content = {"msgtype": "m.file", "url": uploaded.content_uri, "info": {"mimetype": "application/pdf", "size": len(data)}}
    await write("factura.pdf", **content)

    page = await channel.pull(start)

    [message] = [one for one in page.events if isinstance(one, Incoming)]
    assert page.files[message.media[0].blob] == data
    assert (message.media[0].name, message.text) == ("factura.pdf", "")


async def test_in_a_room_of_many_the_answer_is_public_and_a_private_one_goes_elsewhere(channel, homeserver, maria, to):
    made = await maria.room_create(
        visibility=RoomVisibility.public, preset=RoomPreset.public_chat, invite=[homeserver.name("care")]
    )
    await channel.probe()
    start = (await channel.pull(None)).cursor
    sent = await maria.room_send(made.room_id, "m.room.message", {"msgtype": "m.text", "body": "¿a todos les falla?"})
    key = f"{made.room_id}/{sent.event_id}"

    page = await channel.pull(start)
    answer = a_part(to=to, text="Ya lo miramos.", reach=Reach.PUBLIC, in_reply_to=key, thread=made.room_id)
    receipt = await channel.deliver(answer, "once-public")

    assert [one.key for one in page.events if isinstance(one, Incoming)] == [key]
    assert receipt.key.startswith(f"{made.room_id}/")
    assert receipt.at <= datetime.now(UTC)
    with pytest.raises(Refused):
        await channel.deliver(a_part(to=to, text="x", reach=Reach.PUBLIC), "once-nowhere")


async def test_a_hint_comes_when_somebody_writes(channel, room, write):
    await channel.probe()
    hinted = anyio.Event()

    async def listen():
        async for _ in channel.listen():
            hinted.set()
            return

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.sleep(0.5)
        await write("¿hay alguien?")
        with anyio.fail_after(60):
            await hinted.wait()
