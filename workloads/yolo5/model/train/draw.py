"""Draws training and held-out pictures: sprites on a background, then what cameras and chat apps do to a picture."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from backgrounds import draw_background, random_color
from glyphs import Sprites, visible_box
from settings import CLASSES, INPUT_SIDE_PX, LETTERBOX_GRAY

Generator = np.random.Generator
SMALLEST_PX, LARGEST_PX = 30, 260
EMPTY_SHARE = 0.12
MOST_COVERED = 0.25


@dataclass(frozen=True)
class Picture:
    """RGB pixels, and one row per object: class index, left, top, right, bottom in pixels."""

    image: Image.Image
    objects: np.ndarray


def draw_picture(random: Generator, sprites: Sprites, side_px: int = INPUT_SIDE_PX, *, bare: bool = False) -> Picture:
    """One square picture; a bare one has nothing on its background.

    The sizes of things are in pixels and do not follow `side_px`: a smaller square is a crop.
    """
    picture = draw_background(random, side_px, side_px)
    bars = _letterbox_bars(random, side_px)
    boxes: list[tuple[int, int, int, int]] = []
    objects: list[tuple[int, int, int, int, int]] = []
    chosen_things = [] if bare else _choose(random, side_px)
    # The more there is to place, the smaller it has to be.
    largest_px = min(LARGEST_PX, 0.9 * side_px, 1.5 * side_px / max(1, len(chosen_things)) ** 0.5)
    for chosen in chosen_things:
        sprite = _pick(random, sprites.others if chosen is None else sprites.of_class[chosen])
        box = _place(random, picture, _vary(random, sprite, largest_px, chosen), boxes, bars)
        if box is None:
            continue
        boxes.append(box)
        if chosen is not None:
            objects.append((chosen, *box))
    if random.random() < 0.15:
        _cover_a_little(random, picture, boxes)
    picture = _photograph(random, picture)
    _paint_bars(picture, bars)
    return Picture(_compress(random, picture), np.array(objects, dtype=np.float32).reshape(-1, 5))


def _choose(random: Generator, side_px: int) -> list[int | None]:
    """Class indices, None for a thing of no class, in drawing order."""
    room = (side_px / INPUT_SIDE_PX) ** 2
    others: list[int | None] = [None] * int(random.integers(0, 2 + round(4 * room)))
    if random.random() < EMPTY_SHARE:
        return others
    wanted = int(random.integers(1, 4 + round(8 * room)))
    chosen: list[int | None] = [int(index) for index in random.integers(0, len(CLASSES), wanted)]
    mixed = others + chosen
    random.shuffle(mixed)
    return mixed


def _pick(random: Generator, sprites: tuple[Image.Image, ...]) -> Image.Image:
    return sprites[random.integers(len(sprites))]


def _vary(random: Generator, sprite: Image.Image, largest_px: float, chosen: int | None) -> Image.Image:
    """Another size, angle, side and color of the same thing."""
    longest = np.exp(random.uniform(np.log(SMALLEST_PX), np.log(largest_px)))
    stretch = random.uniform(0.85, 1.18)
    scale = longest / max(sprite.size)
    size = max(4, round(sprite.width * scale * stretch)), max(4, round(sprite.height * scale / stretch))
    sprite = sprite.resize(size, Image.Resampling.BILINEAR, reducing_gap=2)
    # A clock mirrored is still a clock; nothing here has a side that matters.
    if random.random() < 0.5:
        sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    angle = random.uniform(-45, 45) if random.random() < 0.2 else random.normal(0, 9)
    if chosen is not None and CLASSES[chosen] in ("banana", "apple", "pizza", "donut") and random.random() < 0.3:
        angle = random.uniform(-180, 180)
    sprite = sprite.rotate(float(angle), Image.Resampling.BILINEAR, expand=True)
    return _recolor(random, sprite)


def _recolor(random: Generator, sprite: Image.Image) -> Image.Image:
    if random.random() < 0.3:
        return sprite
    pixels = np.asarray(sprite).astype(np.float32)
    gain = random.uniform(0.75, 1.2) * random.uniform(0.9, 1.1, 3)
    gray = pixels[..., :3].mean(axis=2, keepdims=True)
    color = (gray + (pixels[..., :3] - gray) * random.uniform(0.6, 1.3)) * gain
    return Image.fromarray(np.concatenate([color.clip(0, 255), pixels[..., 3:]], axis=2).astype(np.uint8))


def _place(
    random: Generator,
    picture: Image.Image,
    sprite: Image.Image,
    taken: list[tuple[int, int, int, int]],
    bars: tuple[int, int, int, int],
) -> tuple[int, int, int, int] | None:
    """Pastes the sprite where it hides little of the others; returns its visible box, or None when there is no room."""
    left, top, right, bottom = visible_box(sprite)
    width, height = right - left, bottom - top
    least_x, least_y, most_x, most_y = bars
    # One in eight is cut by the picture's edge, by up to a third.
    overhang = random.uniform(0, 0.33) if random.random() < 0.125 else 0.0
    for _ in range(12):
        x = _between(random, least_x - overhang * width, most_x - width * (1 - overhang))
        y = _between(random, least_y - overhang * height, most_y - height * (1 - overhang))
        if x is None or y is None:
            return None
        box = max(x, least_x), max(y, least_y), min(x + width, most_x), min(y + height, most_y)
        if all(_covered(box, other) <= MOST_COVERED for other in taken):
            if random.random() < 0.25:
                _cast_shadow(random, picture, box)
            picture.paste(sprite, (x - left, y - top), sprite)
            return box
    return None


def _between(random: Generator, low: float, high: float) -> int | None:
    return None if high < low else int(random.uniform(low, high))


def _covered(box: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """Shared area as a share of the smaller box."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]), (other[2] - other[0]) * (other[3] - other[1]))
    return width * height / smaller


