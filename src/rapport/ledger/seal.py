"""Keys of handles and sealed contents: what was written can be forgotten without a gap in the ledger.

Each handle has a random key, wrapped by its tenant's key, which follows from the master key (HKDF, RFC 5869). A content is
sealed with the key of the handle it came by, together with the salt of its commitment: destroying the key destroys both.
A handle's id is random and found by a keyed digest of its name, so no id tells a name to anybody without the tenant's key.
"""

import hmac
import os
from collections import OrderedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rapport.ledger.merkle import commit

SALT, NONCE = 16, 12
MOST_KEYS = 200_000


class Keys:
    """The opened keys of one process. `master`: 32 bytes or more."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._tenants: dict[int, tuple[AESGCM, hmac.HMAC]] = {}
        self._opened: OrderedDict[tuple[int, bytes], AESGCM] = OrderedDict()
        self._owners: OrderedDict[tuple[int, str], bytes] = OrderedDict()

    def fresh(self) -> "Keys":
        """The same keys with none of them opened: what another process of ours can be handed."""
        return Keys(self._master)

    def digest(self, tenant: int, name: str) -> bytes:
        """What a handle's name is found by: 16 bytes that only the tenant's key can make."""
        keyed = self._tenant(tenant)[1].copy()  # a fifth of the work of beginning with the key each time
        keyed.update(name.encode("utf-8", "surrogatepass"))
        return keyed.digest()[:16]

    def new(self, tenant: int, owner: bytes) -> tuple[bytes, bytes]:
        """A fresh key for `owner`: itself, and wrapped to be stored."""
        nonce, key = os.urandom(NONCE), os.urandom(32)
        return key, nonce + self._tenant(tenant)[0].encrypt(nonce, key, owner)

    def open(self, tenant: int, owner: bytes, wrapped: bytes) -> None:
        """Open a stored key, so that `seal` and `unseal` can use it."""
        self.hold(tenant, owner, self._tenant(tenant)[0].decrypt(wrapped[:NONCE], wrapped[NONCE:], owner))

    def hold(self, tenant: int, owner: bytes, key: bytes) -> None:
        """Keep an open key at hand."""
        self._opened[tenant, owner] = AESGCM(key)
        if len(self._opened) > MOST_KEYS:
            self._opened.popitem(last=False)

    def knows(self, tenant: int, owner: bytes) -> bool:
        """Whether the key of `owner` is open."""
        return (tenant, owner) in self._opened

    def owner_of(self, tenant: int, name: str) -> bytes | None:
        """The handle id that was remembered for a name; None where its key is not open any more."""
        owner = self._owners.get((tenant, name))
        return owner if owner is not None and self.knows(tenant, owner) else None

    def remember(self, tenant: int, name: str, owner: bytes) -> None:
        """Remember which id a name has."""
        self._owners[tenant, name] = owner
        if len(self._owners) > MOST_KEYS:
            self._owners.popitem(last=False)

    def forget_all(self) -> None:
        """Let go of everything: after a fault of the database, which may have lost keys that it had not yet written."""
        self._opened.clear()
        self._owners.clear()

    def forget(self, tenant: int) -> None:
        """Let go of all keys of a tenant: after an erasure."""
        self._opened = OrderedDict((k, v) for k, v in self._opened.items() if k[0] != tenant)
        self._owners = OrderedDict((k, v) for k, v in self._owners.items() if k[0] != tenant)

    def seal(self, tenant: int, owner: bytes, entry: bytes, text: bytes) -> tuple[bytes, bytes]:
        """(sealed, commitment) of a content that belongs to entry id `entry`."""
        chance = os.urandom(SALT + NONCE)
        salt, nonce = chance[:SALT], chance[SALT:]
        return nonce + self._opened[tenant, owner].encrypt(nonce, salt + text, entry), commit(salt, text)

    def unseal(self, tenant: int, owner: bytes, entry: bytes, sealed: bytes) -> tuple[bytes, bytes] | None:
        """(salt, text) of a sealed content; None where the key is gone or the bytes are not what was sealed."""
        key = self._opened.get((tenant, owner))
        if key is None:
            return None
        try:
            opened = key.decrypt(sealed[:NONCE], sealed[NONCE:], entry)
        except InvalidTag:
            return None
        return opened[:SALT], opened[SALT:]

    def wrap_secret(self, tenant: int, name: str, secret: bytes) -> bytes:
        """A credential of a network, sealed for the `secret` table."""
        nonce = os.urandom(NONCE)
        return nonce + self._tenant(tenant)[0].encrypt(nonce, secret, b"secret|" + name.encode())

    def unwrap_secret(self, tenant: int, name: str, sealed: bytes) -> bytes:
        """The credential. Raises InvalidTag where it was sealed under another master key or name."""
        return self._tenant(tenant)[0].decrypt(sealed[:NONCE], sealed[NONCE:], b"secret|" + name.encode())

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """A key for another purpose (signing checkpoints, visitor tokens), from the master key."""
        return HKDF(SHA256(), length, None, b"rapport|" + purpose.encode()).derive(self._master)

    def _tenant(self, tenant: int) -> tuple[AESGCM, hmac.HMAC]:
        found = self._tenants.get(tenant)
        if found is None:
            both = self.derive(f"tenant|{tenant}", 64)
            found = self._tenants[tenant] = AESGCM(both[:32]), hmac.new(both[32:], digestmod="sha256")
        return found
