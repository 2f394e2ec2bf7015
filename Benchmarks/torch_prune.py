"""The same job by Torch-Pruning: load a ResNet-50, halve its channels by L1 norm, save it.

    python Benchmarks/torch_prune.py FILE.pt OUTPUT.pt      # makes FILE.pt when it is not there
"""

import os
import sys
import time

import torch
import torch_pruning as tp
from torchvision.models import resnet50


def main(source, output):
    if not os.path.exists(source):
        torch.manual_seed(1)
        torch.save(resnet50(weights=None), source)
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
