"""Canonical bytes, leaves, the tree and its proofs; pure.

The tree is that of RFC 6962, section 2.1: leaf = SHA-256(0x00 | entry), node = SHA-256(0x01 | left | right); an empty one
is SHA-256("").
A leaf leaves out the sequence number (its place in the tree says it), so it is hashed before the head row is locked.
"""

from collections.abc import Sequence
from hashlib import sha256
from struct import pack

EMPTY = sha256(b"").digest()


def canonical(
    at: int, id: bytes, subject: bytes, kind: int, source: str | None, source_id: str | None, body: bytes, commitment: bytes
) -> bytes:
    """The bytes of an entry that its leaf stands for. `at` in microseconds of Unix time; `commitment` 32 bytes, or none.

    Lengths stand before everything that has no fixed one, so no two entries have the same bytes.
    """
    origin = (source or "").encode("utf-8", "surrogatepass")
    origin_id = (source_id or "").encode("utf-8", "surrogatepass")
    head = pack(">q16s16sHHH", at, id, subject, kind, len(origin), len(origin_id))
    return b"".join((head, origin, origin_id, pack(">I", len(body)), body, commitment))


def leaf_hash(entry: bytes) -> bytes:
    """The leaf over the canonical bytes of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node over two hashes."""
    return sha256(b"\x01" + left + right).digest()


def commit(salt: bytes, text: bytes) -> bytes:
    """The salted commitment that stands in a leaf for a content. `salt`: 16 bytes, sealed together with the text."""
    return sha256(salt + text).digest()


def extend(peaks: Sequence[tuple[int, bytes]], leaves: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """The compact range after `leaves` more. `peaks`: (level, hash), highest level first; at most log2(size) of them."""
    stack = list(peaks)
    for leaf in leaves:
        level, node = 0, leaf
        while stack and stack[-1][0] == level:
            node = node_hash(stack.pop()[1], node)
            level += 1
        stack.append((level, node))
    return stack


def root(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    """The root of the tree that `peaks` are the compact range of."""
    if not peaks:
        return EMPTY
    node = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        node = node_hash(left, node)
    return node


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all leaves, as RFC 6962 defines it: for proofs and tests, where the compact range is for work."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    split = _split(len(leaves))
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, nearest first: PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(leaves) < 2:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


def root_from_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that `proof` leads to; None where the proof has the wrong length. Source: RFC 9162, section 2.1.3.2."""
    place, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(step, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def pack_peaks(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    """A compact range as bytes: one byte of level and 32 of hash each."""
    return b"".join(bytes([level]) + node for level, node in peaks)


def unpack_peaks(data: bytes) -> list[tuple[int, bytes]]:
    """The compact range that `pack_peaks` wrote."""
    return [(data[i], data[i + 1 : i + 33]) for i in range(0, len(data), 33)]
