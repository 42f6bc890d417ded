"""Surveys: the questions about a conversation by a signed link, without signing in; and the way to send somebody that link."""

from collections.abc import Collection
from typing import Annotated, Any

import msgspec
import numpy as np
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access.survey_links import OVER, read_survey_link, survey_link
from rapport.conversations.reading import conversation as read_conversation
from rapport.errors import BadInput, Conflict
from rapport.measures.folding import Folded, ms
from rapport.measures.following import Following
from rapport.measures.questions import ANSWERED_BY, IN_PEACE, QUESTIONS, Question
from rapport.model.conversation import Conversation
from rapport.model.fact import SurveyAnswered, SurveyAsked
from rapport.model.message import Reach
from rapport.people.reading import person
from rapport.web.acting import act
from rapport.web.centre_now import centre_now
from rapport.web.desk.page import Seat, chosen_one, desk_page, seated
from rapport.web.going import go
from rapport.web.languages import retell
from rapport.web.measures.reports_page import following_of
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import EVERYONE, FROM_OUR_PAGES, AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
NO_REFERRER = {"referrer-policy": "no-referrer"}
MOST_ANSWERS = 5  # about one conversation, in the life of this process
MOST_COUNTED = 20_000  # conversations whose answers are counted
ASKING = {
    "es": "Gracias por escribirnos. ¿Nos dice en cuatro preguntas cómo le fue? {link}",
    "en": "Thank you for writing to us. Will you tell us in four questions how it was? {link}",
}


class SurveyPage(msgspec.Struct, frozen=True):
    """The questions. `done`: they were answered just now."""

    link: str
    brand: str
    questions: tuple[Question, ...] = QUESTIONS
    done: bool = False


async def _opened(request: AnyRequest, link: str) -> tuple[int, bytes, str]:
    """Tenant, conversation and the name of the centre or brand. Raises BadInput where the link opens nothing."""
    office = office_of(request)
    tenant, id = read_survey_link(link, key=office.key, now=office.clock.now())
    async with office.store.within(tenant, readonly=True) as db:
        found = await read_conversation(db, tenant, id)
    if found is None:
        raise BadInput(OVER)
    centre = await centre_now(office, tenant)
    account = centre.accounts.get(found.account)
    brand = centre.brands.get(account.brand) if account else None
    return tenant, id, (brand.name if brand else "") or centre.profile.name


@get("/survey/{link:str}", opt=EVERYONE, include_in_schema=False)
async def survey(request: AnyRequest, link: FromPath[str]) -> Response[str]:
    """The questions; nothing is recorded by looking at them, as programs look at links too."""
    _, _, brand = await _opened(request, link)
    return await render(request, "survey.html", SurveyPage(link, brand), headers=NO_REFERRER)


@post("/survey/{link:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def answer(request: AnyRequest, link: FromPath[str], data: Form) -> Response[str]:
    """Take the answers; whoever answers again is taken at their last word."""
    tenant, id, brand = await _opened(request, link)
    office = office_of(request)
    said = {question.id: _answer(question, data.get(question.id, "")) for question in QUESTIONS}
    if any(value >= 0 for value in said.values()):
        _count(office, tenant, id)
        await office.intake.record(tenant, [SurveyAnswered(id, **said)])
    return await render(request, "survey.html", SurveyPage(link, brand, done=True), headers=NO_REFERRER)


def _answer(question: Question, text: str) -> int:
    if not text:
        return -1
    if not text.isdecimal() or len(text) > 2 or not question.low <= int(text) <= question.high:
        raise BadInput(f"an answer is a number from {question.low} to {question.high}, got {text[:20]!r}")
    return int(text)


def _count(office: Office, tenant: int, id: bytes) -> None:
    counted = office.memory.setdefault("survey answers", {})
    if len(counted) >= MOST_COUNTED:
        counted.clear()
    counted[tenant, id] = counted.get((tenant, id), 0) + 1
    if counted[tenant, id] > MOST_ANSWERS:
        raise Conflict("these questions were answered several times already; the last answer counts")


def asked_lately(folded: Folded, persons: Collection[bytes], now: int) -> bool:
    """Whether a person (`Person.ids`) was asked about any conversation within the time in which they are left in peace."""
    people = np.frombuffer(bytes(folded.people), "V16")
    lately = folded.talks["asked"] > now - IN_PEACE.total_seconds() * 1000
    return any(bool(lately[people == np.void(person)].any()) for person in persons)


async def _refuse(seat: Seat, conversation: Conversation, following: Following) -> None:
    folded = await following.catch_up(seat.db, seat.who.tenant)
    known = await person(seat.db, seat.who.tenant, conversation.person)
    if conversation.reach is Reach.PUBLIC:
        raise Conflict("a survey goes to one person: this conversation is public, go on in private first")
    if following.share < 1:
        raise Conflict("the record is still being read, so we cannot tell yet whom we asked lately; try again in a minute")
    if asked_lately(folded, known.ids if known else (conversation.person,), ms(seat.office.clock.now())):
        raise Conflict("this person was asked within the last 30 days: they are left in peace")


@post("/desk/{conversation:str}/survey", opt=needs("desk.write"), include_in_schema=False)
async def ask(request: AnyRequest, conversation: FromPath[str]) -> Response[Any]:
    """Send the link as a reply: checked, approved and sent as any other, and refused to who asked us to stop."""
    office, who = office_of(request), current(request)
    now = office.clock.now()
    try:
        following = following_of(office, who.tenant)
        async with following.lock, seated(request) as seat:
            one = await chosen_one(seat, conversation)
            await _refuse(seat, one, following)
        link = survey_link(who.tenant, one.id, now + ANSWERED_BY, key=office.key)
        text = ASKING["es" if one.language == "es" else "en"].format(link=f"{office.public_url}/survey/{link}")
        await act(
            office, who, "reply", conversation=one.id, text=text, reach="private", once=f"survey/{one.id.hex()}/{now:%Y%m}"
        )
        await office.intake.record(who.tenant, [SurveyAsked(one.id, who.agent)])
    except Conflict as refused:
        return await desk_page(request, conversation, problem=retell(language_of(request), str(refused)), status=409)
    return go(f"/desk/{conversation}#conversation")


HANDLERS = [survey, answer, ask]
