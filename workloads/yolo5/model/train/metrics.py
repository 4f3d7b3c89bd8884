"""Non-maximum suppression and average precision, as YOLOv5 measures them."""

from dataclasses import dataclass

import numpy as np

from settings import CLASSES

IOU_LEVELS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Detections:
    """Rows of one picture, best first: boxes as left, top, right, bottom in pixels."""

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray


def to_detections(output: np.ndarray, confidence: float, iou: float) -> Detections:
    """One picture's raw rows [N,5+C] to what is left after the threshold and the suppression inside each class."""
    best = output[:, 5:].argmax(axis=1)
    scores = output[:, 4] * output[np.arange(len(output)), 5 + best]
    rows = np.flatnonzero(scores >= confidence)
    rows = rows[np.argsort(-scores[rows], kind="stable")][:1000]
    half = output[rows, 2:4] / 2
    boxes = np.concatenate((output[rows, :2] - half, output[rows, :2] + half), axis=1)
    keep = _suppress(boxes, best[rows], iou)
    return Detections(boxes[keep], scores[rows][keep], best[rows][keep])


def overlap_of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of every box of `a` with every box of `b`."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = (high - low).clip(0).prod(axis=2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(axis=1), (b[:, 2:] - b[:, :2]).prod(axis=1)
    return shared / (area_a[:, None] + area_b[None] - shared + 1e-9)


def average_precision(found: list[Detections], wanted: list[np.ndarray]) -> np.ndarray:
    """[classes, IoU levels] over all pictures; `wanted` rows: class, left, top, right, bottom."""
    result = np.zeros((len(CLASSES), len(IOU_LEVELS)))
    for kind in range(len(CLASSES)):
        hits, scores, count = [], [], 0
        for detections, objects in zip(found, wanted, strict=True):
            mine, theirs = detections.classes == kind, objects[:, 0] == kind
            count += int(theirs.sum())
            hits.append(_match(detections.boxes[mine], objects[theirs, 1:]))
            scores.append(detections.scores[mine])
        order = np.argsort(-np.concatenate(scores), kind="stable")
        ranked = np.concatenate(hits)[order]
        result[kind] = [_area(ranked[:, level], count) for level in range(len(IOU_LEVELS))]
    return result


def _suppress(boxes: np.ndarray, classes: np.ndarray, iou: float) -> list[int]:
    keep: list[int] = []
    overlaps = overlap_of(boxes, boxes)
    for row in range(len(boxes)):
        if not any(classes[row] == classes[other] and overlaps[row, other] > iou for other in keep):
            keep.append(row)
    return keep


def _match(boxes: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """For every box and IoU level: is it the best box of an object that no better-scored box has taken?"""
    hits = np.zeros((len(boxes), len(IOU_LEVELS)), dtype=bool)
    if len(boxes) == 0 or len(objects) == 0:
        return hits
    overlaps = overlap_of(boxes, objects)
    for level, least in enumerate(IOU_LEVELS):
        taken: set[int] = set()
        for row in range(len(boxes)):
            free = [column for column in range(len(objects)) if column not in taken and overlaps[row, column] >= least]
            if free:
                taken.add(max(free, key=lambda column: overlaps[row, column]))
                hits[row, level] = True
    return hits


def _area(hits: np.ndarray, count: int) -> float:
    """Area under the precision envelope at 101 recall points."""
    if count == 0 or len(hits) == 0:
        return 0.0
    good = hits.cumsum()
    precision = good / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    recall = np.concatenate(([0.0], good / count, [good[-1] / count + 1e-6, 1.0]))
    curve = np.interp(RECALL_POINTS, recall, np.concatenate(([1.0], envelope, [0.0, 0.0])))
    return float(np.trapezoid(curve, RECALL_POINTS))
