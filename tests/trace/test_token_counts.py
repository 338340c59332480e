from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.errors import RecipeError
from mmfinereason.recipe.distill import TokenizerSettings
from mmfinereason.trace import count_tokens, token_method


@pytest.fixture
def tokenizer_file(tmp_path: Path) -> Path:
    pytest.importorskip("tokenizers")
    file = tmp_path / "tokenizer.json"
    model = {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "?": 2}, "unk_token": "?"}
    file.write_text(json.dumps({"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "model": model}))
    return file


def test_a_tokenizer_file_counts_exactly(tokenizer_file: Path) -> None:
    settings = TokenizerSettings(file=str(tokenizer_file))
    assert count_tokens("a b  c a", settings) == 4
    assert token_method(settings) == "tokenizer tokenizer.json"


def test_without_a_file_the_count_is_an_estimate_that_says_so() -> None:
    settings = TokenizerSettings()
    assert token_method(settings) == "estimate"
    assert count_tokens("The area of the triangle is 12 square units.", settings) == pytest.approx(11, abs=3)
    assert count_tokens("", settings) == 0


def test_a_missing_or_broken_tokenizer_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="does not exist"):
        count_tokens("a", TokenizerSettings(file=str(tmp_path / "none.json")))
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    with pytest.raises(RecipeError, match="cannot be read"):
        count_tokens("a", TokenizerSettings(file=str(broken)))


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_estimate_grows_with_the_text(one: str, two: str) -> None:
    settings = TokenizerSettings()
    assert count_tokens(f"{one} {two}", settings) >= count_tokens(one, settings)
