"""A centre full of life, as rows: the hotel of the exemplars, with every state that a page must show."""
# ruff: noqa: E501  (a row of the scene stands on a line of its own, however long)
# fmt: off

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from rapport.ledger.entry import body_of
from rapport.ledger.merkle import canonical, leaf_hash
from rapport.ledger.tables import write_rows
from rapport.model import fact as f
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.attribute import Attribute
from rapport.model.centre import Account, Brand, Policy, Profile, SavedReply, Thing
from rapport.model.conversation import Conversation, State
from rapport.model.ids import named_id
from rapport.model.interaction import Interaction
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.need import Explanation, Need, Offer, OfferState, Term
from rapport.model.person import Handle, JourneyEvent, Person
from rapport.model.reply import Aside, Draft, DraftState, Finding, Incident, Outgoing, OutgoingState
from rapport.model.signal import Shown
from rapport.store.pool import Store

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # 22:00 of 3 March in Mexico City
KINDS = {
    "mastodon": ChannelKind.SOCIAL,
    "bluesky": ChannelKind.SOCIAL,
    "review": ChannelKind.SOCIAL,
    "webchat": ChannelKind.CHAT,
    "email": ChannelKind.EMAIL,
    "sms": ChannelKind.SMS,
    "voice": ChannelKind.VOICE,
}
AGENTS = (
    Agent("ana", "Ana Quiroz", team="Sistemas", role="administrator", attributes={"skills": {"wifi": 0.9, "impresoras": 0.4}, "languages": ["es", "en"]}),
    Agent("irene", "Irene Villaseñor", team="Recepción y estancia", role="supervisor", attributes={"languages": ["es"]}),
    Agent("noor", "Noor Baptiste-Oyelaran", team="Sistemas", attributes={"skills": {"wifi": 0.8}, "languages": ["es", "en", "ar"]}),
    Agent("xo", "Xóchitl Santillán y Montes de Oca de la Garza", team="Facturación y comprobantes fiscales"),
    Agent("lupe", "Lupe Ontiveros", team="Sistemas"),
    Agent("bot", "Recepcionista", bot=True, slots={"chat": 50}),
)


def minutes(n: float) -> datetime:
    """So many minutes ago."""
    return NOW - timedelta(minutes=n)


def an_id(*names: object) -> bytes:
    """The id that names name here."""
    return named_id(NOW, *(str(name) for name in names))


def centre_things() -> list[Thing]:
    """The centre: hotel, agents, accounts, a policy that asks approval for public replies, saved replies."""
    things: list[tuple[str, Any]] = [
        ("centre", Profile(name="Hotel Reforma", zone="America/Mexico_City")),
        ("brand", Brand("reforma", "@reforma", links=("reforma.example",))),
        ("policy", Policy("public", approve=("public",), banned=("garantizamos",))),
        ("reply", SavedReply("gracias", {"es": "Gracias por escribirnos. Lo revisamos ahora mismo.", "en": "Thank you for writing. We are looking into it now."}, title="Gracias, lo revisamos")),
        ("reply", SavedReply("red", {"es": "¿Puede olvidar la red y volver a entrar con su apellido?"}, title="Volver a entrar a la red")),
        *(("account", Account(name, name, "reforma")) for name in KINDS),
        *(("agent", agent) for agent in AGENTS),
    ]
    return [Thing(f"{kind}/{thing.id}", msgspec.json.encode(thing), NOW) for kind, thing in things]


