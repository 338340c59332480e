"""The simulated models: each role answers from what is known of the row, with the failures its options ask for.

An answer depends on the server's seed and the request alone, so the same request always gets the same answer.
"""

from __future__ import annotations

from mmfinereason.lab.chat import ChatRequest
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.matching import Matcher
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.simulated import captioner, cleaner, judge, prober, teacher
from mmfinereason.lab.wire import Reply
from mmfinereason.recipe.lab import LabOptions


class Simulated:
    """Plays all roles from rows and options."""

    def __init__(self, rows: list[Known], options: LabOptions) -> None:
        self._matcher = Matcher(rows)
        self._options = options

    def answer(self, request: ChatRequest, index: int) -> Reply:
        """Choice number `index` of a request.

        Raises:
            Refusal: the request is about no known row.
        """
        dice = Dice(f"{self._options.seed}/{request.key}/{index}")
        match request.role:
            case "teacher":
                row, aloud = self._matcher.find(request), "<thinking>" in request.prompt
                return teacher.answer(row, self._options, dice, thinks_aloud=aloud)
            case "captioner":
                return captioner.answer(self._matcher.pictured(request), request, dice)
            case "cleaner":
                return cleaner.answer(self._matcher.asking(cleaner.question(request)), request)
            case "judge":
                return judge.answer(request, self._options.judge_error, dice)
            case "prober" | "student":
                rows = self._matcher.candidates(request)
                return prober.answer(rows, self._options, blind=not request.images, dice=dice)
