"""Pictures made anew: what an image shows, without what it carries. Runs in the sandbox."""

import io

import msgspec
from PIL import Image, ImageOps

from rapport.errors import BadInput

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MOST_PIXELS = 40_000_000
MOST_FRAMES = 200


class Picture(msgspec.Struct, frozen=True):
    """A picture as we keep it."""

    data: bytes
    type: str


def clean_picture(raw: bytes) -> bytes:
    """The picture drawn again in its own format, without EXIF, comments and profiles: a Picture as MessagePack.

    Raises BadInput where it is too large, and what Pillow raises where it is no picture.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(raw), formats=FORMATS) as source:
        if source.width * source.height > MOST_PIXELS:
            raise BadInput(f"a picture may have {MOST_PIXELS} pixels, got {source.width} x {source.height}")
        kind = source.format or "PNG"
        data = _animated(source, kind) if getattr(source, "n_frames", 1) > 1 else _still(source, kind)
    return msgspec.msgpack.encode(Picture(data, f"image/{kind.lower()}"))


def _still(source: Image.Image, kind: str) -> bytes:
    upright = ImageOps.exif_transpose(source) or source
    if kind == "JPEG" and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    plain = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        plain = upright.convert("RGBA")
    else:
        plain.paste(upright)
    return _saved(plain, kind, quality=88)


def _animated(source: Image.Image, kind: str) -> bytes:
    frames, times = [], []
    for index in range(min(source.n_frames, MOST_FRAMES)):  # type: ignore[attr-defined]  # only animated formats have it
        source.seek(index)
        frames.append(source.convert("RGBA"))
        times.append(int(source.info.get("duration", 100)))
    return _saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=times, loop=0)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
