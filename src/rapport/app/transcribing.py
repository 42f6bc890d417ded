"""Recordings of calls as transcripts, by the user's own faster-whisper model: opened from its folder, nothing is downloaded.

Every recording that a call left on record, and of which there is no transcript yet, is heard once; what was said becomes a
journey event of its person, as a transcript that is handed in does. Why nothing could be made of one is kept beside it: it is
heard again only when that is asked for, so that it takes nobody's turn.
"""

import asyncio
import importlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import msgspec

from rapport.app.house import House, open_house
from rapport.clock import SystemClock
from rapport.errors import BadInput, NotFound, SetupError
from rapport.ledger.blobs import read_blob
from rapport.ledger.tenants import list_tenants
from rapport.measures.stories.transcripts import LONGEST, MOST_LETTERS, MOST_LINES
from rapport.measures.stories.voices import RATE, Sound, read_wav, two_voices
from rapport.model.story import BY_THEM, BY_US, TRANSCRIPT, TRANSCRIPT_SOURCE
from rapport.settings import Settings

NEEDED = ("model.bin", "config.json", "tokenizer.json")  # of a model that CTranslate2 reads; without the last one is fetched
_RECORDED = """select m.at, h.id, h.name as handle, c.agent, c.language, file->>'blob' as blob
from message m join handle h on h.tenant = $1 and h.id = m.handle and h.name <> ''
join conversation c on c.tenant = $1 and c.id = m.conversation, jsonb_array_elements(m.media) as file,
blob b where m.tenant = $1 and m.channel = 'voice' and m.direction = 'in' and file->>'type' like 'audio/%'
and b.tenant = $1 and b.hash = decode(case when file->>'blob' ~ '^[0-9a-f]{64}$' then file->>'blob' else '' end, 'hex')
and (b.unheard = '' or $5)
and not exists (select from journey_event e where e.tenant = $1 and e.source = $2 and e.kind = $3
and e.data->>'recording' = file->>'blob') order by b.unheard <> '', m.at, m.id limit $4"""
_THERE = """select exists (select from handle h, blob b where h.tenant = $1 and h.id = $2 and h.name = $3
and b.tenant = $1 and b.hash = $4)"""
_LEFT = "update blob set unheard = $3 where tenant = $1 and hash = $2"
_WRONG = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, MemoryError, OSError)  # what a model may raise


class Heard(Protocol):
    """A stretch of speech, as faster-whisper tells it: seconds from the beginning, and the words."""

    start: float
    end: float
    text: str


class Hearer(Protocol):
    """What turns sound into words: `faster_whisper.WhisperModel`, or anything that answers like it."""

    def transcribe(self, audio: Sound, *, language: str | None, vad_filter: bool) -> tuple[Iterable[Heard], object]:
        """The stretches in their order, and what else was found out; `language` None: it is found out too."""
        ...


class Said(msgspec.Struct, frozen=True):
    """One thing said in a call, as its event keeps it. `by`: them or us; `s`: seconds from its beginning."""

    by: str
    s: float
    text: str


class Transcribed(msgspec.Struct):
    """What became of recordings: how many were heard, and why others were not, by the file that holds them."""

    heard: int = 0
    lines: int = 0
    left: dict[str, str] = msgspec.field(default_factory=dict)


def open_hearer(folder: Path) -> Hearer:
    """The model of a folder. Raises SetupError, which names the file and the cure."""
    folder = folder.expanduser()
    missing = next((name for name in NEEDED if not (folder / name).is_file()), "")
    if missing:
        raise SetupError(f"whisper: {folder / missing} is missing; put a model of faster-whisper into that folder")
    try:
        library: Any = importlib.import_module("faster_whisper")  # Any: it has no types
    except ImportError:
        raise SetupError("whisper: faster-whisper is not installed; install rapport[whisper]") from None
    try:
        hearer: Hearer = library.WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    except (RuntimeError, ValueError, OSError) as wrong:
        raise SetupError(f"whisper: {folder} cannot be opened: {wrong}; use a model that faster-whisper reads") from None
    return hearer


