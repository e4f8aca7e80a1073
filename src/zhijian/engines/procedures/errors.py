"""Refusals of the engine, each with words in both languages."""

from collections.abc import Sequence
from typing import Any

from zhijian.standards.bilingual import BilingualError


class ProcedureRefused(BilingualError):
    """What was asked of a procedure or a case cannot be done. `status` is that of HTTP."""

    wording = "{zh}"
    status = 409


class CaseMoved(ProcedureRefused):
    """Somebody else acted on the case first. Carries what happened since, so that both can be compared."""

    def __init__(self, message_zh: str, message_en: str, *, newest: Any = None) -> None:
        super().__init__(message_zh, message_en)
        self.newest = newest


class NotYours(ProcedureRefused):
    """The officer has the role, but not this piece of work."""

    status = 403


class Incomplete(ProcedureRefused):
    """What was handed in is not what the step asks for; each problem names its field."""

    status = 422

    def __init__(
        self, message_zh: str, message_en: str, problems: Sequence[tuple[str, str, str]] = ()
    ) -> None:
        super().__init__(message_zh, message_en)
        self.problems = list(problems)  # (field, Chinese, English)


class DrawingRefused(ProcedureRefused):
    """A drawing or a decision table cannot be used. Carries every problem found."""

    status = 422

    def __init__(self, problems: Sequence[Any]) -> None:
        super().__init__(
            "流程图不能使用：" + "；".join(problem.message_zh for problem in problems),
            "The drawing cannot be used: " + " ".join(problem.message_en for problem in problems),
        )
        self.problems = list(problems)
