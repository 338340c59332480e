"""Settings of the distill and caption stages: how many traces, what screens them, when to ask again."""

from __future__ import annotations

from pydantic import Field

from mmfinereason.recipe.base import Settings


class TokenizerSettings(Settings):
    """How tokens of stored texts are counted."""

    file: str | None = None
    """A local `tokenizer.json` of the model family; without it tokens are estimated, and tables and reports say so."""


class ScreenSettings(Settings):
    """What a trace must be like; a trace that fails is asked for again, then rejected with the reason."""

    min_words: int = Field(default=100, ge=0)
    """Fewest words of thoughts and solution together (the paper's text; its authors' code uses 200)."""
    max_words: int | None = Field(default=None, ge=1)
    """Most words; none by default."""
    min_tokens: int = Field(default=0, ge=0)
    """Fewest tokens, counted with the recipe's tokenizer or its estimate."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Most tokens; set it to what the student's context leaves for a trace."""
    repeat_words: int = Field(default=50, ge=2)
    """Length in words of the runs that are looked for."""
    repeat_times: int = Field(default=3, ge=2)
    """How often a run must occur for the trace to count as repetitive."""
    answer_tag_exempt: tuple[str, ...] = (
        "FineVision-visualwebinstruct(filtered)",
        "LLaVA-CoT",
        "FineVision-ai2d_merged",
    )
    """Sources whose traces need no `<answer>` tag, besides all rows without a fixed answer."""
    leaks: bool = True
    """Flag traces that speak of a caption, a reference answer or a given solution: the teacher saw none."""
    blind: bool = True
    """Flag traces whose writer says that it cannot see the image."""
    english: bool = True
    """Flag traces that are not written in English."""


class TraceRetrySettings(Settings):
    """How often a trace that failed a screen is asked for again, by what was wrong with it."""

    repetition: int = Field(default=2, ge=0, le=20)
    """Tries after a repetitive trace, each with a new seed and a higher temperature."""
    temperature_step: float = Field(default=0.2, ge=0, le=1)
    """How much warmer each of those tries is; never above 1.5."""
    truncated: int = Field(default=1, ge=0, le=20)
    """Tries after a truncated trace, each with more tokens."""
    token_factor: float = Field(default=2.0, gt=1, le=8)
    """How many times more tokens each of those tries may use."""
    template: int = Field(default=2, ge=0, le=20)
    """Tries after a trace without its template, with a reminder of it."""
    other: int = Field(default=1, ge=0, le=20)
    """Tries after anything else a screen finds, each with a new seed."""


class DistillSettings(Settings):
    """The distill stage: `candidates` traces for every row."""

    candidates: int = Field(default=1, ge=1, le=64)
    """Independent traces for each row; all are kept."""
    screen: ScreenSettings = ScreenSettings()
    """What a trace must be like."""
    retry: TraceRetrySettings = TraceRetrySettings()
    """When a trace is asked for again."""
    tokenizer: TokenizerSettings = TokenizerSettings()
    """How tokens are counted."""


class CaptionSettings(Settings):
    """The caption stage: one dense caption for every distinct image."""

    enabled: bool = True
    """Whether the pipeline writes captions at all."""
    min_words: int = Field(default=100, ge=0)
    """Fewest words of a caption (the authors' code)."""
    retries: int = Field(default=1, ge=0, le=20)
    """Tries after a caption that is too short, cut off or without a category."""
