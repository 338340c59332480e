"""Lets torchvision's build for GPUs be imported beside torch's build for CPUs, which lacks two operators of its.

On PYTHONPATH of the interop tests' processes only. Nothing there calls the operators: declaring them is enough.
"""

import importlib.abc
import sys


class _BeforeTorchvision(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            if not hasattr(torch.ops.torchvision, "nms"):
                self.library = torch.library.Library("torchvision", "FRAGMENT")
                boxes = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
                self.library.define(f"nms{boxes}")
                self.library.define(f"qnms{boxes}")
                sys.modules["torchvision_operators"] = self  # keeps the declarations alive


sys.meta_path.insert(0, _BeforeTorchvision())
