"""Turns the icons of open-licensed emoji sets (npm packages @iconify-json/*) into sprites with transparency."""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from settings import CLASSES

SPRITE_SIDE_PX = 192
TRAIN_SETS: tuple[str, ...] = ("noto", "noto-v1", "fluent-emoji", "fluent-emoji-flat")
# Never trained on: tells how far the model has learned objects rather than one font's drawings.
HELD_OUT_SETS: tuple[str, ...] = ("twemoji",)

SKIN_TONES = ("", "-light", "-medium-light", "-medium", "-medium-dark", "-dark")
PEOPLE = (
    "person-standing man-standing woman-standing person-walking man-walking woman-walking "
    "person-running man-running woman-running man-dancing woman-dancing"
).split()
HOURS = "one two three four five six seven eight nine ten eleven twelve".split()

CLASS_ICONS: dict[str, tuple[str, ...]] = {
    "person": tuple(f"{who}{tone}{'-skin-tone' if tone else ''}" for who in PEOPLE for tone in SKIN_TONES),
    "bicycle": ("bicycle",),
    "car": ("automobile", "oncoming-automobile", "taxi", "oncoming-taxi", "sport-utility-vehicle", "police-car"),
    "bus": ("bus", "oncoming-bus", "trolleybus"),
    "cat": ("cat", "black-cat", "cat-face"),
    "dog": ("dog", "guide-dog", "service-dog", "poodle", "dog-face"),
    "umbrella": ("umbrella", "umbrella-with-rain-drops", "umbrella-on-ground"),
    "banana": ("banana",),
    "apple": ("red-apple", "green-apple"),
    "pizza": ("pizza",),
    "donut": ("doughnut",),
    "clock": ("alarm-clock", "mantelpiece-clock", *(f"{hour}-oclock" for hour in HOURS)),
}

# Things of no class, so that "an object on a background" alone is not enough to be detected.
OTHER_ICONS: tuple[str, ...] = tuple(
    """evergreen-tree deciduous-tree palm-tree cactus mushroom sunflower tulip rose blossom maple-leaf four-leaf-clover
    house office-building castle tent fountain bridge-at-night statue-of-liberty moai
    sun cloud star crescent-moon snowflake rainbow fire droplet high-voltage
    guitar violin drum trumpet television laptop mobile-phone telephone camera light-bulb books open-book envelope
    key locked hammer wrench scissors paperclip pushpin magnet balloon wrapped-gift trophy crown gem-stone
    t-shirt jeans dress handbag backpack top-hat glasses high-heeled-shoe running-shoe
    rocket airplane helicopter sailboat anchor bench couch-and-lamp bed door toilet shopping-cart
    grapes watermelon pineapple strawberry cherries carrot broccoli corn eggplant bread cheese-wedge hamburger hot-dog
    french-fries cookie birthday-cake ice-cream chocolate-bar hot-beverage wine-glass teacup-without-handle cooking
    elephant giraffe camel snake turtle fish octopus butterfly snail bee penguin duck owl frog
    hundred-points heart-suit red-heart bullseye soccer-ball basketball puzzle-piece game-die stop-sign
    construction fuel-pump potted-plant basket broom chair ladder red-paper-lantern teddy-bear""".split()
)


@dataclass(frozen=True)
class Sprites:
    """RGBA pictures cut to their visible part: one list for each class, and one of other things."""

    of_class: tuple[tuple[Image.Image, ...], ...]
    others: tuple[Image.Image, ...]


def load_sprites(icons_folder: Path, sets: tuple[str, ...]) -> Sprites:
    """Renders the icons of `sets` found in `icons_folder`/@iconify-json/<set>/icons.json."""
    collections = [json.loads((icons_folder / "@iconify-json" / name / "icons.json").read_text()) for name in sets]
    of_class = tuple(_render_all(collections, CLASS_ICONS[name]) for name in CLASSES)
    empty = [name for name, sprites in zip(CLASSES, of_class, strict=True) if not sprites]
    if empty:
        raise ValueError(f"the icon sets {sets} in {icons_folder} have no glyph for {empty}")
    return Sprites(of_class, _render_all(collections, OTHER_ICONS))


def render_icon(icons_folder: Path, icon_set: str, icon: str, side_px: int) -> Image.Image:
    """One icon at a size of choice, for the sample pictures."""
    collection = json.loads((icons_folder / "@iconify-json" / icon_set / "icons.json").read_text())
    return _render(collection, icon, side_px)


def _render_all(collections: list[dict], icons: tuple[str, ...]) -> tuple[Image.Image, ...]:
    return tuple(
        _render(collection, icon, SPRITE_SIDE_PX)
        for collection in collections
        for icon in icons
        if icon in collection["icons"]
    )


def _render(collection: dict, icon: str, side_px: int) -> Image.Image:
    entry = collection["icons"][icon]
    width = entry.get("width", collection.get("width", 16))
    height = entry.get("height", collection.get("height", 16))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{side_px}" height="{side_px}" viewBox="0 0 {width} {height}">{entry["body"]}</svg>'
    )
    picture = Image.open(BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))).convert("RGBA")
    return picture.crop(visible_box(picture))


def visible_box(picture: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the pixels that can be seen; raises ValueError when there is none."""
    alpha = np.asarray(picture.getchannel("A")) > 40
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if rows.size == 0:
        raise ValueError("the picture is fully transparent")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
