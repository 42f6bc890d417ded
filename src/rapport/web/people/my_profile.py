"""A person's own page, by a signed link: what is believed of them and why, to correct or take back; what they agreed to."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access.profile_links import read_profile_link
from rapport.errors import Conflict, NotFound
from rapport.ledger.tables import read_where
from rapport.model.attribute import Attribute, Value
from rapport.model.centre import Centre
from rapport.model.fact import AttributeCorrected, ConsentNoted, PersonData, Words
from rapport.model.law import RIGHTS, law_of
from rapport.model.person import Consent, Person, RightRequest
from rapport.model.survey import PURPOSE
from rapport.people import reading as people
from rapport.people.asked_rights import requests_of
from rapport.people.context import purposes_of
from rapport.people.export import export
from rapport.people.glances import Looked, looks
from rapport.people.profiles import CONSENT
from rapport.web.centre_now import centre_now
from rapport.web.going import go
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.people.asking_rights import ask_right
from rapport.web.people.rights import json_of, written
from rapport.web.security import EVERYONE, FROM_OUR_PAGES, AnyRequest, language_of, office_of
from rapport.web.settled import settled

MOST_LOOKS = 5
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class MyPage(msgspec.Struct, frozen=True):
    """What they see. `asked`: purposes that need their consent, each with whether they gave it.

    `looked`: who read of them last; `requests`: what they asked by right; `law`: whose deadlines hold.
    """

    link: str
    person: Person
    handles: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    asked: tuple[tuple[str, bool], ...]
    house: str = ""
    done: bool = False
    looked: tuple[Looked, ...] = ()
    requests: tuple[RightRequest, ...] = ()
    kinds: tuple[str, ...] = RIGHTS
    law: str = ""
    problem: str = ""


def _opened(request: AnyRequest, link: str) -> tuple[int, bytes]:
    office = office_of(request)
    return read_profile_link(link, key=office.key, now=office.clock.now())


async def _person(request: AnyRequest, tenant: int, id: bytes) -> tuple[Person, list[Any], list[Consent]]:  # Any: Handle
    async with office_of(request).store.within(tenant, readonly=True) as db:
        found = await people.person(db, tenant, id)
        if found is None:
            raise NotFound("nothing is known of you here any more")
        handles = await people.handles_of(db, tenant, found.ids)
        where = "person = any($2::uuid[]) order by at desc"
        consents = await read_where(db, tenant, Consent, where, list(found.ids))
    return found, handles, consents


@get("/my/{link:str}", opt=EVERYONE, include_in_schema=False)
async def my_page(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """What is believed of them."""
    return await _shown(request, link)


async def _shown(request: AnyRequest, link: str, problem: str = "") -> Response[Any]:
    tenant, id = _opened(request, link)
    centre, now = await centre_now(office_of(request), tenant), office_of(request).clock.now()
    found, handles, consents = await _person(request, tenant, id)
    latest = {consent.purpose: consent.given for consent in reversed(consents)}
    asked = [(p.id, latest.get(p.id, False)) for p in purposes_of(centre).values() if p.consent]
    if centre.profile.keeps_profiles:
        asked.append((CONSENT, latest.get(CONSENT, True)))
    if (said := _asking(centre)) is not None:
        asked.append((PURPOSE, latest.get(PURPOSE, said)))
    asked += [(name, given) for name, given in latest.items() if name not in dict(asked)]
    async with office_of(request).store.within(tenant, readonly=True) as db:
        looked, requests = await looks(db, tenant, found.ids, most=MOST_LOOKS), await requests_of(db, tenant, found.ids)
    page = MyPage(
        link,
        found,
        tuple(handle.name for handle in handles if handle.name),
        tuple(a for a in found.attributes if a.expires is None or a.expires > now),
        tuple(asked),
        centre.profile.name,
        "done" in request.query_params,
        tuple(looked),
        tuple(requests),
        law=law_of(centre.profile.law).name,
        problem=problem,
    )
    return await render(
        request,
        "my_profile.html",
        page,
        status=409 if problem else 200,
        headers={"cache-control": "no-store", "referrer-policy": "no-referrer"},
    )


@get("/my/{link:str}/export", opt=EVERYONE, include_in_schema=False)
async def my_export(request: AnyRequest, link: FromPath[str]) -> Response[bytes]:
    """Everything about them, as a file."""
    tenant, id = _opened(request, link)
    office = office_of(request)
    async with office.store.within(tenant, readonly=True) as db:
        found = await export(db, tenant, id, office.clock.now())
    if found is None:
        raise NotFound("nothing is known of you here any more")
    return json_of(found)


@post("/my/{link:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def correct(request: AnyRequest, link: FromPath[str], data: Form) -> Response[Any]:
    """Correct an attribute, take it back, or agree to a purpose or not."""
    tenant, id = _opened(request, link)
    office, (found, handles, consents) = office_of(request), await _person(request, tenant, id)
    if not handles:
        raise NotFound("nothing is known of you here any more")
    handle, name, do = handles[0].id, written(data, "name", 80), data.get("do", "")
    known = {attribute.name: attribute for attribute in found.attributes}
    centre = await centre_now(office, tenant)
    asked = {*purposes_of(centre), *(consent.purpose for consent in consents), CONSENT}
    asked |= {PURPOSE} if _asking(centre) is not None else set()
    if do in ("agree", "refuse") and name in asked:
        fact = ConsentNoted(id, name, "", do == "agree", "self")
        await office.intake.tell_of(tenant, handle, fact, Words("on their own page, by a signed link"))
    elif do == "ask" and name in RIGHTS:
        try:
            await ask_right(office, tenant, centre, found, name, written(data, "words", 1000), "self")
        except Conflict as refused:
            return await _shown(request, link, retell(language_of(request), str(refused)))
    elif do == "withdraw" and name in known:
        await office.intake.tell_of(tenant, handle, AttributeCorrected(id, name, withdrawn=True), PersonData())
    elif do == "correct" and name in known and (value := written(data, "value", 400)):
        content = PersonData(attributes={name: _as(known[name].value, value)})
        await office.intake.tell_of(tenant, handle, AttributeCorrected(id, name), content)
    await settled(office, tenant)
    return go(f"/my/{link}?done=1")


def _asking(centre: Centre) -> bool | None:
    """Whether who never said is asked how it was; None where the centre asks nobody by itself."""
    surveys = [survey for survey in centre.surveys.values() if survey.enabled]
    return any(survey.consent == "unless-withdrawn" for survey in surveys) if surveys else None


def _as(old: Value, text: str) -> Value:
    """What they wrote, as a value of the same sort; a list by its commas."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if isinstance(old, list):
        return words
    if isinstance(old, dict):
        return {word: old.get(word, 1.0) for word in words}
    return text


HANDLERS = [my_page, my_export, correct]
