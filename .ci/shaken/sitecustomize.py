"""Play a processor that rounds otherwise: on PYTHONPATH, with COURSE_SHAKE=seed:size.

After each update of an optimizer, each float32 weight on the CPU is multiplied by
1 + size * noise. With a size of 3e-7, a few times the rounding error of one operation,
a trained number moves about as far as it does between two processors; with 1e-4 it
shows which printed numbers depend on training at all. Two runs are never alike here,
so that a lesson which claims bit equality (13: going on from a checkpoint) must fail.
"""

import importlib.util
import os
import sys
from importlib.abc import MetaPathFinder


class BesideTorch(MetaPathFinder):
    """Finds torch once, and adds the noise when its import is done."""

    def find_spec(self, name, path, target=None):
        """Torch's own spec, its loader wrapped; None for all other names."""
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def and_shake(module):
            execute(module)
            shake(module, *os.environ["COURSE_SHAKE"].split(":"))

        spec.loader.exec_module = and_shake
        return spec


def shake(torch, seed, size):
    """Hang the noise on every optimizer."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    dice = torch.Generator().manual_seed(int(seed))

    @torch.no_grad()
    def move(weights):
        for weight in weights:
            if weight.dtype == torch.float32 and weight.device.type == "cpu":
                weight.mul_(1 + float(size) * torch.randn(weight.shape, generator=dice))

    def after_step(optimizer, args, kwargs):
        groups = optimizer.param_groups
        move(w for group in groups for w in group["params"] if w.grad is not None)

    register_optimizer_step_post_hook(after_step)


if os.environ.get("COURSE_SHAKE"):
    sys.meta_path.insert(0, BesideTorch())
