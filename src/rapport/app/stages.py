"""The stages of a tenant in their order, with what each is handed, and the loops that run them."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import asyncpg
import msgspec

from rapport.access.survey_links import survey_link
from rapport.app.attaching import carrying
from rapport.app.calling import calling
from rapport.app.crossing import crossings_of
from rapport.app.forwarding import forwarding
from rapport.app.house import House
from rapport.app.mailing import mailing, zone_of as centre_zone
from rapport.app.posting import posting
from rapport.calls import stage as calls, view as call_views
from rapport.channels.calendar_file import fetch_calendar
from rapport.channels.channel import Exchange
from rapport.conversations import stage as conversations, view as conversation_views
from rapport.conversations.belonging import goes_on
from rapport.conversations.bots import stage as bots, view as bot_views
from rapport.conversations.errands import stage as errands, view as errand_views
from rapport.conversations.playbooks import stage as playbooks, view as playbook_views
from rapport.conversations.rules import stage as rules
from rapport.conversations.targets import stage as targets, view as target_views
from rapport.guard import stage as guard, view as guard_views
from rapport.knowledge import view as knowledge_views
from rapport.ledger import folding
from rapport.ledger.append import prepare
from rapport.ledger.entry import New, body_of
from rapport.matching import stage as matching, view as matching_views
from rapport.matching.conditions import holds
from rapport.matching.forbidding import stepped_over
from rapport.measures.mails import view as mail_views
from rapport.measures.polls import view as poll_views
from rapport.measures.quality import stage as quality, view as quality_views
from rapport.measures.questions import ANSWERED_BY
from rapport.measures.stories import view as story_views
from rapport.model.bilingual import both
from rapport.model.fact import Fact
from rapport.model.ids import named_id
from rapport.model.message import Reach
from rapport.people import stage as people, view as people_views
from rapport.pipeline.advance import Advance
from rapport.pipeline.burst_watch import LEAST, BurstWatch
from rapport.pipeline.calendars import Calendars
from rapport.pipeline.calls import Calls
from rapport.pipeline.deliver import Deliver
from rapport.pipeline.errands import Errands
from rapport.pipeline.forward import Forward
from rapport.pipeline.hear import Hear
from rapport.pipeline.likeness import Likeness
from rapport.pipeline.mails import Mails
from rapport.pipeline.order import Order
from rapport.pipeline.pushes import Pushes
from rapport.pipeline.remind import checkpoint
from rapport.pipeline.rounds import Tenants, rounds
from rapport.pipeline.watch import Watch
from rapport.replies import answering, stage as replies, view as reply_views
from rapport.replies.asked_once import given_in
from rapport.replies.due import due_of
from rapport.replies.eligibility import Asking
from rapport.replies.surveying import heard, stage as surveying, view as survey_views
from rapport.replies.writing import Judges
from rapport.store.pool import set_tenants
from rapport.understanding import stage as understanding, view as understanding_views
from rapport.understanding.encoder.second import Second
from rapport.understanding.personal_data import find
from rapport.understanding.reader import Reader, shipped
from rapport.understanding.tenant_reader import Own
from rapport.web.desk.busy_times import read_busy


def exchange_of(asking: Asking) -> Exchange:
    """What a channel is told of a conversation before something is said in it."""
    return Exchange(
        asking.handle, asking.reach, asking.heard_at, asking.automatic, asking.key, asking.answered, asking.stopped_at
    )


def question_link(house: House, tenant: int, conversation: bytes, now: datetime) -> str:
    """The signed address of the questions about a conversation; "" where nobody outside can reach us."""
    link = survey_link(tenant, conversation, now + ANSWERED_BY, key=house.keys.derive("web"))
    return f"{house.origin}/survey/{link}" if house.origin else ""


VIEWS = folding.together(
    folding.FOLDS,
    guard_views.FOLDS,
    understanding_views.FOLDS,
    people_views.FOLDS,
    conversation_views.FOLDS,
    reply_views.FOLDS,
    answering.FOLDS,
    survey_views.FOLDS,
    poll_views.FOLDS,
    mail_views.FOLDS,
    call_views.FOLDS,
    matching_views.FOLDS,
    playbook_views.FOLDS,
    target_views.FOLDS,
    errand_views.FOLDS,
    bot_views.FOLDS,
    knowledge_views.FOLDS,
    quality_views.FOLDS,
    story_views.FOLDS,
)


def personal(text: str) -> list[tuple[str, int, int]]:
    """The personal data in a text: kind, and from where to where."""
    return [(found.kind, found.start, found.end) for found in find(text)]


@cache
def reader_of(second: Second | None) -> Reader:
    """The reader of every house of this process: its models are read once."""
    return shipped(second)


def order_maker(house: House) -> Callable[[int], Order]:
    """What makes the stages of a tenant, in the order in which they see a fact."""
    reader, way = reader_of(house.second), carrying(house)

    def order(tenant: int) -> Order:
        def parts(account: str, channel: str, text: str, reach: Reach, to: str) -> tuple[str, ...]:
            return house.accounts.fit(tenant, account, channel, text, reach, to).parts

        def may(asking: Asking) -> str:
            ruling = house.accounts.eligible(tenant, asking.account, exchange_of(asking), asking.now)
            free = ruling.allowed or ruling.template or ruling.reason is None
            return "" if free or ruling.reason is None else both(ruling.reason.en, ruling.reason.es)

        def language(text: str) -> str:
            return reader.read([text[:600]])[0].language

        def told(text: str) -> list[tuple[str, str]]:
            return [(one.kind, one.value) for one in given_in(text, personal(text))]

        judges = Judges(parts, personal, may, language, ours=house.origin)
        stages = (
            guard.stage(),
            understanding.stage(reader.read, reader.promised, due_of, partial(Own, reader)),
            people.stage(),
            heard.stage(judges, goes_on),
            conversations.stage(told, stepped_over=stepped_over),
            playbooks.stage(),
            replies.stage(parts, personal, may, language, partial(way, tenant), house.origin),
            surveying.stage(judges, partial(question_link, house, tenant)),
            matching.stage(),
            calls.stage(),
            targets.stage(),
            errands.stage(),
            bots.stage(),
            quality.stage(),
            rules.stage(holds),
        )
        return Order(stages, VIEWS)

    return order


def advance_of(house: House, holder: str, most: int = 200) -> Advance:
    """The loop that takes what came, for the tenants that it can lease."""

    # Every statement of a round goes by keys, so its plan is the same however full the tables are: it is planned once. The one
    # that writes has 200 columns and would be planned for longer than it runs (tests/store/test_plans.py, docs/ledger.md).
    async def connect() -> asyncpg.Connection:
        return await house.store.connect((), plan_cache_mode="force_generic_plan", name=f"rapport {holder}")

    return Advance(order_maker(house), house.keys, house.clock, holder, connect, set_tenants, house.store.bell.ring, most)


def loops(house: House, leased: Tenants) -> tuple[Hear, Deliver]:
    """The loops beside `advance`, for the tenants that it has."""
    hear = Hear(house.intake, house.within, house.clock, house.accounts, house.media, leased)
    return hear, Deliver(house.intake, house.within, house.clock, crossings_of(house), leased)


def pushes_of(house: House, leased: Tenants) -> Pushes:
    """The loop that completes what networks pushed with files."""
    return Pushes(house.intake, house.within, house.accounts, house.media, leased)


def rounds_of(
    house: House, public_url: str, language: str, leased: Tenants
) -> list[Coroutine[Any, Any, None]]:  # Any: of asyncio
    """What looks at each tenant again and again, and how often."""
    within, clock, intake = house.within, house.clock, house.intake
    forward = Forward(within, clock, intake, forwarding(house, public_url, language))
    calls = Calls(within, clock, intake, calling(house, public_url, language))
    mailed = mailing(house, public_url, language, posting(house))
    looks: tuple[tuple[str, float, Callable[[int], Awaitable[object]]], ...] = (
        ("forward", 1.0, forward.round),
        ("checkpoint", 5.0, partial(checkpoint, within, house.keys, clock)),
        ("calls", 5.0, calls.round),
        ("calendars", 10.0, calendars_of(house).round),
        ("likeness", 15.0, likeness_of(house).look),
        ("mails", 30.0, Mails(within, clock, intake, mailed, centre_zone(house)).round),
        ("watch", 60.0, Watch(within, clock, partial(_told, house), clock.now()).look),
        ("bursts", 60.0, bursts_of(house).look),
    )
    errands = Errands(intake, within, clock, house.media.http, house.secrets.of)
    return [errands.run(leased), *(rounds(name, every, leased, look) for name, every, look in looks)]


def calendars_of(house: House) -> Calendars:
    """What reads calendars by their addresses, through the guarded way out."""

    def read(content: bytes, now: datetime) -> bytes:
        return msgspec.json.encode(read_busy(content, now))

    return Calendars(house.within, house.clock, house.keys, partial(fetch_calendar, house.media.http), read)


def bursts_of(house: House, least: timedelta = LEAST) -> BurstWatch:
    """What watches for bursts; `least`: how much history there must be before it speaks."""
    return BurstWatch(house.within, house.clock, partial(_told, house), least)


def likeness_of(house: House) -> Likeness:
    """What looks for persons who are nearly known by the same."""
    return Likeness(house.within, house.keys, partial(_told, house))


async def _told(house: House, tenant: int, fact: Fact) -> None:
    now = house.clock.now()
    id = named_id(now, tenant, type(fact).__name__, body_of(fact))
    await house.appender.append(tenant, [prepare(house.keys, tenant, New(id, now, id, fact))])
    house.store.bell.ring(tenant)
