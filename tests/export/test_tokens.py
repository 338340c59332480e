import pytest

from mmfinereason.export.tokens import image_tokens
from mmfinereason.recipe.export import TokenBudget

BUDGET = TokenBudget()


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (32, 32, 1),
        (10, 10, 1),  # enlarged to the smallest unit
        (64, 49, 4),
        (768, 768, 576),
        (1536, 1536, 576),  # scaled down to 768 x 768
        (2048, 1024, 33 * 16),  # scaled down by 1.886 and floored to whole units
    ],
)
def test_an_image_takes_one_token_for_32_by_32_pixels_after_the_trainers_resize(width, height, tokens):
    assert image_tokens(width, height, BUDGET) == tokens


def test_tokens_never_pass_the_pixel_budget():
    for width in range(32, 3000, 173):
        for height in range(32, 3000, 191):
            assert image_tokens(width, height, BUDGET) * 32 * 32 <= BUDGET.max_pixels
