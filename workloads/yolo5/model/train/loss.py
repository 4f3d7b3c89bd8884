"""YOLOv5's assignment and loss: anchors by size ratio, the two nearest neighbor cells too, CIoU boxes, BCE."""

import math

import torch
from torch import Tensor, nn

from settings import ANCHORS, STRIDES

MOST_RATIO = 4.0
BOX_WEIGHT, OBJECT_WEIGHT, CLASS_WEIGHT = 0.15, 1.0, 0.5
# Fine maps have many more empty cells.
LEVEL_WEIGHTS = (4.0, 1.0, 0.4)


def detection_loss(maps: list[Tensor], targets: Tensor) -> Tensor:
    """`targets`: one row per object: picture in batch, class, center x, y, width, height in pixels."""
    total = maps[0].new_zeros(())
    for raw, stride, anchors, weight in zip(maps, STRIDES, ANCHORS, LEVEL_WEIGHTS, strict=True):
        objectness = torch.zeros_like(raw[..., 4])
        cells = _assign(targets, stride, torch.tensor(anchors, dtype=torch.float32), raw.shape[2], raw.shape[3])
        if cells is not None:
            picture, anchor, row, column, wanted, classes, sizes = cells
            found = raw[picture, anchor, row, column]
            odds = found[:, :4].sigmoid()
            boxes = torch.cat((odds[:, :2] * 2 - 0.5, (odds[:, 2:4] * 2) ** 2 * sizes), 1)
            overlap = _complete_iou(boxes, wanted)
            one_hot = nn.functional.one_hot(classes, found.shape[1] - 5).float()
            total = total + BOX_WEIGHT * (1 - overlap).mean()
            total = total + CLASS_WEIGHT * nn.functional.binary_cross_entropy_with_logits(found[:, 5:], one_hot)
            objectness[picture, anchor, row, column] = overlap.detach().clamp(min=0)
        total = total + OBJECT_WEIGHT * weight * nn.functional.binary_cross_entropy_with_logits(raw[..., 4], objectness)
    return total * maps[0].shape[0]


def _assign(targets: Tensor, stride: int, anchors: Tensor, rows: int, columns: int) -> tuple[Tensor, ...] | None:
    """Picture, anchor, row, column, wanted box (cell-relative, in cells), class and anchor size, one per assignment."""
    if targets.shape[0] == 0:
        return None
    sizes = anchors / stride
    middles, extents = targets[:, 2:4] / stride, targets[:, 4:6] / stride
    ratio = extents[None] / sizes[:, None]
    anchor, index = torch.where(torch.maximum(ratio, 1 / ratio).amax(2) < MOST_RATIO)
    if index.numel() == 0:
        return None
    middle = middles[index]
    step_back, owner = _neighbor_offsets(middle, rows, columns)
    anchor, index = anchor[owner], index[owner]
    cell = (middles[index] - step_back).floor()
    column = cell[:, 0].long().clamp(0, columns - 1)
    row = cell[:, 1].long().clamp(0, rows - 1)
    wanted = torch.cat((middles[index] - torch.stack((column, row), 1), extents[index]), 1)
    return targets[index, 0].long(), anchor, row, column, wanted, targets[index, 1].long(), sizes[anchor]


def _neighbor_offsets(middle: Tensor, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """For every object its own cell and the nearest one on each axis: how far to step back, and for which object."""
    limits = torch.tensor([columns, rows], dtype=torch.float32)
    part = middle % 1
    steps, owners = [torch.zeros_like(middle)], [torch.arange(middle.shape[0])]
    for axis in (0, 1):
        step = torch.zeros(2)
        step[axis] = 0.5
        before = (part[:, axis] < 0.5) & (middle[:, axis] > 1)
        after = (part[:, axis] >= 0.5) & (middle[:, axis] < limits[axis] - 1)
        for chosen, sign in ((before, 1.0), (after, -1.0)):
            owner = torch.where(chosen)[0]
            steps.append((step * sign).expand(owner.shape[0], 2))
            owners.append(owner)
    return torch.cat(steps), torch.cat(owners)


def _complete_iou(a: Tensor, b: Tensor) -> Tensor:
    """CIoU of boxes given as center and size."""
    a_low, a_high = a[:, :2] - a[:, 2:] / 2, a[:, :2] + a[:, 2:] / 2
    b_low, b_high = b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2
    shared = (torch.minimum(a_high, b_high) - torch.maximum(a_low, b_low)).clamp(min=0).prod(1)
    union = a[:, 2:].prod(1) + b[:, 2:].prod(1) - shared + 1e-7
    overlap = shared / union
    hull = torch.maximum(a_high, b_high) - torch.minimum(a_low, b_low)
    distance = (a[:, :2] - b[:, :2]).square().sum(1) / (hull.square().sum(1) + 1e-7)
    angle = torch.atan(b[:, 2] / b[:, 3]) - torch.atan(a[:, 2] / (a[:, 3] + 1e-7))
    shape = (4 / math.pi**2) * angle.square()
    with torch.no_grad():
        share = shape / (shape - overlap + 1 + 1e-7)
    return overlap - distance - share * shape
