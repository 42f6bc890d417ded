"""A model of one's own that hears recordings: opened from its folder as its library wants it, and who said what."""

import asyncio
import sys
from hashlib import sha256
from types import SimpleNamespace

import numpy as np
import pytest

from ledger.ledgerwork import NOW, an_intake
from measures.stories.test_voices import a_voice, a_wav
from rapport.app.transcribing import NEEDED, open_hearer, transcribe, transcript_of
from rapport.errors import BadInput, SetupError
from rapport.ledger.blobs import keep_blob
from rapport.ledger.tables import write_rows
from rapport.measures.stories.voices import RATE
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Direction, Media, Message, Reach, Standing
from rapport.model.person import Handle
from stagework import an_id


class WhisperModel:
    """What rapport uses of faster_whisper.WhisperModel 1.2: how it is opened, and what it answers."""

    def __init__(self, model_size_or_path, device="auto", compute_type="default", local_files_only=False):
        if "broken" in model_size_or_path:
            raise RuntimeError("Unsupported model binary version")
        self.opened = (device, compute_type, local_files_only)

    def transcribe(self, audio, language=None, vad_filter=False):
        stretches = [(0.0, 1.0, " Hola, le atiende Ana."), (1.0, 2.0, " El wifi  no funciona."), (2.0, 2.1, "  ")]
        told = (SimpleNamespace(start=start, end=end, text=text) for start, end, text in stretches if end <= len(audio) / RATE)
        return told, SimpleNamespace(language=language or "es")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", SimpleNamespace(WhisperModel=WhisperModel))
    for name in NEEDED:
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_a_model_is_opened_from_its_folder_without_asking_anybody(folder):
    assert open_hearer(folder).opened == ("cpu", "int8", True)


def test_what_is_missing_is_said_with_the_cure(folder, tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.mkdir()
    with pytest.raises(SetupError, match=r"model\.bin is missing"):
        open_hearer(broken)
    for name in NEEDED:
        (broken / name).write_bytes(b"x")
    with pytest.raises(SetupError, match="Unsupported model binary version"):
        open_hearer(broken)
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(SetupError, match=r"install rapport\[whisper\]"):
        open_hearer(folder)


def test_on_one_channel_who_speaks_first_is_ours_and_one_voice_is_no_talk(folder):
    hearer = open_hearer(folder)
    two = np.concatenate([a_voice(210, 1.0), a_voice(110, 1.1, seed=1)])

    said = [(one.by, one.s, one.text) for one in transcript_of(hearer, a_wav(two), "es")]

    assert said == [("us", 0.0, "Hola, le atiende Ana."), ("them", 1.0, "El wifi no funciona.")]
    with pytest.raises(BadInput, match="two voices cannot be told apart"):
        transcript_of(hearer, a_wav(a_voice(120, 2.0)))


@pytest.fixture
async def recorded(store, tenant):
    """The row of a person who left a recording of two channels."""
    data = a_wav(a_voice(120, 2.0), a_voice(210, 2.0))
    media = (Media("call.wav", "audio/wav", len(data), sha256(data).hexdigest()),)
    talk, handle = an_id("talk"), Handle(an_id("handle"), "voice:+34600111222")
    rows = (
        handle,
        Conversation(
            talk, an_id("person"), handle.id, State.OPEN, ChannelKind.VOICE, "line", "voice", Reach.PRIVATE, NOW, NOW
        ),
        Message(
            an_id("message"), NOW, Direction.IN, Standing.RECEIVED, Reach.PRIVATE, conversation=talk, handle=handle.id,
            channel="voice", media=media,
        ),
    )  # fmt: skip
    async with store.within(tenant) as db:
        await keep_blob(db, tenant, data)
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    return handle


@pytest.mark.anyio
@pytest.mark.parametrize("erased", [False, True])
async def test_of_who_is_erased_while_their_call_is_heard_nothing_is_stored_again(store, tenant, recorded, erased):
    loop = asyncio.get_running_loop()

    async def erase() -> None:
        async with store.within(tenant) as db:
            await db.execute("update handle set name = '' where tenant = $1 and id = $2", tenant, recorded.id)

    class Slow(WhisperModel):
        def transcribe(self, audio, language=None, vad_filter=False):
            if erased:
                asyncio.run_coroutine_threadsafe(erase(), loop).result(30)
            return super().transcribe(audio, language, vad_filter)

    async with an_intake(store) as intake:
        done = await transcribe(SimpleNamespace(store=store, intake=intake), tenant, Slow("folder"), 10)
        async with store.within(tenant) as db:
            entries = await db.fetchval("select count(*) from entry where tenant = $1", tenant)

    assert (done.heard, done.left, entries) == ((0, {}, 0) if erased else (1, {}, 1))
