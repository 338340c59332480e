"""Where shards run: processes for CPU work, one event loop for model work. Nothing else knows it."""

from .flow import flow
from .pool import Attempt, map_tasks
from .progress import Progress, Silent

__all__ = ["Attempt", "Progress", "Silent", "flow", "map_tasks"]