class Scene:
    """Rows that are gathered and then written at once."""

    def __init__(self) -> None:
        self.rows: dict[type[msgspec.Struct], dict[Any, msgspec.Struct | None]] = defaultdict(dict)

    def put(self, *rows: msgspec.Struct) -> None:
        """Add rows."""
        for row in rows:
            self.rows[type(row)][row.id] = row

    def talk(
        self, name: str, who: str, channel: str, text: str, ago: float, *, handle: str = "", **changes: Any
    ) -> Conversation:
        """A conversation of one message, with its person and handle."""
        id, person, of = an_id("c", name), an_id("p", who), an_id("h", who, channel)
        public = changes.pop("public", False)
        reach = Reach.PUBLIC if public else Reach.PRIVATE
        message = an_id("m", name, 0)
        made = {
            "state": State.OPEN, "name": who, "preview": text[:160], "language": "es", "message": message, "messages": 1,
            "waiting_since": minutes(ago), "due_at": minutes(ago - 15), "unread": True,
        } | changes
        made_conversation = Conversation(
            id=id, person=person, handle=of, kind=KINDS[channel], account=channel, channel=channel, reach=reach,
            opened_at=minutes(ago), last_at=minutes(ago), **made,
        )
        self.put(
            made_conversation,
            Person(person, who, made["language"], minutes(60 * 24 * 50), minutes(ago), messages=3, conversation=id),
            Handle(of, f"{channel}:{handle or who}", person, who, minutes(ago)),
            Message(
                message, minutes(ago), Direction.IN, Standing.RECEIVED, reach, channel, channel, key=name, handle=of,
                person=person, conversation=id, author=who, text=text, subject=made.get("subject", ""),
                language=made["language"], kind=KINDS[channel], intent=made.get("intent", ""), sure=0.71,
                evidence=("wifi", "cuarto") if made.get("intent") else (), read_by="seeds-d00272eb",
                sentiment="negative" if made.get("emotion") == "anger" else "",
                because=(Shown("negative", "cayendo"),) if made.get("emotion") == "anger" else (),
            ),
        )
        return made_conversation

    def change(self, row: msgspec.Struct, **fields: Any) -> Any:
        """Put the row with other fields."""
        changed = msgspec.structs.replace(row, **fields)
        self.put(changed)
        return changed

    async def write(self, store: Store, tenant: int) -> None:
        """Write everything."""
        async with store.within(tenant) as db:
            await write_rows(db, tenant, self.rows)


def the_guest(scene: Scene) -> Conversation:
    """The guest whose wifi drops: public first, then direct, with a note, work, a journey and reasons."""
    who = "María Fernanda Echeverría-Goikoetxea Ruiz de la Peña"
    c = scene.talk(
        "wifi", who, "mastodon",
        "Tercera noche y el wifi de mi cuarto se sigue cayendo cada cinco minutos. Mañana presento a las 9 y no puedo ni abrir el correo. @reforma ¿hay alguien ahí?",
        18, handle="@mafer@tinta.example", public=True, agent="ana", intent="wifi", urgency=0.8, emotion="anger",
        due_at=minutes(-3), waiting_since=minutes(9), unread=False, team="Sistemas", messages=4, reopened=1,
    )
    work, offer = an_id("i", "wifi"), an_id("o", "wifi")
    why = Explanation(
        plan="wifi", step=0, considered=38, removed={"language": 12, "presence": 22},
        terms=(
            Term("skill", "wifi", 0.9, "asks for 0.6"),
            Term("known", "", 0.31, "12 feb"),
            Term("language", "es", 0.18),
        ),
        score=1.39, others=(("noor", 1.1), ("lupe", 0.4)),
    )
    scene.put(
        Interaction(work, c.id, "ana", "social", minutes(16), waited=12.0),
        Offer(offer, c.id, "ana", "social", minutes(17), minutes(16), OfferState.ACCEPTED, minutes(16), why),
        Offer(an_id("o", "wifi", "noor"), c.id, "noor", "social", minutes(18), minutes(17), OfferState.DECLINED, minutes(17)),
    )
    common = {"account": "mastodon", "channel": "mastodon", "person": c.person, "conversation": c.id, "handle": c.handle}
    scene.put(
        Message(an_id("m", "wifi", 1), minutes(15), Direction.OUT, Standing.SENT, Reach.PUBLIC, agent="ana", author="Ana Quiroz", text="Hola, María Fernanda. Sí, aquí estamos. Te escribo por mensaje directo para no tratar tu estancia en público y lo arreglamos hoy.", **common),
        Message(an_id("m", "wifi", 2), minutes(9), Direction.IN, Standing.RECEIVED, Reach.PRIVATE, author=who, language="es", text="Gracias. Es la 512. Mi esposo les quiso escribir él mismo:\n\nمرحبًا، الإنترنت في غرفتنا (512) ينقطع كل خمس دقائق. شكرًا!", **common),
        Message(an_id("m", "wifi", 3), minutes(6), Direction.NOTE, Standing.RECEIVED, Reach.PRIVATE, agent="lupe", author="lupe", text="@Ana el punto 5-B se reinició a las 14:10. La 512 queda entre dos celdas; ya la fijé al canal 44. Pídele que olvide la red y vuelva a entrar.", conversation=c.id, handle=c.handle, person=c.person),
        Message(an_id("m", "wifi", 4), minutes(4), Direction.OUT, Standing.UNKNOWN, Reach.PRIVATE, agent="ana", author="Ana Quiroz", text="Ya quedó, ¿puedes olvidar la red y volver a entrar?", reason="the server did not answer: ReadTimeout()", **common),
        Outgoing(an_id("out", "wifi"), an_id("m", "wifi", 4), c.id, "mastodon", "mastodon", Reach.PRIVATE, minutes(4), OutgoingState.UNKNOWN, text="Ya quedó, ¿puedes olvidar la red y volver a entrar?", to="@mafer@tinta.example", reason="the server did not answer: ReadTimeout()", tries=3),
    )
    person = scene.rows[Person][c.person]
    scene.change(
        person, messages=41, agents=("ana", "irene"),
        attributes=(Attribute("loyalty", "Oro", "lealtad", minutes(90_000)), Attribute("prefers", "writing", "declared", minutes(900), 0.8)),
    )
    scene.put(
        Handle(an_id("h", who, "sms"), "sms:+52 55 5550 0117", c.person, who),
        Handle(an_id("h", who, "mail"), "email:mafer.echeverria.goikoetxea@correo.tinta.example", c.person, who),
    )
    for n, (ago, kind, source, data) in enumerate((
        (470, "wifi.access_point_restarted", "Sistemas", {"punto": "5-B"}),
        (1360, "call.ended", "Recepción", {"minutos": 4, "cierre": "resuelta"}),
        (3235, "hotel.checked_in", "Recepción", {"room": "512", "noches": 3}),
        (27_000, "invoice.corrected", "Facturación", {"folio": "F-2210"}),
        (76_000, "loyalty.upgraded", "Lealtad", {"nivel": "Oro"}),
    )):
        scene.put(JourneyEvent(an_id("e", n), minutes(ago), kind, source, c.person, c.handle, data))
    return c


