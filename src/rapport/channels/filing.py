"""Filing: what a file that is to go out really is, by its bytes, and what no house should send. The sandbox reads it."""

import io
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath

from rapport.channels.media import DOWNLOAD, sniffed
from rapport.errors import BadInput

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 100
MOST_NAMES = 2_000  # in an archive
REFUSED = "refused:"  # before what a file is, where it does not go out
PROGRAM, MACROS, ACTIVE = f"{REFUSED}program", f"{REFUSED}macros", f"{REFUSED}active"
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"#!",
    b"dex\n",
    b"L\0\0\0\x01\x14\x02\0",
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NEW_PICTURES = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")  # which half of the world cannot open
_MARKUP = re.compile(rb"(?i)<\s*(?:html|script|svg|!doctype\s+html|iframe|body|head|meta)\b")
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia)\b")
_ACTING = (
    "apk app bat bin cmd com cpl dll docm dotm exe hta htm html jar js jse lnk msi msix pif ppam pptm ps1 reg scr sh svg url vb"
    " vbe vbs wsf wsh xhtml xlam xlsm"
)
_ENDS = frozenset(_ACTING.split())
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
}
_EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "audio/wav": "wav", "audio/ogg": "ogg",
    "audio/mpeg": "mp3", "video/mp4": "mp4", "application/pdf": "pdf", "application/zip": "zip", "text/plain": "txt",
    "text/csv": "csv", **dict(_OFFICE.values()),
}  # fmt: skip
_SAYS = {
    PROGRAM: "is a program, or holds one: no program goes out",
    MACROS: "holds macros: save it without them, or as PDF",
    ACTIVE: "holds something that acts by itself: print it as PDF, or send a picture of it",
}
_STRANGE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


def kind_of(data: bytes) -> bytes:
    """What a file is: a media type, or `refused:` and why. Raises BadInput where it is empty or too large."""
    if not data:
        raise BadInput("The file is empty.")
    if len(data) > LARGEST:
        raise BadInput(f"A file has at most {LARGEST >> 20} MB, this one has {len(data) / (1 << 20):.1f}: make it smaller.")
    return _kind(data).encode()


def _kind(data: bytes) -> str:
    if data.startswith(_PROGRAMS):
        return PROGRAM
    if data.startswith(_OLD_OFFICE):
        return MACROS  # whether there are any cannot be told without opening it
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    if data[4:8] == b"ftyp" and data[8:12] in _NEW_PICTURES:
        return DOWNLOAD
    known = sniffed(data)
    if known == "application/pdf":
        return ACTIVE if _ACTIVE_PDF.search(data) else known
    if known != DOWNLOAD:
        return known
    if data.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "audio/mpeg"
    return _words(data)


def _archive(data: bytes) -> str:
    """An archive by the names in it; nothing of it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name.lower() for name in archive.namelist()[:MOST_NAMES]]
    if any("vbaproject" in name or "/activex/" in name or name.endswith("macrosheets/sheet1.xml") for name in names):
        return MACROS
    if "[content_types].xml" in names:
        return next((kind for start, (kind, _) in _OFFICE.items() if any(n.startswith(start) for n in names)), PROGRAM)
    return PROGRAM if any(_end(name) in _ENDS for name in names) else "application/zip"


def _words(data: bytes) -> str:
    """Plain words are UTF-8 without marks of control; what is marked up may act."""
    if _MARKUP.search(data):
        return ACTIVE
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return DOWNLOAD
    return DOWNLOAD if any(unicodedata.category(sign) == "Cc" and sign not in "\r\n\t\f" for sign in text) else "text/plain"


def _end(name: str) -> str:
    return PurePosixPath(name.strip(" .")).suffix.lstrip(".").lower()


def refusal_of(name: str, kind: str) -> str:
    """Why a file does not go out, with the cure; "" where it does."""
    shown = named(name, "")
    if kind in _SAYS:
        return f"{shown!r} {_SAYS[kind]}."
    if _end(name) in _ENDS:
        return f"{shown!r} {_SAYS[PROGRAM]}."
    if kind == DOWNLOAD:
        return f"Nobody can say what {shown!r} is: send it as PDF, as a picture (PNG or JPEG), as text or in a ZIP archive."
    return ""


def named(name: str, kind: str) -> str:
    """A name that no system stumbles over, with the ending of what the file is; `kind` "": as it ends."""
    plain = _STRANGE.sub(" ", unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2]))
    plain = " ".join(plain.split()).strip(" .") or "file"
    end = _EXTENSIONS.get(kind, "")
    stem = plain.rpartition(".")[0] if "." in plain else plain
    same = not end or _end(plain) == end or (end == "txt" and _end(plain) in ("csv", "md", "log", "ics", "json", "xml"))
    if same and len(plain) <= LONGEST_NAME:
        return plain
    return f"{(stem or 'file')[: LONGEST_NAME - 6].rstrip(' .')}.{end or _end(plain)}".rstrip(".")
