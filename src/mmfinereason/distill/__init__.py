"""Stage 2: a teacher's reasoning traces and a captioner's dense captions."""

from mmfinereason.distill.captions import caption
from mmfinereason.distill.redo import redo
from mmfinereason.distill.traces import distill

__all__ = ["caption", "distill", "redo"]