def transcript_of(hearer: Hearer, data: bytes, language: str = "") -> list[Said]:
    """What was said in a recording, by whom and when. Raises BadInput where it cannot be heard, or two cannot be told apart."""
    channels = read_wav(data)
    if len(channels) == 2:
        sides = zip((BY_THEM, BY_US), channels, strict=True)
        spoken = [(by, one) for by, sound in sides for one in _heard(hearer, sound, language)]
        spoken.sort(key=lambda pair: pair[1].start)
    else:
        stretches = list(_heard(hearer, channels[0], language))
        whose = two_voices(channels[0], [(one.start, one.end) for one in stretches])
        if whose is None:
            raise BadInput("two voices cannot be told apart in the recording; record both sides on channels of their own")
        spoken = [((BY_US, BY_THEM)[voice], one) for voice, one in zip(whose, stretches, strict=True)]
    return list(_kept(Said(by, round(one.start, 2), " ".join(one.text.split())[:LONGEST]) for by, one in spoken))


def _heard(hearer: Hearer, sound: Sound, language: str) -> Iterator[Heard]:
    stretches, _ = hearer.transcribe(sound, language=language or None, vad_filter=True)
    yield from (one for one in stretches if one.text.strip())


def _kept(lines: Iterable[Said]) -> Iterator[Said]:
    """As many lines and letters as a transcript may have."""
    letters = 0
    for nth, line in enumerate(lines):
        letters += len(line.text)
        if nth >= MOST_LINES or letters > MOST_LETTERS:
            return
        yield line


async def transcribe(house: House, tenant: int, hearer: Hearer, most: int, *, again: bool = False) -> Transcribed:
    """Hear what was recorded and not heard yet, the oldest first, so many at most; `again`: then what was left before, too."""
    done = Transcribed()
    async with house.store.within(tenant, readonly=True) as db:
        found = await db.fetch(_RECORDED, tenant, TRANSCRIPT_SOURCE, TRANSCRIPT, most, again)
    for row in found:
        try:
            lines = await _one(house, tenant, hearer, row)
        except BadInput as wrong:
            done.left[row["blob"]] = str(wrong)
            async with house.store.within(tenant) as db:
                await db.execute(_LEFT, tenant, bytes.fromhex(row["blob"]), str(wrong)[:300])
            continue
        if lines is None:
            continue
        done.heard, done.lines = done.heard + 1, done.lines + len(lines)
    return done


async def _one(house: House, tenant: int, hearer: Hearer, row: asyncpg.Record) -> list[Said] | None:
    """What was said, on record; None where the person was erased meanwhile: hearing takes minutes."""
    blob = bytes.fromhex(row["blob"])
    async with house.store.within(tenant, readonly=True) as db:
        copy = await read_blob(db, tenant, blob)
    if copy is None:
        raise BadInput("the recording is not kept any more")
    try:
        lines = await asyncio.to_thread(transcript_of, hearer, copy.data, row["language"][:2])
    except _WRONG as wrong:
        raise BadInput(f"the model could not hear it ({type(wrong).__name__}: {wrong})"[:300]) from None
    if not lines:
        raise BadInput("nothing was said in the recording")
    at = _began(row["at"], copy.data)
    said = {"lines": msgspec.to_builtins(lines), "agent": row["agent"], "language": row["language"], "intent": ""}
    said |= {"turns": len(lines), "recording": row["blob"]}
    async with house.store.within(tenant, readonly=True) as db:
        if not await db.fetchval(_THERE, tenant, row["id"], row["handle"], blob):
            return None
    await house.intake.event(tenant, row["handle"], TRANSCRIPT, TRANSCRIPT_SOURCE, f"recording:{row['blob']}", at, said)
    return lines


def _began(fetched: datetime, data: bytes) -> datetime:
    """When a recording began, as far as is known: before it was fetched, by as long as it is."""
    return fetched - timedelta(seconds=len(read_wav(data)[0]) / RATE)


async def transcribe_all(
    settings: Settings, url: str, key: bytes, tenant: str, folder: Path, most: int, *, again: bool = False
) -> Transcribed:
    """The recordings of a tenant. Raises SetupError where the model cannot be opened, NotFound where no tenant is called so."""
    hearer = await asyncio.to_thread(open_hearer, folder)
    house = await open_house(settings, url, key, SystemClock(), pool=2)
    try:
        async with house.store.within((), readonly=True) as db:
            number = next((one.id for one in await list_tenants(db) if one.name == tenant), 0)
        if not number:
            raise NotFound(f"no tenant is called {tenant!r}")
        return await transcribe(house, number, hearer, most, again=again)
    finally:
        await house.aclose()
