"""Measures demo.onnx on held-out drawn pictures and writes demo.metrics.json beside it."""

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from draw import Picture, draw_picture
from glyphs import HELD_OUT_SETS, TRAIN_SETS, load_sprites
from metrics import Detections, average_precision, to_detections
from settings import CLASSES, CONFIDENCE, HELD_OUT_SEED, INPUT_SIDE_PX, METRICS_FILE, MODEL_FILE, NMS_IOU

# mAP ranks all rows, so nearly nothing is thrown away before; both values are YOLOv5's.
RANKING_CONFIDENCE, RANKING_NMS_IOU = 0.001, 0.6


@dataclass(frozen=True)
class Measured:
    """Raw model rows and the picture that they belong to."""

    picture: Picture
    rows: np.ndarray


def evaluate(icons_folder: Path, pictures: int, threads: int) -> dict[str, object]:
    """The content of demo.metrics.json."""
    weights = onnx.load(MODEL_FILE).graph.initializer
    return {
        "file": MODEL_FILE.name,
        "sha256": hashlib.sha256(MODEL_FILE.read_bytes()).hexdigest(),
        "bytes": MODEL_FILE.stat().st_size,
        "parameters": sum(int(np.prod(weight.dims)) for weight in weights if len(weight.dims) in (1, 4)),
        "inputSidePx": INPUT_SIDE_PX,
        "classes": list(CLASSES),
        "heldOut": {
            "seed": HELD_OUT_SEED,
            "trainedGlyphSets": _measure(icons_folder, TRAIN_SETS, pictures, threads),
            "unseenGlyphSets": _measure(icons_folder, HELD_OUT_SETS, pictures, threads),
            "bareBackgrounds": _measure_bare(icons_folder, pictures, threads),
        },
    }


def _measure(icons_folder: Path, sets: tuple[str, ...], pictures: int, threads: int) -> dict[str, object]:
    measured = _run(icons_folder, sets, pictures, threads)
    wanted = [item.picture.objects for item in measured]
    ranked = [to_detections(item.rows, RANKING_CONFIDENCE, RANKING_NMS_IOU) for item in measured]
    shown = [to_detections(item.rows, CONFIDENCE, NMS_IOU) for item in measured]
    precision = average_precision(ranked, wanted)
    return {
        "glyphSets": " ".join(sets),
        "pictures": pictures,
        "objects": sum(len(objects) for objects in wanted),
        "mAP50": round(float(precision[:, 0].mean()), 4),
        "mAP50to95": round(float(precision.mean()), 4),
        "AP50": {name: round(float(value), 4) for name, value in zip(CLASSES, precision[:, 0], strict=True)},
        "picturesOfOtherThings": _quiet(shown, wanted),
    }


def _measure_bare(icons_folder: Path, pictures: int, threads: int) -> dict[str, object]:
    measured = _run(icons_folder, HELD_OUT_SETS, pictures, threads, bare=True)
    shown = [to_detections(item.rows, CONFIDENCE, NMS_IOU) for item in measured]
    return _quiet(shown, [item.picture.objects for item in measured])


def _quiet(shown: list[Detections], wanted: list[np.ndarray]) -> dict[str, object]:
    """Share of the pictures without any object in which nothing is found."""
    found = [len(detections.boxes) for detections, objects in zip(shown, wanted, strict=True) if len(objects) == 0]
    clean = sum(count == 0 for count in found)
    return {"pictures": len(found), "confidence": CONFIDENCE, "withoutDetection": round(clean / max(1, len(found)), 4)}


def _run(icons_folder: Path, sets: tuple[str, ...], pictures: int, threads: int, bare: bool = False) -> list[Measured]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(MODEL_FILE, options, providers=["CPUExecutionProvider"])
    sprites = load_sprites(icons_folder, sets)
    measured = []
    for number in range(pictures):
        picture = draw_picture(np.random.default_rng([HELD_OUT_SEED, number]), sprites, bare=bare)
        pixels = np.asarray(picture.image, dtype=np.float32).transpose(2, 0, 1)[None] / 255
        measured.append(Measured(picture, session.run(["output0"], {"images": pixels})[0][0]))
    return measured


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--icons", type=Path, required=True, help="node_modules folder with @iconify-json/*")
    parser.add_argument("--pictures", type=int, default=500, help="held-out pictures for each group of glyph sets")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = parse_options()
    result = evaluate(chosen.icons, chosen.pictures, chosen.threads)
    METRICS_FILE.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["heldOut"], indent=2))