def the_inbox(scene: Scene) -> None:
    """The other conversations: every channel, every state."""
    scene.talk(
        "minibar",
        "Óscar Ibarrondo",
        "voice",
        "Me cobraron dos veces el minibar y nadie contesta en recepción…",
        3,
        agent="ana",
        urgency=0.9,
        due_at=minutes(-8),
        intent="facturación",
    )
    mail = scene.talk(
        "cots",
        "Bartholomew Okonkwo-Featherstone",
        "email",
        "Good evening, could the invoice go to my employer? Two cots and one quiet floor, please. Details attached.",
        11,
        agent="ana",
        language="en",
        subject="Booking 48817: two cots, one quiet floor, and the invoice to my employer",
        due_at=minutes(-42),
        intent="grupos",
        handle="bart@okonkwo.example",
    )
    scene.change(
        scene.rows[Message][mail.message],
        text="Good evening, could the invoice go to my employer? Two cots and one quiet floor, please.\n\n"
        "Our form: https://forms.okonkwo.example/48817 (and www.okonkwo.example).",
        html="<p>Good evening,<br><a href='https://reforma.example.login.evil.example/pay?x=1'>our form</a>. Could the invoice go to my employer? <b>Two cots</b>.</p><script>alert(1)</script><img src='https://tracker.example/x.png'>",
    )
    scene.talk("person", "", "webchat", "quiero hablar con una persona por favor", 1.5, wants_person=True, due_at=minutes(-51))
    scene.talk(
        "taxi", "Guillermina Xicoténcatl", "webchat", "¿Me piden un taxi para las 5?", 6, due_at=minutes(2), intent="transporte"
    )
    review = scene.talk(
        "desayuno",
        "Chayo del Valle",
        "review",
        "Bonito lobby, pero el desayuno cierra a las 9:30",
        105,
        public=True,
        agent="ana",
        draft=an_id("d", "desayuno"),
        unread=False,
        due_at=minutes(-75),
    )
    scene.talk(
        "tarde",
        "+52 55 5550 0142",
        "sms",
        "Ok. Llego tarde, guarden la habitación",
        149,
        state=State.SNOOZED,
        snoozed_until=NOW + timedelta(hours=10),
        waiting_since=None,
        due_at=None,
        unread=False,
    )
    scene.talk(
        "carrera",
        "runs_with_tamales",
        "bluesky",
        "Is the 5K on Sunday still on if it rains? @reforma",
        238,
        public=True,
        language="en",
        agent="lupe",
        team="Sistemas",
        intent="eventos",
        unread=False,
        due_at=minutes(-20),
    )
    scene.talk(
        "salida",
        "Wenceslao Tzompantzi-Arreguín",
        "webchat",
        "¿Puedo salir a las 14:00 sin cargo? Mi vuelo sale a las 19:00",
        260,
        state=State.PENDING,
        agent="bot",
        bot=True,
        unread=False,
        due_at=minutes(-120),
    )
    scene.talk(
        "pago",
        "Comprobantes y Servicios Integrales del Altiplano, S. A. de C. V.",
        "email",
        "Complemento de pago de enero, segunda solicitud",
        348,
        subject="Complemento de pago de enero, segunda solicitud",
        agent="xo",
        team="Facturación y comprobantes fiscales",
        intent="facturación",
        unread=False,
        due_at=minutes(-300),
    )
    scene.talk(
        "gracias",
        "نور الهاشمي",
        "mastodon",
        "هل يمكن تسجيل الخروج عند الساعة 14:00؟ شكرًا",
        400,
        language="ar",
        state=State.RESOLVED,
        resolved_at=minutes(380),
        disposition="solved",
        waiting_since=None,
        due_at=None,
        unread=False,
        answered_at=minutes(390),
    )
    for name in ("minibar", "cots"):
        scene.put(Interaction(an_id("i", name), an_id("c", name), "ana", "chat", minutes(10), waited=20.0))
    for name in ("person", "taxi"):
        scene.put(Need(an_id("c", name), "default", minutes(5), slot="chat"))
    scene.put(
        Draft(an_id("d", "desayuno"), review.id, "irene", minutes(2), Reach.PUBLIC, DraftState.ASKED, text="Gracias, Chayo. Desde el lunes el desayuno cierra a las 11:00. Pida su cortesía al 55 5550 0199 y la noche de hoy va por nuestra cuenta.", parts=("@chayo Gracias, Chayo. Desde el lunes el desayuno cierra a las 11:00. Pida su cortesía al 55 5550 0199 y la noche de hoy va por nuestra cuenta.",), findings=(Finding("contact-data", "ask", "The text names a telephone number or an address where everybody can read it.", 83, 95), Finding("duplicate", "warn", "The same text was sent just before."))),
        Draft(an_id("d", "propio"), an_id("c", "wifi"), "ana", minutes(1), Reach.PUBLIC, DraftState.ASKED, text="Ya quedó, María Fernanda.", parts=("@mafer@tinta.example Ya quedó, María Fernanda.",)),
    )


