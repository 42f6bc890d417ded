"""What conversations and calls tell, on the real pipeline: a call becomes a story, and is gone when its person is erased."""

import json
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pytest
from tests.people.test_erasing import hits
from tests.people.test_merging import START, Centre

from measures.stories.test_voices import a_wav
from measures.stories.told_talks import MEANS
from rapport.app.erasing import erasing
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.app.transcribing import transcribe
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.measures.stories.keeping import kept_stories
from rapport.measures.stories.mining import one
from rapport.measures.stories.reading import heard, ms, one_talk, talks_within, told_by
from rapport.measures.stories.voices import RATE
from rapport.model.fact import StoryKept, StoryLetGo
from rapport.model.person import JourneyEvent, PersonEvents
from rapport.model.story import TRANSCRIPT, TRANSCRIPT_SOURCE
from rapport.people.export import export
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
CANARY = "zorzalino"
PHONE = "phone:+525512345678"
LINES = [
    {"by": "them", "s": 0, "text": f"Hola, el wifi no funciona en {CANARY} y nadie contesta."},
    {"by": "us", "s": 30, "text": "Ya reinicié el punto de acceso de su cuarto."},
    {"by": "them", "s": 60, "text": "Ya funciona, muchas gracias."},
]


@dataclass
class Stretch:
    """A stretch of speech, as the library tells it."""

    start: float
    end: float
    text: str


class Loudly:
    """A model that hears one thing where it is silent, and another where it is not."""

    def transcribe(self, audio, *, language, vad_filter):
        assert (audio.dtype, language, vad_filter) == (np.float32, "es", True)
        if len(audio) < RATE:
            raise RuntimeError("the model has no weights for so little")
        loud = bool(np.abs(audio).max() > 0)
        return iter([Stretch(0.4, 0.9, " Ya lo reinicié.") if loud else Stretch(0.0, 0.5, " El wifi no funciona.")]), object()


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("stories", FakeClock(START)) as house:
        yield Centre(house)


async def called(centre) -> JourneyEvent:
    """A call whose transcript was handed in, as its row."""
    await centre.event(PHONE, TRANSCRIPT, source=TRANSCRIPT_SOURCE, lines=LINES, agent="Ana")
    [event] = await centre.rows(JourneyEvent)
    return event


async def the_story(centre, id: bytes):
    async with centre.house.within(centre.tenant) as db:
        found = await one_talk(db, centre.tenant, id)
    if found is None:
        return None
    raw, beside = found
    everything = [raw, *beside]
    moods = [(-2, False), (1, True)]
    talk, *others = told_by(everything, lambda text: [], lambda texts: moods[: len(texts)], heard(everything, ()), {})
    return one(talk, others, ms(centre.house.clock.now()), MEANS)


async def test_a_call_is_told_and_its_words_stand_in_its_own_row_alone(centre):
    event = await called(centre)
    story = await the_story(centre, event.id)

    assert (story.outcome, story.call) == ("well", True)
    assert story.part("rescue").text == "Ya reinicié el punto de acceso de su cuarto."
    assert await hits(centre, CANARY) == {"journey_event": 1}
    [known] = await centre.rows(PersonEvents)
    assert known.events[0].data == {"agent": "Ana"}


async def test_who_is_erased_is_in_no_story_and_what_is_kept_of_one_has_no_word(centre):
    event = await called(centre)
    await centre.house.intake.record(centre.tenant, [StoryKept(event.id, "ana", ("care",), True)])
    await centre.house.settle()
    async with centre.house.within(centre.tenant) as db:
        told = await export(db, centre.tenant, event.person, START)
    assert CANARY in str(told.events)

    await erasing(centre.house.house)(centre.tenant, event.person, "ana")

    assert await hits(centre, CANARY) == {}
    assert await the_story(centre, event.id) is None
    async with centre.house.within(centre.tenant) as db:
        [kept] = await kept_stories(db, centre.tenant)
    assert (kept.id, kept.purposes, kept.is_call) == (event.id, ("care",), True)


async def test_a_story_is_let_go_and_a_rebuild_says_the_same(centre):
    event = await called(centre)
    other = await centre.hear("email:ana@example.org", "El wifi no funciona")
    await centre.house.intake.record(centre.tenant, [StoryKept(event.id, "ana"), StoryKept(other, "ana", ("care",))])
    await centre.house.intake.record(centre.tenant, [StoryLetGo(event.id, "eva")])
    await centre.house.settle()
    before = (await centre.everything())["kept_story"]

    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)

    assert [row["purposes"] for row in before] == [["care"]]
    assert (await centre.everything())["kept_story"] == before


async def test_persons_who_are_one_have_one_timeline(centre):
    event = await called(centre)
    other = await centre.hear("email:ana@example.org", "El wifi no funciona y nadie contesta", name="Ana")

    assert (await centre.do("merge_person", event.person, other)).ok

    now = ms(centre.house.clock.now())
    async with centre.house.within(centre.tenant) as db:
        raws, cut = await talks_within(db, centre.tenant, 0, now + 60_000, 10, lambda count: None)
        first, cut_short = await talks_within(db, centre.tenant, 0, now + 60_000, 1, lambda count: None)
    assert (len({raw.talk.person for raw in raws}), len(raws), cut) == (1, 2, False)
    assert (len(first), cut_short) == (1, True)
    assert {raw.talk.call for raw in raws} == {True, False}


async def test_a_recording_of_a_call_becomes_a_transcript_once_and_one_that_cannot_be_heard_says_why(centre):
    sound = a_wav(np.zeros(RATE, np.float32), np.full(RATE, 0.1, np.float32))
    short = a_wav(np.zeros(RATE // 2, np.float32), np.zeros(RATE // 2, np.float32))
    recordings = {sha256(data).hexdigest(): data for data in (b"noise", short, sound)}
    noise, too_short, _ = recordings
    await centre.hear("email:ana@example.org", "El wifi no funciona y nadie contesta")
    media = [{"name": "call.wav", "type": "audio/wav", "size": 9, "blob": blob} for blob in recordings]
    async with centre.house.within(centre.tenant) as db:
        await db.execute("update message set channel = 'voice', media = $1", json.dumps(media))
        for blob, data in recordings.items():
            statement = "insert into blob(tenant, hash, type, size, data) values ($1, $2, 'audio/wav', $3, $4)"
            await db.execute(statement, centre.tenant, bytes.fromhex(blob), len(data), data)

    runs = [await transcribe(centre.house.house, centre.tenant, Loudly(), 2) for _ in range(2)]
    await centre.house.settle()
    runs += [await transcribe(centre.house.house, centre.tenant, Loudly(), 2, again=again) for again in (False, True)]
    [event] = await centre.rows(JourneyEvent)

    left = {name: why for run in runs[:2] for name, why in run.left.items()}
    assert [run.heard + len(run.left) for run in runs] == [2, 1, 0, 2]
    assert (sum(run.heard for run in runs), sum(run.lines for run in runs)) == (1, 2)
    assert left == runs[3].left
    assert "no weights" in left[too_short]
    assert "wave" in left[noise].lower() or "wav" in left[noise].lower()
    assert (event.kind, event.source) == (TRANSCRIPT, TRANSCRIPT_SOURCE)
    assert event.data["lines"] == [
        {"by": "them", "s": 0.0, "text": "El wifi no funciona."}, {"by": "us", "s": 0.4, "text": "Ya lo reinicié."}
    ]  # fmt: skip
