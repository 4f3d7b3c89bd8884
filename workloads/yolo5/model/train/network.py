"""A YOLOv5-shaped network of about 0.36 million weights: CSP backbone, two-way feature pyramid, three heads."""

import math

import torch
from torch import Tensor, nn

from settings import ANCHORS, CLASSES, STRIDES

OUTPUTS_PER_ANCHOR = 5 + len(CLASSES)


class Conv(nn.Module):
    """Convolution, batch normalization, SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))


class Csp(nn.Module):
    """Half of the channels pass a 1x1 + 3x3 bottleneck, the other half pass by (YOLOv5's C3 with one bottleneck)."""

    def __init__(self, inputs: int, outputs: int, shortcut: bool) -> None:
        super().__init__()
        hidden = outputs // 2
        self.main, self.side = Conv(inputs, hidden), Conv(inputs, hidden)
        self.bottleneck = nn.Sequential(Conv(hidden, hidden), Conv(hidden, hidden, 3))
        self.merge = Conv(2 * hidden, outputs)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        main = self.main(x)
        deep = self.bottleneck(main)
        return self.merge(torch.cat((main + deep if self.shortcut else deep, self.side(x)), 1))


class PyramidPooling(nn.Module):
    """Three 5x5 poolings in a row, so that the last cells see the whole picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = Conv(channels, channels // 2)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.merge = Conv(channels * 2, channels)

    def forward(self, x: Tensor) -> Tensor:
        a = self.squeeze(x)
        b = self.pool(a)
        c = self.pool(b)
        return self.merge(torch.cat((a, b, c, self.pool(c)), 1))


class Network(nn.Module):
    """Pictures [B,3,S,S] in 0..1 to raw maps: one [B,3,S/stride,S/stride,5+C] per stride."""

    def __init__(self) -> None:
        super().__init__()
        self.to_4 = nn.Sequential(Conv(3, 12, 3, 2), Conv(12, 24, 3, 2), Csp(24, 24, True))
        self.to_8 = nn.Sequential(Conv(24, 40, 3, 2), Csp(40, 40, True))
        self.to_16 = nn.Sequential(Conv(40, 80, 3, 2), Csp(80, 80, True))
        self.to_32 = nn.Sequential(Conv(80, 96, 3, 2), Csp(96, 96, True), PyramidPooling(96))
        self.up = nn.Upsample(scale_factor=2.0)
        self.narrow_32, self.merge_16 = Conv(96, 48), Csp(48 + 80, 64, False)
        self.narrow_16, self.merge_8 = Conv(64, 40), Csp(40 + 40, 48, False)
        self.down_8, self.out_16 = Conv(48, 40, 3, 2), Csp(40 + 40, 64, False)
        self.down_16, self.out_32 = Conv(64, 48, 3, 2), Csp(48 + 48, 80, False)
        self.heads = nn.ModuleList(nn.Conv2d(n, len(ANCHORS[0]) * OUTPUTS_PER_ANCHOR, 1) for n in (48, 64, 80))
        self._expect_little()

    def forward(self, pictures: Tensor) -> list[Tensor]:
        at_8 = self.to_8(self.to_4(pictures))
        at_16 = self.to_16(at_8)
        down_32 = self.narrow_32(self.to_32(at_16))
        down_16 = self.narrow_16(self.merge_16(torch.cat((self.up(down_32), at_16), 1)))
        out_8 = self.merge_8(torch.cat((self.up(down_16), at_8), 1))
        out_16 = self.out_16(torch.cat((self.down_8(out_8), down_16), 1))
        out_32 = self.out_32(torch.cat((self.down_16(out_16), down_32), 1))
        maps = (head(features) for head, features in zip(self.heads, (out_8, out_16, out_32), strict=True))
        return [_per_anchor(raw) for raw in maps]

    def _expect_little(self) -> None:
        """Biases that start with few objects and no favored class: without it the first steps only unlearn noise."""
        for head, stride in zip(self.heads, STRIDES, strict=True):
            bias = head.bias.data.view(len(ANCHORS[0]), -1)
            bias[:, 4] += math.log(4 / (320 / stride) ** 2)
            bias[:, 5:] += math.log(0.6 / (len(CLASSES) - 0.99))


class Detector(nn.Module):
    """The network with YOLOv5's decoding behind it: [B,3,S,S] to [B,N,5+C] in input pixels and probabilities."""

    def __init__(self, network: Network, side_px: int) -> None:
        super().__init__()
        self.network = network
        for level, (stride, anchors) in enumerate(zip(STRIDES, ANCHORS, strict=True)):
            steps = torch.arange(side_px // stride, dtype=torch.float32)
            rows, columns = torch.meshgrid(steps, steps, indexing="ij")
            corner = (torch.stack((columns, rows), -1) - 0.5)[None, None] * stride
            self.register_buffer(f"corner_{level}", corner, persistent=False)
            sizes = torch.tensor(anchors, dtype=torch.float32).view(1, -1, 1, 1, 2) * 4
            self.register_buffer(f"size_{level}", sizes, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        decoded = []
        for level, raw in enumerate(self.network(images)):
            odds = raw.sigmoid()
            middle = odds[..., 0:2] * (2 * STRIDES[level]) + getattr(self, f"corner_{level}")
            size = odds[..., 2:4] ** 2 * getattr(self, f"size_{level}")
            decoded.append(
                torch.cat((middle, size, odds[..., 4:]), -1).reshape(images.shape[0], -1, OUTPUTS_PER_ANCHOR)
            )
        return torch.cat(decoded, 1)


def _per_anchor(raw: Tensor) -> Tensor:
    batch, _, rows, columns = raw.shape
    return raw.view(batch, len(ANCHORS[0]), OUTPUTS_PER_ANCHOR, rows, columns).permute(0, 1, 3, 4, 2)
