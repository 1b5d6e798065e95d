"""Pictures are drawn again: place, camera and whatever else hides in the file stay behind (decision D44)."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps

from bmms.domain.files.kinds import JPG, Kind, Refused

LONGEST_SIDE = 1_600  # pixels
MOST_PIXELS = 40_000_000  # a picture that unpacks to more is a bomb or of no use here
QUALITY = 85

_DAMAGED = ("is damaged", "Open it, save it again as JPG or PNG and upload that.")
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, EOFError, struct.error, zlib.error)  # what decoders raise


def redraw(content: bytes, kind: Kind, longest_side: int = LONGEST_SIDE) -> bytes:
    """The same picture in the same kind, upright, at most `longest_side` pixels long, without anything but pixels.

    Raises:
        Refused: it is damaged, or has more than 40 million pixels.
    """
    try:
        with Image.open(BytesIO(content), formats=("JPEG" if kind == JPG else "PNG",)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large(image.width, image.height)
            image.thumbnail((longest_side, longest_side))
            return _written(_pixels(ImageOps.exif_transpose(image)), kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("is too large a picture", "Make it smaller and upload that.") from None
    except _BROKEN:
        raise Refused(*_DAMAGED) from None


def _too_large(width: int, height: int) -> Refused:
    return Refused(
        f"is a picture of {width:,} x {height:,} pixels; {MOST_PIXELS // 1_000_000} million in all are allowed",
        "Make it smaller and upload that.",
    )


def _pixels(image: Image.Image) -> Image.Image:
    """A new picture that has the pixels and nothing else of the old one."""
    if image.mode.startswith("I"):  # 16 bits a pixel, as some scanners write
        image = image.convert("I").point(lambda level: level * (1 / 256))
    mode = "RGBA" if image.has_transparency_data else ("L" if image.mode in ("1", "L", "I") else "RGB")
    image = image.convert(mode)
    clean = Image.new(mode, image.size)
    clean.paste(image)
    return clean


def _written(image: Image.Image, kind: Kind) -> bytes:
    out = BytesIO()
    if kind == JPG:
        image.save(out, "JPEG", quality=QUALITY, optimize=True)
    else:
        image.save(out, "PNG")
    return out.getvalue()
