"""What agents say of a person: that something believed is so or is not, or what nobody knew; on its page and by the API."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, NotFound
from rapport.model.attribute import Attribute, Value
from rapport.model.fact import AttributeNoted, PersonData
from rapport.model.person import Person
from rapport.people import reading as people
from rapport.people.attributes import MOST_LETTERS, check_attributes
from rapport.people.groups.reading import handle_of
from rapport.people.lexicon import slug
from rapport.web.centre_now import centre_now
from rapport.web.desk.sensitive import hidden_of
from rapport.web.going import asked_id, go
from rapport.web.idempotency import once
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.settled import settled

WRITE = needs("desk.write")
LONGEST_NAME = 60
LEVEL = 0.7  # of a topic that an agent names
LISTS, LEVELS = ("interests",), ("topics",)  # what these attributes hold, where nothing is known yet
YES, NO = ("yes", "true", "sí", "si"), ("no", "false")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is true of a person. `denied`: that it is not; `value` None: what is believed now."""

    name: str
    value: Value | None = None
    denied: bool = False


class Noted(msgspec.Struct, frozen=True):
    """It is on record."""

    noted: bool = True


_said = msgspec.json.Decoder(Said)


async def note(request: AnyRequest, person: str, said: Said) -> bytes:
    """Put on record what somebody says of a person; whose page it is. Raises NotFound, BadInput."""
    office, who = office_of(request), current(request)
    centre = await centre_now(office, who.tenant)
    async with office.store.within(who.tenant, readonly=True) as db:
        id = await people.person_named(db, who.tenant, person)
        found = await people.person(db, who.tenant, id) if id else None
        handle = await handle_of(db, who.tenant, found.ids) if found else None
    if found is None:
        raise NotFound("there is no such person; they may belong to another centre")
    name = said.name.strip()[:LONGEST_NAME]
    if not name or (name in centre.profile.sensitive and not who.may("sensitive.see")):
        raise BadInput(f"name must say what it is, and be nothing sensitive, got {name!r}")
    known = _known(found, name)
    value = said.value if said.value is not None else known.value if known else None
    if value is None or (known is not None and name in hidden_of(found, centre) and said.value is None):
        raise BadInput(f"value must say what is so: nothing is believed of {name!r} now")
    fact = AttributeNoted(found.id, who.agent, said.denied)
    content = PersonData(attributes=check_attributes({name: value}))
    if handle is None or not await office.intake.tell_of(who.tenant, handle, fact, content):
        raise BadInput("this person was erased; nothing can be noted of them")
    await settled(office, who.tenant)
    return found.id


def _known(person: Person, name: str) -> Attribute | None:
    return next((attribute for attribute in person.attributes if attribute.name == name), None)


def value_of(name: str, text: str) -> Value:
    """What somebody wrote, as a value: names by commas for interests, a level for topics, a number, yes or no, else text."""
    words = [word.strip() for word in text[:MOST_LETTERS].split(",") if word.strip()]
    if name in LEVELS:
        return {slug(word): LEVEL for word in words}
    if name in LISTS or len(words) > 1:
        return [slug(word) if name in LISTS else word for word in words]
    plain = text.strip()[:MOST_LETTERS]
    if plain.casefold() in (*YES, *NO):
        return plain.casefold() in YES
    try:
        return float(plain) if plain.replace(".", "", 1).isdecimal() and len(plain) < 16 else plain
    except ValueError:
        return plain


@post("/people/{person:str}/noted", opt=WRITE, include_in_schema=False)
async def noted(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Say that something is so, that it is not, or what nobody knew."""
    id, name, written = asked_id(person, "person"), data.get("name", "").strip(), data.get("value", "").strip()
    name = name if data.get("do") in ("confirm", "deny") else "_".join(name.casefold().split())
    value = value_of(name, written) if data.get("do") == "note" and written else None
    await note(request, id.hex(), Said(name, value, data.get("do") == "deny"))
    return go(f"/people/{id.hex()}")


@post(
    "/api/people/{person:str}/attributes",
    opt=needs("desk.write")
    | {"takes": Said, "gives": Noted, "says": "Say that something is true of a person, or that it is not", "status": 202},
)
async def attributes(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """The same by the API; the person by id or handle."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    said = _said.decode(body)

    async def answer(key: str) -> tuple[int, Any]:  # Any: Noted
        await note(request, person, said)
        return 202, Noted()

    return await once(request, body, answer)


HANDLERS = [noted, attributes]
