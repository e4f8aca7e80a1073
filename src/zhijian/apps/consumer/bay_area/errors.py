"""Refusals of the platform, each with words in both languages."""

from collections.abc import Sequence

from zhijian.apps.consumer.bay_area.rules import Problem
from zhijian.engines.procedures.errors import Incomplete, ProcedureRefused


class NotNow(ProcedureRefused):
    """It cannot be done as the case stands."""


class NotOurs(ProcedureRefused):
    """No case of this number is known for whom it was said."""

    status = 404


class BadInput(Incomplete):
    """What was given cannot be taken; each problem names its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "".join(one.zh for one in problems),
            " ".join(one.en for one in problems),
            [(one.field, one.zh, one.en) for one in problems],
        )
