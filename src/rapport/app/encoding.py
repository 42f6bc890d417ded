"""The user's own text encoder: opened from its folder as the settings say, and taught the messages that ship."""

import json
import time
from pathlib import Path

from rapport.errors import BadInput, SetupError
from rapport.settings import Settings
from rapport.understanding.encoder.folder import open_encoder
from rapport.understanding.encoder.second import HEAD, Second, kept, learn, read_head, right_of, vectors_of
from rapport.understanding.reader import shipped


def second_lane(settings: Settings) -> Second | None:
    """The encoder of the settings; None where none is set. Raises SetupError, which names the file and the cure."""
    if not settings.encoder:
        return None
    folder = Path(settings.encoder).expanduser()
    encoder = open_encoder(folder)
    head = read_head(folder, encoder, shipped().intents)
    return Second(encoder, head, seconds=settings.encoder_seconds, ticks=time.monotonic)


def encode(folder: Path, *, as_json: bool) -> int:
    """Teach an encoder the messages that ship, and write what it learnt into its folder. Raises SetupError."""
    from rapport.understanding.train import examples  # it brings what learns; a worker's start need not wait for it

    begun = time.process_time()
    folder = folder.expanduser()
    encoder, names = open_encoder(folder), shipped().intents
    known = [one for one in examples() if one.intent is not None]
    labels = [one.intent or "" for one in known]
    try:
        vectors = vectors_of(encoder, [one.text for one in known])
    except BadInput as error:
        raise SetupError(f"encoder: {folder} fails on our messages: {error}; use another model") from None
    right = right_of(vectors, labels, names)
    _write(folder / HEAD, kept(learn(vectors, labels, names, encoder.version)))
    said = {
        "version": encoder.version,
        "messages": len(known),
        "dimensions": int(vectors.shape[1]),
        "right_of_every_fifth": round(right, 4),
        "cpu_s": round(time.process_time() - begun, 1),
    }
    if as_json:
        print(json.dumps(said))
        return 0
    for name, value in said.items():
        print(f"{name:22} {value}")
    print(f"written: {folder / HEAD}")
    return 0


def _write(file: Path, body: bytes) -> None:
    begun = file.with_suffix(".begun")
    try:
        begun.write_bytes(body)
        begun.replace(file)
    except OSError as error:
        raise SetupError(f"encoder: {file} cannot be written ({error.strerror}); make its folder writable") from None
