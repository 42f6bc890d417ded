"""Opening hours on the set-up page: what people write is read, and what cannot be read comes back with every letter."""

import pytest

from rapport.errors import BadInput
from rapport.model.centre import read_thing
from rapport.web.centre.opening_hours import read_hours, typed_hours
from web.officework import a_browser, an_office, sign_in
from web.test_pages import posted, words


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("09:00-14:00, 16:00-18:30", ("09:00-14:00", "16:00-18:30")),
        ("9-14; 16 a 18:30", ("09:00-14:00", "16:00-18:30")),
        ("22:00–02:00", ("22:00-02:00",)),
        ("0 to 24", ("00:00-24:00",)),
    ],
)
def test_hours_are_read_as_people_write_them(typed, read):
    assert read_hours({"tue": typed, "wed": "  "}) == {"tue": read}


@pytest.mark.parametrize("typed", ["nine to five", "25-26", "09:00", "09:60-10:00", "-", "09:0\u0660-18:00"])
def test_what_is_no_span_is_refused_with_its_words_and_day(typed):
    with pytest.raises(BadInput, match=f"got '{typed}' on sat|got '\\d\\d:\\d\\d-\\d\\d:\\d\\d' on sat"):
        read_hours({"sat": typed})


def test_the_lines_are_the_hours_again():
    hours = {"mon": ("09:00-14:00", "16:00-18:00"), "sun": ("10:00-24:00",)}

    assert read_hours({day.key: day.text for day in typed_hours(hours)}) == hours


@pytest.fixture
async def admin(store, tenant):
    office = an_office(store)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "administrator")
        client.office, client.tenant = office, tenant
        yield client


async def hours_of(admin):
    async with admin.office.store.within(admin.tenant) as db:
        body = await db.fetchval("select body from thing where tenant = $1 and id = 'centre/centre'", admin.tenant)
    return read_thing("centre", body).hours if body else None


@pytest.mark.anyio
async def test_saved_hours_are_the_centres_and_can_be_taken_away(admin):
    await posted(admin, "/set-up/hours", mon="9-14", sat="10:00-02:00")
    saved = await hours_of(admin)
    await posted(admin, "/set-up/hours", mon="")

    assert saved == {"mon": ("09:00-14:00",), "sat": ("10:00-02:00",)}
    assert await hours_of(admin) == {}
    assert "siempre abierto" in words(await admin.get("/set-up?lang=es"))


@pytest.mark.anyio
async def test_hours_that_cannot_be_read_come_back_and_nothing_is_changed(admin):
    answer = await posted(admin, "/set-up/hours?lang=es", mon="de nueve a dos", tue="9-14")

    assert answer.status_code == 400
    assert "no se entiende 'de nueve a dos' en lunes" in words(answer).replace("&#39;", "'")
    assert 'value="de nueve a dos"' in answer.text
    assert 'value="9-14"' in answer.text
    assert await hours_of(admin) is None


@pytest.mark.anyio
async def test_of_two_who_change_the_hours_the_second_is_told_and_loses_nothing(admin):
    seen = (await admin.get("/set-up")).text.partition('name="was" value="')[2].partition('"')[0]
    await posted(admin, "/set-up/hours", mon="9-14", was=seen)

    second = await posted(admin, "/set-up/hours?lang=es", tue="10-12", was=seen)
    again = second.text.partition('name="was" value="')[2].partition('"')[0]
    standing = await hours_of(admin)
    await posted(admin, "/set-up/hours", tue="10-12", was=again)

    assert second.status_code == 409
    assert "Alguien cambió el horario" in words(second)
    assert 'value="10-12"' in second.text
    assert standing == {"mon": ("09:00-14:00",)}
    assert await hours_of(admin) == {"tue": ("10:00-12:00",)}
