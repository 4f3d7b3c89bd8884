"""Trains the demo model on pictures drawn as it goes; see README.md for the calls that made the shipped weights."""

import argparse
import copy
import math
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from draw import draw_picture
from glyphs import TRAIN_SETS, Sprites, load_sprites
from loss import detection_loss
from network import Network
from settings import TRAIN_SEED

WARM_UP_STEPS = 100
MIRROR_AFTER_BATCHES = 12
EMA_HORIZON_STEPS = 300
REPORT_EVERY_STEPS = 50


class Batches(IterableDataset):
    """Endless batches, each drawn from its own seed so that a later run goes on with new pictures.

    Drawing costs as much as learning, so every batch comes twice: a few steps later it returns mirrored.
    """

    def __init__(self, sprites: Sprites, side_px: int, batch: int, first: int) -> None:
        self.sprites, self.side_px, self.batch, self.first = sprites, side_px, batch, first

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        recent: deque[tuple[Tensor, Tensor]] = deque()
        number = self.first
        while True:
            recent.append(self._draw(np.random.default_rng([TRAIN_SEED, self.side_px, number])))
            yield recent[-1]
            if len(recent) > MIRROR_AFTER_BATCHES:
                yield self._mirror(*recent.popleft())
            number += 1

    def _mirror(self, pictures: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        flipped = targets.clone()
        flipped[:, 2] = self.side_px - flipped[:, 2]
        return pictures.flip(3), flipped

    def _draw(self, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        pictures = [draw_picture(random, self.sprites, self.side_px) for _ in range(self.batch)]
        pixels = np.stack([np.asarray(picture.image) for picture in pictures]).transpose(0, 3, 1, 2)
        rows = [_to_target(index, row) for index, picture in enumerate(pictures) for row in picture.objects]
        return torch.from_numpy(pixels.copy()), torch.tensor(rows, dtype=torch.float32).reshape(-1, 6)


def _to_target(index: int, row: np.ndarray) -> tuple[float, ...]:
    kind, left, top, right, bottom = (float(value) for value in row)
    return index, kind, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


class Average:
    """Running average of the weights: steadier than the last step's."""

    def __init__(self, network: Network) -> None:
        self.network, self.steps = copy.deepcopy(network).eval(), 0

    @torch.no_grad()
    def update(self, network: Network) -> None:
        self.steps += 1
        keep = 0.998 * (1 - math.exp(-self.steps / EMA_HORIZON_STEPS))
        current = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(keep).add_(current[name], alpha=1 - keep)


def learning_rate(step: int, progress: float, peak: float) -> float:
    """Linear warm-up, then a cosine down to a fiftieth of the peak when `progress` is 1."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    return peak * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


def train(options: argparse.Namespace) -> None:
    """Runs the steps asked for and leaves the averaged weights in `options.output`."""
    torch.manual_seed(TRAIN_SEED)
    torch.set_num_threads(options.threads)
    network = Network()
    if options.start is not None:
        network.load_state_dict(torch.load(options.start, weights_only=True))
    average = Average(network)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01)
    sprites = load_sprites(options.icons, TRAIN_SETS)
    source = Batches(sprites, options.side, options.batch, options.first_batch)
    batches = iter(DataLoader(source, batch_size=None, num_workers=1, prefetch_factor=6))
    losses: list[float] = []
    started = time.monotonic()
    for step in range(options.steps):
        progress = max(step / options.steps, (time.monotonic() - started) / (60 * options.minutes))
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, progress, options.rate)
        pictures, targets = next(batches)
        loss = detection_loss(network(pictures.float() / 255), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        average.update(network)
        losses.append(float(loss.detach()) / options.batch)
        if (step + 1) % REPORT_EVERY_STEPS == 0:
            seconds = time.monotonic() - started
            print(f"step {step + 1}/{options.steps} loss {np.mean(losses[-200:]):.4f} {seconds:.0f} s", flush=True)
            torch.save(average.network.state_dict(), options.output)
    torch.save(average.network.state_dict(), options.output)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--icons", type=Path, required=True, help="node_modules folder with @iconify-json/*")
    parser.add_argument("--output", type=Path, required=True, help="weights file to write")
    parser.add_argument("--start", type=Path, help="weights file to go on from")
    parser.add_argument("--first-batch", type=int, default=0, help="number of the first batch to draw")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="ends sooner, with the learning rate's fall sped up"
    )
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--side", type=int, default=192, help="side of the training pictures in pixels")
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    train(parse_options())
