"""How the hotel's channels fare, and what became of the guest's messages: every state that their pages must show."""
# ruff: noqa: E501  (a row of the scene stands on a line of its own, however long)

from datetime import timedelta

from browser.filled import NOW, an_id, minutes
from rapport.ledger.tables import write_rows
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.news import Delivery
from rapport.model.reply import Outgoing, OutgoingState
from rapport.model.sequel import Sequel, Version, sequel_id
from rapport.store.pool import Store

GUEST = an_id("c", "wifi")
COLUMNS = (
    "account ok health_es health_en name ops reads_back pulls pushes expires last_heard last_fetched last_pushed rejected gaps"
)
LATELY = timedelta(seconds=40)
ACCOUNTS = (
    ("mastodon", True, "Conectada como @reforma@tinta.example.", "Connected as @reforma@tinta.example.", "@reforma@tinta.example",
     ["hide", "unhide", "react", "unreact", "delete", "edit"], True, True, False, None, minutes(9), NOW - LATELY, None, 0, 0),
    ("bluesky", True, "Conectada como @reforma.example.", "Connected as @reforma.example.", "reforma.example",
     [], True, True, True, NOW + timedelta(days=5), minutes(700), NOW - LATELY, minutes(2), 12, 3),
    ("email", False, "", "", "", [], True, True, False, None, minutes(11), minutes(25), None, 0, 0),
    ("sms", True, "La pasarela contesta.", "The gateway answers.", "+52 55 5550 0100",
     [], False, False, True, None, minutes(149), None, minutes(149), 0, 0),
    ("webchat", True, "El chat está listo.", "The chat is ready.", "", [], True, False, False, None, minutes(1), None, None, 0, 0),
)  # fmt: skip


async def fill_channels(store: Store, tenant: int) -> None:
    """Write the health of the accounts, their budgets, and what became of the guest's messages."""
    names, places = COLUMNS.split(), ", ".join(f"${n}" for n in range(3, 18))
    async with store.within(tenant) as db:
        for row in ACCOUNTS:
            await db.execute(
                f"insert into account_health (tenant, at, {', '.join(names)}) values ($1, $2, {places})", tenant, NOW, *row
            )
        await db.execute(
            "update account_health set silent_since = last_heard, silent_chance = 0.0001, gap_at = $2"
            " where tenant = $1 and account = 'bluesky'",
            tenant,
            minutes(95),
        )
        await db.execute(
            "update account_health set detail = 'the mailbox does not let us in: wrong password' where tenant = $1 and not ok",
            tenant,
        )
        for name, left, most in (("createSession", 22, 30), ("points_hour", 310, 5000)):
            await db.execute(
                "insert into budget values ($1, 'bluesky', $2, $4, 3600, $3, $5, $6)",
                tenant, name, float(left), float(most), NOW + timedelta(minutes=20), NOW,
            )  # fmt: skip
        rows = {kind: {row.id: row for row in rows} for kind, rows in afterwards().items()}
        await write_rows(db, tenant, rows)


def afterwards() -> dict[type, list]:
    """The guest edited and colleagues reacted; our answer was read; a takedown waits, a hiding was refused."""
    ours = {"message": an_id("m", "wifi", 1), "conversation": GUEST, "account": "mastodon", "channel": "mastodon"}
    theirs = an_id("m", "wifi", 0)
    return {
        Sequel: [
            Sequel(
                sequel_id("mastodon", "wifi"), "mastodon", "wifi", theirs,
                versions=(
                    Version(minutes(18), "Tercera noche y el wifi se cae. @reforma"),
                    Version(minutes(17), "Tercera noche y el wifi de mi cuarto se sigue cayendo cada cinco minutos. Mañana presento a las 9 y no puedo ni abrir el correo. @reforma ¿hay alguien ahí?"),
                ),
                reactions={"like": 14, "share": 3, "😡": 2}, ours=("🙏",),
            ),
            Sequel(sequel_id("mastodon", "post-1"), "mastodon", "post-1", ours["message"], an_id("out", 1), delivery=Delivery.READ),
        ],
        Outgoing: [
            Outgoing(an_id("out", 1), at=minutes(15), state=OutgoingState.SENT, reach=Reach.PUBLIC, key="post-1", **ours),
            Outgoing(an_id("out", 2), at=minutes(2), reach=Reach.PUBLIC, op="edit", target="post-1", by="ana", **ours),
            Outgoing(
                an_id("out", 3), at=minutes(2), reach=Reach.PUBLIC, op="hide", target="wifi", by="ana",
                state=OutgoingState.REFUSED, reason="there is no such message any more", **(ours | {"message": theirs}),
            ),
        ],
        Message: [
            Message(
                an_id("m", "wifi", 5), minutes(3), Direction.IN, Standing.RECEIVED, Reach.PUBLIC, "mastodon", "mastodon",
                key="gone", author="María Fernanda", text="Olvídenlo, ya no sirve de nada.", conversation=GUEST,
            ),
        ],
    }  # fmt: skip


async def fill_deleted(store: Store, tenant: int) -> None:
    """The guest took her last message back."""
    gone = Sequel(sequel_id("mastodon", "gone"), "mastodon", "gone", an_id("m", "wifi", 5), deleted_at=minutes(2))
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Sequel: {gone.id: gone}})