def the_rest(scene: Scene) -> None:
    """Agents now, an open offer for Ana, what is held, what was set aside, and the day's messages."""
    scene.put(
        AgentNow("ana", Presence.AVAILABLE, minutes(200), held={"social": 2, "email": 1}),
        AgentNow("irene", Presence.AVAILABLE, minutes(300)),
        AgentNow("noor", Presence.BUSY, minutes(20), held={"social": 1}),
        AgentNow("lupe", Presence.AWAY, minutes(30)),
        AgentNow("bot", Presence.AVAILABLE, minutes(900), held={"chat": 1}),
        Offer(an_id("o", "taxi"), an_id("c", "taxi"), "ana", "chat", NOW - timedelta(seconds=12), NOW + timedelta(seconds=48), why=Explanation("default", 0, 5, {"presence": 2}, (Term("language", "es", 0.4), Term("idle", "", 0.1, "4 min")), 0.5)),
        Incident(an_id("inc"), "mastodon", "crowd", minutes(12), minutes(6), held=312, sample="Apagón de wifi en el Reforma, ¡nadie tiene internet!"),
        Aside(an_id("aside"), 48_817, minutes(50), "understanding", "ValueError: the model file has another version"),
        Message(an_id("held", 1), minutes(8), Direction.IN, Standing.HELD, Reach.PUBLIC, "mastodon", "mastodon", author="promo_4471", text="GANA UN PREMIO reforma-premios.example", reason="crowd"),
        Message(an_id("bad", 1), minutes(70), Direction.IN, Standing.UNREADABLE, Reach.PRIVATE, "email", "email", author="buzon@roto.example", reason="a mail may have 25 MiB, this one has 31; it stays whole in the mailbox"),
    )
    for n in range(420):
        at = NOW - timedelta(minutes=n * 2.9 + (n % 7) * 3)
        scene.put(
            Message(named_id(at, "day", n), at, Direction.IN if n % 3 else Direction.OUT, Standing.RECEIVED if n % 3 else Standing.SENT, Reach.PRIVATE, "webchat", "webchat", conversation=an_id("past", n))
        )
    for n in range(40):
        late = n % 9 == 0
        answered = None if n % 13 == 0 else minutes(900 - n * 20 - (25 if late else 1))
        scene.talk(
            f"past{n}",
            f"Visitante {n}",
            "webchat",
            "¿A qué hora abre la alberca?",
            900 - n * 20,
            state=State.RESOLVED,
            resolved_at=minutes(300),
            disposition="answered",
            answered_at=answered,
            waiting_since=None,
            due_at=None,
            unread=False,
        )
        scene.put(
            Interaction(
                an_id("past", n),
                an_id("c", f"past{n}"),
                ("ana", "irene", "noor")[n % 3],
                "chat",
                minutes(890 - n * 20),
                10.0,
                ended_at=minutes(884 - n * 20),
                disposition="answered",
            )
        )


