"""A short quiz on consumers' rights: questions as data, judged without keeping anything about who answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from zhijian.engines.registers.declaration import Label

_FILE = Path(__file__).parent / "data" / "quiz.yaml"


@dataclass(frozen=True)
class Question:
    """One question; `right` counts the options from 1."""

    number: int
    text: Label
    options: tuple[Label, ...]
    right: int
    why: Label
    article: str


@dataclass(frozen=True)
class Answered:
    """A question with what was chosen: 0 where nothing was."""

    question: Question
    chosen: int

    @property
    def is_right(self) -> bool:
        return self.chosen == self.question.right


@cache
def questions() -> tuple[Question, ...]:
    """Return the questions in their order."""
    rows = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple(
        Question(
            number, _label(row["question"]), tuple(_label(one) for one in row["options"]), row["right"],
            _label(row["why"]), row["article"],
        )
        for number, row in enumerate(rows, start=1)
    )  # fmt: skip


def judged(answers: Mapping[str, str]) -> list[Answered]:
    """Judge what was typed under q1, q2, …; anything that is no option counts as not answered."""
    found = []
    for one in questions():
        text = answers.get(f"q{one.number}", "")
        chosen = int(text) if text in {str(n) for n in range(1, len(one.options) + 1)} else 0
        found.append(Answered(one, chosen))
    return found


def _label(words: Mapping[str, str]) -> Label:
    return Label(words["zh"], words["en"])
