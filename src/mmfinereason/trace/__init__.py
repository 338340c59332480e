"""What a model wrote: taken apart, screened, counted and put together for a trainer.

All of it is pure: text in, small frozen values out. The stages keep the books.
"""

from mmfinereason.trace.assemble import assemble
from mmfinereason.trace.caption import SECTIONS, Caption, parse_caption
from mmfinereason.trace.parse import Trace, parse
from mmfinereason.trace.repetition import Repeat, repetition
from mmfinereason.trace.screen import Flag, screen
from mmfinereason.trace.tags import inert
from mmfinereason.trace.tokens import count_tokens, token_method

__all__ = [
    "SECTIONS",
    "Caption",
    "Flag",
    "Repeat",
    "Trace",
    "assemble",
    "count_tokens",
    "inert",
    "parse",
    "parse_caption",
    "repetition",
    "screen",
    "token_method",
]