def _cast_shadow(random: Generator, picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    left, _, right, bottom = box
    depth = max(2, (bottom - box[1]) // 10)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((left, bottom - depth, right, bottom + depth), int(random.integers(40, 130)))
    picture.paste((0, 0, 0), (0, 0), mask.filter(ImageFilter.BoxBlur(depth / 2)))


def _cover_a_little(random: Generator, picture: Image.Image, boxes: list[tuple[int, int, int, int]]) -> None:
    """A thin bar in front, like a pole or a railing."""
    if not boxes:
        return
    left, top, right, bottom = boxes[random.integers(len(boxes))]
    width, height = right - left, bottom - top
    x, y = left + random.uniform(0.1, 0.8) * width, top + random.uniform(0.1, 0.8) * height
    bar = (
        (x, 0, x + 0.12 * width, picture.height) if random.random() < 0.5 else (0, y, picture.width, y + 0.12 * height)
    )
    ImageDraw.Draw(picture).rectangle(bar, random_color(random))


def _photograph(random: Generator, picture: Image.Image) -> Image.Image:
    if random.random() < 0.5:
        picture = ImageEnhance.Brightness(picture).enhance(float(random.uniform(0.6, 1.3)))
    if random.random() < 0.4:
        picture = ImageEnhance.Contrast(picture).enhance(float(random.uniform(0.6, 1.3)))
    if random.random() < 0.2:
        picture = ImageEnhance.Color(picture).enhance(float(random.uniform(0.2, 1.4)))
    if random.random() < 0.25:
        picture = picture.filter(ImageFilter.GaussianBlur(float(random.uniform(0.3, 1.4))))
    if random.random() < 0.3:
        pixels = np.asarray(picture).astype(np.float32)
        pixels += random.standard_normal(pixels.shape, dtype=np.float32) * random.uniform(2, 14)
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return picture


def _compress(random: Generator, picture: Image.Image) -> Image.Image:
    if random.random() < 0.4:
        return picture
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=int(random.integers(35, 96)))
    return Image.open(buffer).convert("RGB")


def _letterbox_bars(random: Generator, side_px: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part that the picture covers; the rest is the detector's own gray fill."""
    if random.random() < 0.6:
        return 0, 0, side_px, side_px
    bar = int(side_px * random.uniform(0.05, 0.22))
    return (0, bar, side_px, side_px - bar) if random.random() < 0.5 else (bar, 0, side_px - bar, side_px)


def _paint_bars(picture: Image.Image, bars: tuple[int, int, int, int]) -> None:
    gray = (LETTERBOX_GRAY,) * 3
    left, top, right, bottom = bars
    pen = ImageDraw.Draw(picture)
    if top > 0:
        pen.rectangle((0, 0, picture.width, top - 1), gray)
        pen.rectangle((0, bottom, picture.width, picture.height), gray)
    if left > 0:
        pen.rectangle((0, 0, left - 1, picture.height), gray)
        pen.rectangle((right, 0, picture.width, picture.height), gray)
