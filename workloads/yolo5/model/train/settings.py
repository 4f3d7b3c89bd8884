"""What drawing, training, measuring and exporting have to agree on."""

from pathlib import Path

MODEL_FOLDER = Path(__file__).resolve().parent.parent
MODEL_FILE = MODEL_FOLDER / "demo.onnx"
LABELS_FILE = MODEL_FOLDER / "demo.labels.txt"
METRICS_FILE = MODEL_FOLDER / "demo.metrics.json"
SAMPLES_FOLDER = MODEL_FOLDER / "samples"

# Names and order as in COCO, so that code which filters COCO names keeps working with this model.
CLASSES: tuple[str, ...] = (
    "person",
    "bicycle",
    "car",
    "bus",
    "cat",
    "dog",
    "umbrella",
    "banana",
    "apple",
    "pizza",
    "donut",
    "clock",
)

INPUT_SIDE_PX = 320
# The gray with which YOLOv5's letterbox fills the part of the square that the picture does not cover.
LETTERBOX_GRAY = 114

STRIDES: tuple[int, ...] = (8, 16, 32)
# Width and height in input pixels, three for each stride.
ANCHORS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((14, 26), (28, 26), (28, 48)),
    ((56, 38), (54, 60), (42, 92)),
    ((106, 70), (96, 116), (180, 170)),
)

TRAIN_SEED = 1
HELD_OUT_SEED = 20_000_003
CONFIDENCE = 0.25
NMS_IOU = 0.45
