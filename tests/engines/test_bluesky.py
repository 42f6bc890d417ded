"""The Bluesky channel on Bluesky's own network: the brand's account is ours, Maria uses Bluesky's own client."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from contracts.channel import ChannelContract, a_part, everything
from engines.servers_bluesky import Bluesky, bluesky
from rapport.channels.bluesky.channel import open_bluesky
from rapport.channels.channel import Idempotency, Means, Op
from rapport.errors import Refused
from rapport.model.centre import Account
from rapport.model.message import Reach
from rapport.model.news import Reaction

pytestmark = [pytest.mark.anyio, pytest.mark.nightly]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="session")
def network(folder) -> Iterator[Bluesky]:
    """The network, started once."""
    with bluesky(folder / "bluesky") as running:
        yield running


@pytest.fixture(scope="session")
def people(network) -> dict[str, dict[str, str]]:
    """Who is on it: (did, app password) by name."""
    return {who: network.ask("join", who=who) for who in ("care", "maria")}


@pytest.fixture(scope="session")
def sessions() -> dict[str, object]:
    """The brand's session, for all tests: a server lets an account open thirty in five minutes."""
    return {}


@pytest.fixture
def channel(network, people, sessions, means):
    yield from brand(network, people, sessions, means)


def brand(network, people, sessions, means):
    """The brand's account as a channel of ours."""
    secrets = {"app": people["care"]["password"]}
    settings = {"server": network.url, "user": "care.test", "password": "secret:app"}
    given = Means(means.clock, secrets.__getitem__, means.http, means.sandbox)
    channel = open_bluesky(Account("acme", "bluesky", settings=settings), given)
    session = channel.posts.xrpc.session
    session.opened, session._until = sessions.get("session"), sessions.get("until")
    yield channel
    sessions |= {"session": session.opened, "until": session._until}


@pytest.fixture
def maria(network, people):
    """`maria("post", text=...)`: she does it, and the whole network knows of it when this returns."""

    def does(call, **given):
        answer = network.ask(call, who="maria", **given)
        network.ask("settle")
        return answer

    return does


@pytest.fixture
def asked(maria):
    """A post of Maria's that names the brand."""
    return maria("post", text="@care.test ¿qué pasa con mi pedido?")


class TestBlueskyChannel(ChannelContract):
    @pytest.fixture
    def channel(self, network, people, sessions, means):
        yield from brand(network, people, sessions, means)

    @pytest.fixture
    def to(self, people):
        return f"bluesky:{people['maria']['did']}"

    @pytest.fixture
    def answering(self, asked):
        return asked["uri"]

    @pytest.fixture
    def write(self, maria):
        async def write(text):
            maria("post", text=f"@care.test {text}")

        return write

    @pytest.fixture
    def arrived(self, network, maria, asked):
        async def arrived(text):
            network.ask("settle")
            return [one["text"] for one in maria("thread", uri=asked["uri"])].count(text)

        return arrived

    @pytest.fixture
    def filed(self, network, people):
        async def filed():
            async with httpx.AsyncClient(base_url=f"{network.url}/xrpc/") as http:
                did = {"did": people["care"]["did"]}
                names = (await http.get("com.atproto.sync.listBlobs", params=did)).json()["cids"]
                return [(await http.get("com.atproto.sync.getBlob", params=did | {"cid": name})).content for name in names]

        return filed


def reply_to(asked, text="Lo miramos ya.", **changes):
    return a_part(**({"to": "bluesky:did", "text": text, "reach": Reach.PUBLIC, "in_reply_to": asked["uri"]} | changes))


async def test_the_probe_says_who_we_are_and_that_this_server_has_no_direct_messages(channel):
    probe = await channel.probe()

    assert (probe.works, probe.name, probe.health.en) == (
        True,
        "@care.test",
        "Connected as @care.test. Without direct messages.",
    )
    assert probe.capabilities.reaches == {Reach.PUBLIC}
    assert probe.capabilities.idempotency is Idempotency.NATIVE


