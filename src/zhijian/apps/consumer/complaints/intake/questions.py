"""The guided questions: which there are, in which order, and what the answers ask for. No clock, no database.

Answers are plain values by name, as a draft keeps them. A question that does not apply is not asked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from zhijian.apps.consumer.complaints.codes import Paper, RespondentKind, SubmissionKind
from zhijian.standards import uscc

Answers = Mapping[str, Any]


def kind_of(answers: Answers) -> SubmissionKind | None:
    """Return what the person asks for, told apart by what they want and not by a term; None if not said yet."""
    want = answers.get("want")
    return SubmissionKind(want) if want in {"complaint", "report", "both"} else None


def is_complaint(answers: Answers) -> bool:
    return kind_of(answers) in {SubmissionKind.COMPLAINT, SubmissionKind.BOTH}


def is_report(answers: Answers) -> bool:
    return kind_of(answers) in {SubmissionKind.REPORT, SubmissionKind.BOTH}


def is_anonymous(answers: Answers) -> bool:
    """Say whether the report names nobody; a complaint always names its maker (Order 121 articles 10 and 28)."""
    if kind_of(answers) is SubmissionKind.BOTH:
        return answers.get("report_named") == "no"
    return kind_of(answers) is SubmissionKind.REPORT and answers.get("named") == "no"


def is_for_another(answers: Answers) -> bool:
    """Say whether an agent complains for somebody else."""
    return is_complaint(answers) and answers.get("for_whom") == "agent"


def is_joint(answers: Answers) -> bool:
    """Say whether several complain together."""
    return is_complaint(answers) and answers.get("for_whom") == "joint"


def papers_for(answers: Answers) -> list[Paper]:
    """Return the papers that an agent or a joint complaint needs; none where somebody complains alone."""
    if is_for_another(answers):
        return [Paper.AUTHORISATION, Paper.AGENT_ID]
    return [Paper.ELECTION] if is_joint(answers) else []


def _always(answers: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """One page of the guide. `done_by` are answers without which it is not answered."""

    name: str
    done_by: tuple[str, ...]
    applies: Callable[[Answers], bool] = _always


STEPS = (
    Step("want", ("want",)),
    Step("how", ("respondent_kind",)),
    Step("shop", ("shop_name", "shop_division")),
    Step("what", ("facts",)),
    Step("claim", ("claims", "for_daily_life"), is_complaint),
    Step("clue", ("clue", "basis"), is_report),
    Step("photos", ("photos_seen",)),
    Step("contact", ("contact_seen",)),
    Step("principal", ("principal_name", "mandate_until"), is_for_another),
    Step("others", ("others_seen",), is_joint),
    Step("consent", ("truthful",)),
)


def steps_for(answers: Answers) -> list[Step]:
    """Return the pages that these answers lead through, in order."""
    return [step for step in STEPS if step.applies(answers)]


def is_answered(step: Step, answers: Answers) -> bool:
    return all(answers.get(name) not in (None, "", []) for name in step.done_by)


def first_open(answers: Answers) -> Step | None:
    """Return the first page that still lacks an answer; None where all are answered."""
    return next((step for step in steps_for(answers) if not is_answered(step, answers)), None)


def after(name: str, answers: Answers) -> Step | None:
    """Return the page after one, or None after the last."""
    steps = steps_for(answers)
    names = [step.name for step in steps]
    place = names.index(name) + 1 if name in names else 0
    return steps[place] if place < len(steps) else None


def before(name: str, answers: Answers) -> Step | None:
    """Return the page before one, or None before the first."""
    steps = steps_for(answers)
    names = [step.name for step in steps]
    return steps[names.index(name) - 1] if name in names and names.index(name) else None


def step_named(name: str) -> Step | None:
    return next((step for step in STEPS if step.name == name), None)


_EIGHTEEN = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])")


def code_in(text: str) -> str | None:
    """Return the credit code in what a licence's QR code holds: the bare code, a sentence, or an address of a register.

    Only a code whose check character is right counts, so that other numbers of eighteen characters are left alone.
    """
    plain = normalize("NFKC", text).upper()
    return next((found for found in _EIGHTEEN.findall(plain) if uscc.is_valid(found)), None)


def is_on_platform(answers: Answers) -> bool:
    """Say whether a platform is part of it, so that its name is needed."""
    return answers.get("respondent_kind") == RespondentKind.PLATFORM_MERCHANT
