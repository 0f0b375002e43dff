"""Photos as people take them: a label on a table, warped, blurred, creased, unevenly lit. Seeded; no file is needed."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from labels.domain.payload import LabelKeys, build_payload
from labels.drawing.qr import QUIET_ZONE, qr_matrix

KEYS = LabelKeys({"B": bytes(range(32))}, "B", "T")
SEED = 20261128


def payloads(count: int) -> Iterator[str]:
    chance = random.Random(SEED)  # noqa: S311
    for number in range(count):
        yield build_payload(KEYS, chance.randbytes(10), {"number": number})


def symbol_picture(modules: tuple[tuple[bool, ...], ...], dots: int) -> Image.Image:
    """The symbol with its quiet zone, so many pixels to a module."""
    shades = np.pad(np.where(np.array(modules), 0, 255).astype(np.uint8), QUIET_ZONE, constant_values=255)
    return Image.fromarray(np.kron(shades, np.ones((dots, dots), dtype=np.uint8)))


def label_picture(payload: str, dots: int = 6) -> Image.Image:
    """The code with lines of text beside it, white on a grey table."""
    code = symbol_picture(qr_matrix(payload), dots)
    label = Image.new("L", (code.width * 2, code.height + 60), 255)
    label.paste(code, (30, 30))
    for line in range(9):
        label.paste(0, (code.width + 50, 40 + 22 * line, code.width + 50 + (97 * line) % 150 + 60, 48 + 22 * line))
    table = Image.new("L", (label.width + 160, label.height + 160), 120)
    table.paste(label, (80, 80))
    return table


def blank() -> Image.Image:
    """The table without a label."""
    return Image.new("L", (240, 240), 120)


def beside(*pictures: Image.Image) -> Image.Image:
    """One picture of them all, one above the other."""
    both = Image.new("L", (max(one.width for one in pictures), sum(one.height for one in pictures)))
    top = 0
    for one in pictures:
        both.paste(one, (0, top))
        top += one.height
    return both


def taken(payload: str, chance: random.Random) -> bytes:
    """One photo of it as a JPEG file."""
    return photo_of(label_picture(payload, chance.choice((4, 5, 6))), chance)


def photo_of(picture: Image.Image, chance: random.Random) -> bytes:
    """What a phone makes of it."""
    picture = creased(picture, chance)
    picture = warped(picture, chance).rotate(
        chance.uniform(-40, 40), Image.Resampling.BILINEAR, expand=True, fillcolor=110
    )
    picture = picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.2, 1.3)))
    lit = unevenly_lit(np.asarray(picture, dtype=np.float32), chance)
    return jpeg(Image.fromarray(lit.astype(np.uint8)), quality=chance.randrange(55, 92))


def creased(picture: Image.Image, chance: random.Random) -> Image.Image:
    """One or two narrow folds that shift and shade what lies on them."""
    dots = np.asarray(picture, dtype=np.int16).copy()
    for _ in range(chance.randrange(1, 3)):
        row, width = chance.randrange(60, dots.shape[0] - 60), chance.randrange(1, 4)
        dots[row : row + width] = np.roll(dots[row : row + width], chance.randrange(-3, 4), axis=1)
        dots[row : row + width] += chance.choice((-35, 35))
    return Image.fromarray(dots.clip(0, 255).astype(np.uint8))


def warped(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Seen from the side: every corner moved by up to six hundredths."""
    width, height = picture.size
    move = [chance.uniform(0, 0.06) for _ in range(8)]
    corners = (
        *(move[0] * width, move[1] * height),
        *(move[2] * width, height * (1 - move[3])),
        *(width * (1 - move[4]), height * (1 - move[5])),
        *(width * (1 - move[6]), move[7] * height),
    )
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)


def unevenly_lit(dots: np.ndarray, chance: random.Random) -> np.ndarray:
    """A lamp to one side, and the noise of a dim room."""
    rows, columns = np.mgrid[0 : dots.shape[0], 0 : dots.shape[1]].astype(np.float32)
    light = 0.55 + 0.45 * (
        chance.uniform(-1, 1) * (rows / dots.shape[0] - 0.5)
        + chance.uniform(-1, 1) * (columns / dots.shape[1] - 0.5)
        + 0.5
    )
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, chance.uniform(2, 9), dots.shape)
    return (dots * light + noise).clip(0, 255)


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
