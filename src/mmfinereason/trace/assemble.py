"""One trace as trainers want it: `<think>`, thoughts, `</think>`, an empty line, the solution.

LLaMA-Factory recognises exactly this layout; a row without it gets an empty think block. A literal `<image>` or
`<think>` inside the text would break the row, so it is written in square brackets.
"""

from __future__ import annotations

from mmfinereason.trace.tags import inert


def assemble(reasoning: str, answer_text: str) -> str:
    """`<think>\\n{reasoning}\\n</think>\\n\\n{answer_text}`; answer tags stay as the model wrote them."""
    thoughts = inert(reasoning, keep_answer=True).strip()
    solution = inert(answer_text, keep_answer=True).strip()
    return f"<think>\n{thoughts}\n</think>\n\n{solution}"
