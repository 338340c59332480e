"""The only place that talks to a network: ask a role, get a `Reply` or a `Failure`."""

from mmfinereason.models.client import Client
from mmfinereason.models.exchange import Failure, Reply, Request
from mmfinereason.models.usage import EndpointUsage, RoleUsage, Usage

__all__ = ["Client", "EndpointUsage", "Failure", "Reply", "Request", "RoleUsage", "Usage"]
