"""Compiled templates, kept beside their sources as Python keeps its own modules: a start compiles what changed, and no more.

Where nothing can be written there (or Python is told to write no bytecode) they are kept in memory, each process its own.
"""

import os
import sys
from hashlib import sha256
from pathlib import Path

import jinja2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

MARK = 16  # bytes before the bytecode: of which source, and by what it was compiled


class Compiled(BytecodeCache):
    """Templates as they were compiled: one language's serve the other, which differ in their words alone.

    `folder`: of the templates. `by`: modules whose functions may have been called while one was compiled.
    """

    def __init__(self, folder: Path, by: tuple[Path, ...] = ()) -> None:
        self._folder = folder / "__pycache__"
        said = [
            jinja2.__version__.encode(),
            str(sys.implementation.cache_tag).encode(),
            *(module.read_bytes() for module in by),
        ]
        self._by = sha256(b"\x00".join(said)).digest()
        self._kept: dict[str, bytes] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """What a template is kept under: its name."""
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is kept of it."""
        body = self._kept.get(bucket.key) or self._read(bucket.key, bucket.checksum)
        if body:
            bucket.bytecode_from_string(body)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        body = bucket.bytecode_to_string()
        if not self._write(bucket.key, self._mark(bucket.checksum) + body):
            self._kept[bucket.key] = body

    def has(self, name: str, source: str) -> bool:
        """Whether a template is kept as this source says it."""
        return name in self._kept or bool(self._read(name, self.get_source_checksum(source), most=MARK + 1))

    def _read(self, name: str, checksum: str, most: int = -1) -> bytes:
        try:
            with self._file(name).open("rb") as file:
                said = file.read(most)
        except OSError:
            return b""
        return said[MARK:] if said[:MARK] == self._mark(checksum) else b""

    def _write(self, name: str, said: bytes) -> bool:
        if sys.dont_write_bytecode:
            return False
        begun = self._folder / f"{name}.{os.getpid()}.begun"
        try:
            self._folder.mkdir(exist_ok=True)
            begun.write_bytes(said)
            begun.replace(self._file(name))
        except OSError:
            return False
        return True

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.{sys.implementation.cache_tag}.jinja"

    def _mark(self, checksum: str) -> bytes:
        return sha256(self._by + checksum.encode()).digest()[:MARK]