async def test_a_mention_an_answer_and_a_quotation_are_heard_with_their_thread(channel, maria, people, network, asked):
    start = (await channel.pull(None)).cursor
    sent = await channel.deliver(reply_to(asked), "once-thread")
    network.ask("settle")
    [_, ours] = maria("thread", uri=asked["uri"])
    parent, root = {"uri": ours["uri"], "cid": ours["cid"]}, {"uri": asked["uri"], "cid": asked["cid"]}
    answer = maria("post", text="Gracias 👍🏽", reply={"root": root, "parent": parent})
    quoted = maria("post", text="Así se responde", quote=parent)

    heard, _ = await everything(channel, start)

    assert [(m.key, m.text, m.thread, m.in_reply_to) for m in heard] == [
        (answer["uri"], "Gracias 👍🏽", asked["uri"], sent.key),
        (quoted["uri"], "Así se responde", quoted["uri"], sent.key),
    ]
    assert {m.handle for m in heard} == {f"bluesky:{people['maria']['did']}"}
    assert {m.name for m in heard} == {"@maria.test"}


async def test_an_answer_in_parts_is_a_thread_with_links_names_and_tags_by_bytes(channel, maria, network, asked):
    text = "¡Sí! ✅ Pídalo en https://acme.example/devolución?n=1 o a @maria.test #envíos. " + "Más detalle del caso. " * 20
    parts = channel.fit(text, Reach.PUBLIC, "").parts

    for n, part in enumerate(parts):
        await channel.deliver(reply_to(asked, part), f"once-parts-{n}")
    network.ask("settle")

    first, second = maria("thread", uri=asked["uri"])[1:]
    assert (first["text"], second["text"]) == parts
    assert (first["parent"], second["parent"]) == (asked["uri"], first["uri"])
    said = first["text"].encode()
    pieces = {said[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in first["facets"]}
    assert pieces == {"https://acme.example/devolución?n=1", "@maria.test", "#envíos"}


async def test_the_network_refuses_one_grapheme_more_and_we_do_so_before_it(channel, asked):
    posts, family = channel.posts, "👨‍👩‍👧‍👦"

    assert [len(part) for part in channel.fit("ñ" * 301, Reach.PUBLIC, "").parts] == [300, 1]
    with pytest.raises(Refused, match="longer"):
        await channel.deliver(reply_to(asked, "ñ" * 301), "once-long")
    with pytest.raises(Refused, match="maximum 300"):
        await posts.answer(reply_to(asked, "ñ" * 301), "once-forced", channel.clock.now())
    await channel.deliver(reply_to(asked, family * 119), "once-family")  # 25 bytes each: bytes are what is short


async def test_a_post_that_was_made_is_found_by_its_name_alone_and_the_network_holds_it_once(channel, network, asked):
    part = reply_to(asked, "Una sola vez, de verdad")

    first = await channel.deliver(part, "once-again")
    again = await channel.deliver(part, "once-again")

    assert first.key == again.key == await channel.locate(part, "once-again", channel.clock.now() - timedelta(days=9))
    assert network.ask("records", of="care").count("Una sola vez, de verdad") == 1
    with pytest.raises(Refused, match="another text"):
        await channel.deliver(reply_to(asked, "Otra cosa"), "once-again")


async def test_who_does_not_let_us_answer_is_not_answered_into_the_void(channel, maria, asked):
    maria("gate", uri=asked["uri"])

    with pytest.raises(Refused, match="does not let"):
        await channel.deliver(reply_to(asked), "once-gate")


async def test_likes_go_both_ways_and_ours_can_be_taken_back(channel, maria, people, network, asked):
    start = (await channel.pull(None)).cursor
    sent = await channel.deliver(reply_to(asked, "¿Todo bien?"), "once-like")
    network.ask("settle")
    ours = maria("thread", uri=asked["uri"])[1]
    maria("like", uri=ours["uri"], cid=ours["cid"])
    for _ in range(2):
        await channel.moderate(Op.REACT, asked["uri"], "👍", "react-1")
    network.ask("settle")
    liked = maria("thread", uri=asked["uri"])[0]["likes"]
    for _ in range(2):
        await channel.moderate(Op.UNREACT, asked["uri"], "👍", "react-2")
    network.ask("settle")

    [event] = (await channel.pull(start)).events

    assert isinstance(event, Reaction)
    assert (event.of, event.sign, event.handle) == (sent.key, "like", f"bluesky:{people['maria']['did']}")
    assert (liked, maria("thread", uri=asked["uri"])[0]["likes"]) == (1, 0)


async def test_an_answer_under_a_post_of_ours_is_hidden_and_shown_and_only_there(channel, maria, network, asked):
    first = network.ask("post", who="care", text="Hoy cerramos a las 6")
    network.ask("settle")
    ref = {"uri": first["uri"], "cid": first["cid"]}
    rude = maria("post", text="¡Ladrones!", reply={"root": ref, "parent": ref})

    await channel.moderate(Op.HIDE, rude["uri"], "", "hide-1")
    await channel.moderate(Op.HIDE, rude["uri"], "", "hide-1")
    network.ask("settle")
    hidden = maria("thread", uri=first["uri"])[0]["hidden"]
    await channel.moderate(Op.UNHIDE, rude["uri"], "", "hide-2")
    network.ask("settle")

    assert hidden == [rude["uri"]]
    assert maria("thread", uri=first["uri"])[0]["hidden"] == []
    with pytest.raises(Refused, match="under a post of ours"):
        await channel.moderate(Op.HIDE, asked["uri"], "", "hide-3")


async def test_ours_is_taken_back_once_and_for_all_and_what_is_gone_cannot_be_answered(channel, maria, network, asked):
    sent = await channel.deliver(reply_to(asked, "Esto se borra"), "once-delete")
    for _ in range(2):
        await channel.moderate(Op.DELETE, sent.key, "", "delete-1")
    with pytest.raises(Refused, match="ourselves"):
        await channel.moderate(Op.DELETE, asked["uri"], "", "delete-2")
    maria("remove", uri=asked["uri"])

    assert "Esto se borra" not in network.ask("records", of="care")
    with pytest.raises(Refused, match="not there any more"):
        await channel.deliver(reply_to(asked), "once-gone")


async def test_a_picture_comes_with_an_address_that_gives_it(channel, network, maria):
    start = (await channel.pull(None)).cursor
    maria("post", text="@care.test mire la factura", image=PNG)

    [heard], _ = await everything(channel, start)

    [media] = heard.media
    assert (media.name, media.type) == ("la factura", "image/jpeg")
    address = (
        network.view + media.url.partition("/img/")[1] + media.url.partition("/img/")[2]
    )  # the name in it is of no machine
    assert (await channel.posts.xrpc.api.http.get(address)).headers["content-type"].startswith("image/")


async def test_a_session_is_renewed_without_the_password_and_a_wrong_password_is_said(channel, network, means):
    session = channel.posts.xrpc.session
    before, session.password = await session.me(), "wrong"
    session.renewed()

    after = await session.me()
    session.opened = None

    assert after.did == before.did
    assert after.access_jwt != before.access_jwt
    assert "Invalid identifier or password" in (await channel.probe()).health.en
    session.opened, session.password = after, "unused"


async def test_the_budget_is_what_the_server_says_is_left(channel, asked):
    budget = channel.posts.xrpc.api.budget
    await channel.deliver(reply_to(asked, "Cuenta puntos"), "once-points")
    before = {name: bucket.left for name, bucket in budget.buckets.items()}

    await channel.deliver(reply_to(asked, "Cuenta más puntos"), "once-points-2")

    assert budget.buckets["points_hour"].limit == 5000
    assert before["points_hour"] - budget.buckets["points_hour"].left >= 3


async def test_a_post_dated_an_hour_back_is_heard_by_the_next_look_further_back(channel, maria, network):
    start = (await channel.pull(None)).cursor
    channel._swept = None
    maria("post", text="@care.test lo escribí sin cobertura", minutes=60)

    heard, _ = await everything(channel, start)

    assert [m.text for m in heard] == ["@care.test lo escribí sin cobertura"]
