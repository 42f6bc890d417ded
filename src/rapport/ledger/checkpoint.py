"""Checkpoints: the tree over a tenant's entries, grown by a cursor of its own, and a signed note of its size and root.

A checkpoint is a signed note of the form C2SP names (tlog-checkpoint, signed-note): three lines (origin, size, root in base64),
an empty line, and one signature line. The signing key follows from the master key, so it is not in the database.
"""

import asyncio
from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256

import asyncpg
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rapport.ledger.merkle import extend, pack_peaks, root, unpack_peaks
from rapport.ledger.seal import Keys

MOST_LEAVES = 20_000
SLICE = 500  # leaves between which others have their turn: hashing 20,000 in one go held up every message for 50 ms
REST = 0.002  # seconds between two slices: a round yields several times, and must not find us there each time
LEAVES = "select leaf from entry where tenant = $1 and seq > $2 order by seq limit $3"
LOCK = 0x7472  # the first half of the name of the lock on a tenant's tree


class Checkpoint(msgspec.Struct, frozen=True):
    """The tree at one size. `note` is what a witness is given."""

    size: int
    root: bytes
    at: datetime
    note: str


def origin_of(tenant: int) -> str:
    """The name of a tenant's ledger in its checkpoints."""
    return f"rapport/ledger/{tenant}"


def signing_key(keys: Keys, tenant: int) -> Ed25519PrivateKey:
    """The key that signs a tenant's checkpoints."""
    return Ed25519PrivateKey.from_private_bytes(keys.derive(f"checkpoint|{tenant}"))


def verifier(key: Ed25519PrivateKey, origin: str) -> str:
    """The public key in the form that C2SP's signed-note names: `origin+id+base64(0x01 | key)`."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{origin}+{_key_id(origin, raw).hex()}+{b64encode(bytes([1]) + raw).decode()}"


def sign(key: Ed25519PrivateKey, origin: str, size: int, top: bytes) -> str:
    """The signed note for a tree of `size` entries with root `top`."""
    body = f"{origin}\n{size}\n{b64encode(top).decode()}\n"
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{body}\n— {origin} {b64encode(_key_id(origin, raw) + key.sign(body.encode())).decode()}\n"


def read_note(note: str, public: Ed25519PublicKey) -> tuple[str, int, bytes] | None:
    """(origin, size, root) of a signed note; None where the signature or the form is wrong."""
    body, _, signed = note.partition("\n\n")
    lines = body.split("\n")
    try:
        signature = b64decode(signed.split(" ")[2])[4:]
        public.verify(signature, f"{body}\n".encode())
        return lines[0], int(lines[1]), b64decode(lines[2])
    except (InvalidSignature, ValueError, IndexError):
        return None


async def grow(db: asyncpg.Connection, keys: Keys, tenant: int, now: datetime) -> Checkpoint | None:
    """Take the new leaves into the tree and sign; None where nothing is new. Within the caller's transaction.

    The transaction must commit durably before the note leaves the house: a lost one would look like a fork to a witness.
    Who comes at the same moment waits, and finds nothing new.
    """
    await db.execute("select pg_advisory_xact_lock($1, $2)", LOCK, tenant)
    stored = await db.fetchrow('select size, "range" from tree where tenant = $1', tenant)
    size, peaks = (stored[0], unpack_peaks(stored[1])) if stored else (0, [])
    before = size
    while size - before < MOST_LEAVES and (leaves := await db.fetch(LEAVES, tenant, size, SLICE)):
        peaks, size = extend(peaks, [leaf for (leaf,) in leaves]), size + len(leaves)
        if len(leaves) < SLICE:
            break
        await asyncio.sleep(REST)
    if size == before:
        return None
    await db.execute(
        'insert into tree (tenant, size, "range") values ($1, $2, $3)'
        ' on conflict (tenant) do update set size = excluded.size, "range" = excluded."range"',
        tenant,
        size,
        pack_peaks(peaks),
    )
    top = root(peaks)
    made = Checkpoint(size, top, now, sign(signing_key(keys, tenant), origin_of(tenant), size, top))
    await db.execute(
        "insert into checkpoint (tenant, size, root, at, note) values ($1, $2, $3, $4, $5)", tenant, size, top, now, made.note
    )
    return made


def _key_id(origin: str, raw: bytes) -> bytes:
    return sha256(origin.encode() + b"\n\x01" + raw).digest()[:4]
