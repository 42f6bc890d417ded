"""Asking by right and answering it: the same from an agent's page, the person's own, and the API."""

from datetime import datetime

from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.centre import Centre
from rapport.model.fact import Words
from rapport.model.fact_rights import RightAnswered, RightAsked
from rapport.model.ids import derived_id
from rapport.model.law import DEFAULT, LAWS, RIGHTS, due, law_of, warned
from rapport.model.person import Person, RightRequest
from rapport.people import reading as people
from rapport.people.asked_rights import request_of, requests_of
from rapport.web.office import Office
from rapport.web.settled import settled

ANSWERS = ("done", "refused", "extended")


async def ask_right(
    office: Office, tenant: int, centre: Centre, person: Person, kind: str, words: str, by: str
) -> tuple[bytes, datetime]:
    """Record that a person asks for something by right; its id, and until when it is due.

    Raises BadInput where there is no such right or they were erased, Conflict where they ask for it already.
    """
    if kind not in RIGHTS:
        raise BadInput(f"kind must be one of {', '.join(RIGHTS)}, got {kind[:60]!r}")
    now = office.clock.now()
    async with office.store.within(tenant, readonly=True) as db:
        handles = await people.handles_of(db, tenant, person.ids)
        before = await requests_of(db, tenant, person.ids)
    if any(one.kind == kind and one.state == "open" for one in before):
        raise Conflict("They have asked for this already, and it is not answered yet.")
    if not handles:
        raise BadInput("this person was erased; nothing can be noted of them")
    name = centre.profile.law or DEFAULT
    ends = due(law_of(name), kind, now, centre.profile.rights_days.get(kind, 0))
    id = derived_id(person.id, "request", kind, now.date().isoformat(), len(before))
    fact = RightAsked(id, person.id, kind, name, ends, warned(now, ends), by)
    if not await office.intake.tell_of(tenant, handles[0].id, fact, Words(words)):
        raise BadInput("this person was erased; nothing can be noted of them")
    await settled(office, tenant)
    return id, ends


async def answer_right(office: Office, tenant: int, id: bytes, state: str, answer: str, by: str) -> RightRequest:
    """Record what became of a request; as it stood before.

    Raises NotFound; BadInput without a word where one is owed; Conflict where it is answered or cannot be put off.
    """
    if state not in ANSWERS:
        raise BadInput(f"state must be one of {', '.join(ANSWERS)}, got {state[:60]!r}")
    async with office.store.within(tenant, readonly=True) as db:
        request = await request_of(db, tenant, id)
        person = await people.person(db, tenant, request.person) if request is not None else None
        handles = await people.handles_of(db, tenant, person.ids) if person is not None else []
    if request is None or not handles:
        raise NotFound("there is no such request; look at the list again")
    if request.state != "open":
        raise Conflict("This request was answered meanwhile.")
    if not answer and state != "done":
        raise BadInput("Say why, as they are owed a reason.")
    ends = _put_off(request) if state == "extended" else None
    near = warned(request.due_at, ends) if ends is not None else None
    fact = RightAnswered(id, request.person, state, by, ends, near)
    if not await office.intake.tell_of(tenant, handles[0].id, fact, Words(answer) if answer else None):
        raise BadInput("this person was erased; nothing can be noted of them")
    await settled(office, tenant)
    return request


def _put_off(request: RightRequest) -> datetime:
    more = LAWS[request.law].more if request.law in LAWS else None
    if more is None or request.extended:
        raise Conflict("The law does not let this request be put off, or it was put off once.")
    return more.after(request.due_at)
