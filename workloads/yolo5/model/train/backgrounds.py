"""Backgrounds without any object: from plain colors to busy textures, shapes and text."""

import string
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Generator = np.random.Generator
Color = tuple[int, int, int]


def draw_background(random: Generator, width: int, height: int) -> Image.Image:
    """A random background, RGB."""
    base = BASES[random.integers(len(BASES))](random, width, height)
    if random.random() < 0.4:
        _scatter_shapes(random, base, int(random.integers(1, 14)))
    if random.random() < 0.15:
        _write_text(random, base)
    if random.random() < 0.2:
        base = base.filter(ImageFilter.GaussianBlur(float(random.uniform(1, 5))))
    return base


def random_color(random: Generator) -> Color:
    """Any color, with grays and pastel tones more often than chance would have it."""
    color = random.integers(0, 256, 3)
    if random.random() < 0.4:
        color = (color + random.integers(0, 256) * 2) // 3
    return int(color[0]), int(color[1]), int(color[2])


def _plain(random: Generator, width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), random_color(random))


def _gradient(random: Generator, width: int, height: int) -> Image.Image:
    corners = np.array([random_color(random) for _ in range(4)], dtype=np.uint8).reshape(2, 2, 3)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


def _noise(random: Generator, width: int, height: int) -> Image.Image:
    """Several octaves of value noise between two colors: clouds, grass, gravel, wood."""
    dark, light = np.array(random_color(random)), np.array(random_color(random))
    field = np.zeros((height, width), dtype=np.float32)
    weights = random.uniform(0.1, 1, 4)
    for octave, weight in enumerate(weights):
        cells = random.integers(2, 6, 2) * (3**octave)
        small = Image.fromarray(random.random((int(cells[0]), int(cells[1])), dtype=np.float32))
        field += weight * np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
    field = (field / weights.sum())[..., None].clip(0, 1)
    return Image.fromarray((dark + field * (light - dark)).clip(0, 255).astype(np.uint8))


def _stripes(random: Generator, width: int, height: int) -> Image.Image:
    picture = _plain(random, width, height)
    pen = ImageDraw.Draw(picture)
    step, slope = int(random.integers(8, 60)), float(random.uniform(-1, 1))
    thickness = int(random.integers(2, step))
    color = random_color(random)
    across = random.random() < 0.5
    for offset in range(-width - height, width + height, step):
        if across:
            pen.line((0, offset, width, offset + slope * width), color, thickness)
        else:
            pen.line((offset, 0, offset + slope * height, height), color, thickness)
    return picture


def _checks(random: Generator, width: int, height: int) -> Image.Image:
    side = int(random.integers(8, 70))
    rows, columns = np.indices((height, width)) // side
    colors = np.array([random_color(random), random_color(random)], dtype=np.uint8)
    return Image.fromarray(colors[(rows + columns) % 2])


def _horizon(random: Generator, width: int, height: int) -> Image.Image:
    """Sky above ground, with a few blocks standing on the line: the frame of most street pictures."""
    picture = _gradient(random, width, height)
    pen = ImageDraw.Draw(picture)
    line = int(height * random.uniform(0.3, 0.8))
    for _ in range(random.integers(0, 8)):
        left, block = int(random.integers(-40, width)), int(random.integers(20, 110))
        pen.rectangle((left, line - int(random.integers(15, 140)), left + block, line), random_color(random))
    pen.rectangle((0, line, width, height), random_color(random))
    if random.random() < 0.5:
        middle = (line + height) // 2
        for left in range(0, width, 48):
            pen.rectangle((left, middle, left + 24, middle + 4), random_color(random))
    return picture


BASES: tuple[Callable[[Generator, int, int], Image.Image], ...] = (
    _plain,
    _gradient,
    _noise,
    _noise,
    _stripes,
    _checks,
    _horizon,
    _horizon,
)


def _scatter_shapes(random: Generator, picture: Image.Image, count: int) -> None:
    pen = ImageDraw.Draw(picture)
    for _ in range(count):
        x, y = random.integers(-20, picture.width), random.integers(-20, picture.height)
        w, h = np.exp(random.uniform(np.log(8), np.log(150), 2)).astype(int)
        box = (int(x), int(y), int(x + w), int(y + h))
        fill = random_color(random) if random.random() < 0.7 else None
        line = random_color(random) if random.random() < 0.5 or fill is None else None
        thickness = int(random.integers(1, 6))
        kind = random.integers(5)
        if kind == 0:
            pen.rectangle(box, fill, line, thickness)
        elif kind == 1:
            pen.ellipse(box, fill, line, thickness)
        elif kind == 2:
            pen.rounded_rectangle(box, min(w, h) / 4, fill, line, thickness)
        elif kind == 3:
            points = random.uniform((x, y), (x + w, y + h), (int(random.integers(3, 7)), 2))
            pen.polygon([(float(a), float(b)) for a, b in points], fill or line)
        else:
            pen.arc(box, float(random.uniform(0, 180)), float(random.uniform(180, 360)), fill or line, thickness)


def _write_text(random: Generator, picture: Image.Image) -> None:
    pen = ImageDraw.Draw(picture)
    letters = list(string.ascii_letters + string.digits + "  .,!?")
    for _ in range(random.integers(1, 5)):
        words = "".join(random.choice(letters, int(random.integers(2, 14))))
        place = (int(random.integers(-10, picture.width)), int(random.integers(-10, picture.height)))
        pen.text(place, words, random_color(random), font=ImageFont.load_default(int(random.integers(9, 60))))
