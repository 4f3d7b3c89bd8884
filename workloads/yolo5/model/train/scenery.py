"""Backdrops of the sample pictures, and the few brushes that they share."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Color = tuple[int, int, int]
Box = tuple[float, float, float, float]


def street(width: int, height: int) -> Image.Image:
    """Evening sky, a row of houses, a pavement and a road."""
    picture = vertical_gradient(width, height, (120, 176, 226), (252, 222, 190))
    pen = ImageDraw.Draw(picture)
    walls = ((206, 150, 120), (232, 198, 150), (160, 176, 186), (214, 176, 168), (186, 196, 160), (224, 210, 190))
    kerb, left = int(height * 0.56), -30
    for number, wall in enumerate(walls):
        house, top = 190 + 40 * (number % 3), int(height * (0.12 + 0.07 * ((number * 5) % 4)))
        pen.rectangle((left, top, left + house, kerb), wall)
        pen.rectangle((left, top, left + house, top + 14), _darker(wall, 0.8))
        _windows(pen, (left + 22, top + 40, left + house - 16, kerb - 90), _darker(wall, 0.55))
        left += house + 4
    pen.rectangle((0, kerb, width, kerb + 60), (196, 192, 184))
    pen.rectangle((0, kerb + 60, width, kerb + 70), (150, 146, 140))
    pen.rectangle((0, kerb + 70, width, height), (92, 96, 104))
    for left in range(20, width, 190):
        pen.rectangle((left, height - 130, left + 100, height - 120), (236, 228, 200))
    return _grain(picture, 3)


def table(width: int, height: int) -> Image.Image:
    """A checked cloth seen from above, with two plates."""
    picture = Image.new("RGB", (width, height), (246, 240, 228))
    pen = ImageDraw.Draw(picture, "RGBA")
    for offset in range(0, max(width, height), 128):
        pen.rectangle((offset, 0, offset + 63, height), (122, 170, 190, 70))
        pen.rectangle((0, offset, width, offset + 63), (122, 170, 190, 70))
    for x, y, radius in ((300, 300, 220), (850, 300, 240)):
        _plate(picture, x, y, radius)
    return _grain(picture, 3)


def park(width: int, height: int) -> Image.Image:
    """Sky, hills, a meadow and a path."""
    picture = vertical_gradient(width, height, (150, 206, 240), (228, 242, 248))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((-300, height * 0.34, width * 0.6, height * 1.3), (150, 190, 130))
    pen.ellipse((width * 0.3, height * 0.3, width + 400, height * 1.4), (128, 176, 112))
    pen.rectangle((0, height * 0.62, width, height), (110, 164, 92))
    pen.polygon(
        ((width * 0.42, height * 0.62), (width * 0.47, height * 0.62), (width * 0.8, height), (width * 0.4, height)),
        (214, 196, 160),
    )
    return _grain(picture, 5)


def room(width: int, height: int) -> Image.Image:
    """A papered wall, a skirting board and a wooden floor."""
    picture = Image.new("RGB", (width, height), (226, 214, 196))
    pen = ImageDraw.Draw(picture)
    for left in range(0, width, 80):
        pen.rectangle((left, 0, left + 36, height), (218, 204, 184))
    floor = int(height * 0.7)
    pen.rectangle((0, floor - 26, width, floor), (244, 240, 232))
    pen.rectangle((0, floor, width, height), (168, 124, 86))
    for row, top in enumerate(range(floor, height, 46)):
        pen.line((0, top, width, top), (142, 102, 70), 3)
        for left in range(-160 + (row % 2) * 150, width, 300):
            pen.line((left, top, left, top + 46), (142, 102, 70), 3)
    pen.ellipse((width * 0.2, floor + 50, width * 0.8, height - 20), (120, 140, 168))
    pen.ellipse((width * 0.23, floor + 64, width * 0.77, height - 34), (150, 168, 192))
    return _grain(picture, 4)


def vertical_gradient(width: int, height: int, top: Color, bottom: Color) -> Image.Image:
    column = np.linspace(np.array(top), np.array(bottom), height)[:, None, :]
    return Image.fromarray(np.repeat(column, width, axis=1).astype(np.uint8))


def ground_shadow(picture: Image.Image, box: Box) -> None:
    """A soft ellipse under a thing that stands on the ground."""
    left, top, right, bottom = box
    depth = max(6, (bottom - top) * 0.05)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((left, bottom - depth, right, bottom + depth), 110)
    picture.paste((20, 24, 30), (0, 0), mask.filter(ImageFilter.GaussianBlur(depth / 2)))


def _plate(picture: Image.Image, x: int, y: int, radius: int) -> None:
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius + 14, x + radius, y + radius + 14), 90)
    picture.paste((60, 60, 70), (0, 0), mask.filter(ImageFilter.GaussianBlur(12)))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), (252, 252, 250))
    inner = int(radius * 0.72)
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), (244, 244, 240), (226, 228, 226), 3)


def _windows(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], color: Color) -> None:
    for top in range(box[1], box[3] - 50, 80):
        for left in range(box[0], box[2] - 30, 54):
            pen.rectangle((left, top, left + 30, top + 50), color)
            pen.rectangle((left, top + 50, left + 30, top + 54), (240, 236, 228))


def _darker(color: Color, share: float) -> Color:
    return int(color[0] * share), int(color[1] * share), int(color[2] * share)


def _grain(picture: Image.Image, strength: float) -> Image.Image:
    pixels = np.asarray(picture).astype(np.float32)
    pixels += np.random.default_rng(7).normal(0, strength, (*pixels.shape[:2], 1)).astype(np.float32)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
