"""Draws the sample pictures that the repository ships, and writes what is on them to samples.json."""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import scenery
from glyphs import render_icon
from settings import SAMPLES_FOLDER

WIDTH_PX, HEIGHT_PX = 1200, 900
JPEG_QUALITY = 82


@dataclass(frozen=True)
class Thing:
    """An icon standing at x (middle) and y (bottom), both in pixels; `name` is None when it is of no class."""

    icon: str
    name: str | None
    x: int
    y: int
    height: int
    icon_set: str = "noto"
    turned: float = 0.0
    shadow: bool = True


@dataclass(frozen=True)
class Scene:
    backdrop: Callable[[int, int], Image.Image]
    things: tuple[Thing, ...]


FLUENT = "fluent-emoji"

SCENES: dict[str, Scene] = {
    "street.jpg": Scene(
        scenery.street,
        (
            Thing("deciduous-tree", None, 110, 540, 260),
            Thing("bus", "bus", 330, 700, 250, FLUENT),
            Thing("woman-walking-medium-skin-tone", "person", 590, 640, 240),
            Thing("automobile", "car", 900, 660, 170),
            Thing("bicycle", "bicycle", 700, 850, 190, FLUENT),
            Thing("man-walking-light-skin-tone", "person", 1090, 860, 290),
        ),
    ),
    "breakfast.jpg": Scene(
        scenery.table,
        (
            Thing("doughnut", "donut", 220, 400, 200, FLUENT, shadow=False),
            Thing("red-apple", "apple", 400, 420, 190, shadow=False),
            Thing("pizza", "pizza", 850, 450, 290, turned=-10, shadow=False),
            Thing("banana", "banana", 680, 850, 230, FLUENT),
            Thing("alarm-clock", "clock", 200, 830, 230, FLUENT),
        ),
    ),
    "park.jpg": Scene(
        scenery.park,
        (
            Thing("evergreen-tree", None, 1060, 640, 380),
            Thing("deciduous-tree", None, 130, 620, 300),
            Thing("cloud", None, 960, 220, 140, shadow=False),
            Thing("dog", "dog", 640, 820, 230),
            Thing("woman-standing-medium-dark-skin-tone", "person", 390, 800, 330),
            Thing("umbrella-on-ground", "umbrella", 920, 850, 250),
        ),
    ),
    "living-room.jpg": Scene(
        scenery.room,
        (
            Thing("door", None, 190, 640, 440, shadow=False),
            Thing("mantelpiece-clock", "clock", 990, 330, 220, shadow=False),
            Thing("cat", "cat", 500, 850, 260, FLUENT),
            Thing("green-apple", "apple", 810, 840, 150),
        ),
    ),
    "empty.jpg": Scene(scenery.street, ()),
}


def draw_samples(icons_folder: Path) -> None:
    """Writes one JPEG per scene and samples.json: {file: {widthPx, heightPx, objects: [{class, box}]}}."""
    SAMPLES_FOLDER.mkdir(exist_ok=True)
    listed = {}
    for name, scene in SCENES.items():
        picture = scene.backdrop(WIDTH_PX, HEIGHT_PX)
        boxes = [(thing, _add(picture, icons_folder, thing)) for thing in scene.things]
        picture.save(SAMPLES_FOLDER / name, "JPEG", quality=JPEG_QUALITY, optimize=True)
        objects = [{"class": thing.name, "box": box} for thing, box in boxes if thing.name is not None]
        listed[name] = {"widthPx": WIDTH_PX, "heightPx": HEIGHT_PX, "objects": objects}
    (SAMPLES_FOLDER / "samples.json").write_text(_to_json(listed))


def _add(picture: Image.Image, icons_folder: Path, thing: Thing) -> list[int]:
    """Returns left, top, right, bottom in pixels."""
    icon = render_icon(icons_folder, thing.icon_set, thing.icon, thing.height * 2)
    icon = icon.rotate(thing.turned, Image.Resampling.BICUBIC, expand=True)
    icon = icon.resize((round(icon.width * thing.height / icon.height), thing.height), Image.Resampling.LANCZOS)
    left, top = thing.x - icon.width // 2, thing.y - icon.height
    box = [left, top, left + icon.width, top + icon.height]
    if thing.shadow:
        scenery.ground_shadow(picture, (box[0], box[1], box[2], box[3]))
    picture.paste(icon, (left, top), icon)
    return box


def _to_json(listed: dict) -> str:
    """Indented, but with each box on one line."""
    pictures = []
    for name, sample in listed.items():
        rows = ",\n".join(f"      {{ {json.dumps(thing)[1:-1]} }}" for thing in sample["objects"])
        objects = f"[\n{rows}\n    ]" if rows else "[]"
        size = f'"widthPx": {sample["widthPx"]},\n    "heightPx": {sample["heightPx"]}'
        pictures.append(f'  "{name}": {{\n    {size},\n    "objects": {objects}\n  }}')
    return "{\n" + ",\n".join(pictures) + "\n}\n"


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--icons", type=Path, required=True, help="node_modules folder with @iconify-json/*")
    return parser.parse_args()


if __name__ == "__main__":
    draw_samples(parse_options().icons)
