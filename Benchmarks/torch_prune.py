"""The same job by Torch-Pruning: load a ResNet-50, halve its channels by L1 norm, save it.

    python Benchmarks/torch_prune.py FILE.pt OUTPUT.pt      # makes FILE.pt when it is not there
"""

import os
import sys
import time

import torch
import torch_pruning as tp
from torch import nn


class Block(nn.Module):
    """A bottleneck of ResNet-50 (He et al., 2016)."""

    def __init__(self, channels, width, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width * 4, 1, bias=False), nn.BatchNorm2d(width * 4))
        self.shortcut = nn.Sequential() if channels == width * 4 and stride == 1 else nn.Sequential(
            nn.Conv2d(channels, width * 4, 1, stride, bias=False), nn.BatchNorm2d(width * 4))

    def forward(self, x):
        return torch.relu(self.main(x) + self.shortcut(x))


class ResNet50(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        channels = 64
        for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for index in range(count):
                layers.append(Block(channels, width, stride if index == 0 else 1))
                channels = width * 4
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels, 1000)

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


sys.modules["torch_prune"] = sys.modules[__name__]  # so that a saved model finds its classes
for kind in (Block, ResNet50):
    kind.__module__ = "torch_prune"


def main(source, output):
    if not os.path.exists(source):
        torch.manual_seed(1)
        torch.save(ResNet50(), source)
        return
    model = torch.load(source, weights_only=False)
    start = time.perf_counter()
    example = torch.randn(1, 3, 224, 224)
    pruner = tp.pruner.MagnitudePruner(
        model, example, importance=tp.importance.MagnitudeImportance(p=1), pruning_ratio=0.5,
        ignored_layers=[model.fc])
    pruner.step()
    print(f"pruning alone: {time.perf_counter() - start:.2f} s", file=sys.stderr)
    torch.save(model, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