async def record(store: Store, tenant: int, c: Conversation) -> None:
    """What the ledger says of the guest's conversation, as far as its page shows it."""
    offer, said = an_id("o", "wifi"), [an_id("m", "wifi", n) for n in range(5)]
    heard = [f.MessageReceived(said[n], c.handle, "mastodon", "mastodon", ChannelKind.SOCIAL, Reach.PUBLIC if n == 0 else Reach.PRIVATE, f"k{n}", minutes(18 - 4 * n)) for n in (0, 1, 2)]
    told: list[tuple[float, bytes, f.Fact]] = [
        (18, said[0], heard[0]),
        (18, said[0], f.MessageAdmitted(said[0], c.handle)),
        (18, c.id, f.ConversationOpened(c.id, c.person, c.handle, said[0])),
        (18, c.id, f.NeedRaised(c.id, "default", "social", minutes(18))),
        (18, c.id, f.OfferMade(offer, c.id, "ana", "social", minutes(17))),
        (17, offer, f.ActionTaken(an_id("a", 1), "ana", "accept", offer=offer)),
        (17, c.id, f.OfferAccepted(offer, c.id, "ana", an_id("i", "wifi"), "social", waited=20.0)),
        (14, said[1], heard[1]),
        (10, said[2], heard[2]),
        (6, c.id, f.NoteWritten(said[3], c.id, "lupe")),
        (4, c.id, f.ReplyQueued(an_id("out", "wifi"), an_id("d", "propio"), said[4], c.id, c.handle, "mastodon", "mastodon", Reach.PRIVATE)),
        (3, an_id("out", "wifi"), f.SendUnknown(an_id("out", "wifi"), 3)),
    ]
    async with store.within(tenant) as db:
        for seq, (ago, subject, fact) in enumerate(told, 1):
            id, at, body = an_id("entry", seq), minutes(ago), body_of(fact)
            micros = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
            leaf = leaf_hash(canonical(micros, id, subject, fact.number, None, None, body, b""))
            await db.execute("insert into entry(tenant, seq, at, id, subject, kind, body, leaf) values ($1, $2, $3, $4, $5, $6, $7, $8)", tenant, seq, at, id, subject, fact.number, body, leaf)


async def fill(store: Store, tenant: int) -> Conversation:
    """Fill a tenant; the guest's conversation."""
    scene = Scene()
    scene.put(*centre_things())
    guest = the_guest(scene)
    the_inbox(scene)
    the_rest(scene)
    await scene.write(store, tenant)
    await record(store, tenant, guest)
    return guest
