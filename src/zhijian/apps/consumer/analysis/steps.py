"""The life of a consumer warning as one table: {(before, verb): Step}. Page, refusal and drawing come from it."""

from dataclasses import dataclass
from enum import StrEnum

ARTICLE = "《市场监督管理投诉举报处理办法》第三十八条"
INTERNAL = "本系统的办理程序"


class State(StrEnum):
    DRAFTED = "drafted"
    EXPERT_CHECKED = "expert_checked"
    LEGALLY_CHECKED = "legally_checked"
    GRADED = "graded"
    PUBLISHED = "published"
    REVIEWED = "reviewed"
    DROPPED = "dropped"
    TAKEN_BACK = "taken_back"


STATE_WORDS: dict[str, tuple[str, str]] = {
    State.DRAFTED: ("起草", "Draft"),
    State.EXPERT_CHECKED: ("专家已审", "Checked by an expert"),
    State.LEGALLY_CHECKED: ("法律已审", "Checked for law and defamation"),
    State.GRADED: ("已定级", "Graded"),
    State.PUBLISHED: ("已发布", "Published"),
    State.REVIEWED: ("已评估效果", "Effect reviewed"),
    State.DROPPED: ("不发布", "Not published"),
    State.TAKEN_BACK: ("已撤回", "Taken back"),
}


class Severity(StrEnum):
    NOTE = "note"
    REMINDER = "reminder"
    WARNING = "warning"


SEVERITY_WORDS: dict[str, tuple[str, str]] = {
    Severity.NOTE: ("提示", "Note"),
    Severity.REMINDER: ("提醒", "Reminder"),
    Severity.WARNING: ("警示", "Warning"),
}


@dataclass(frozen=True)
class Step:
    """One permitted step: where it leads, which role takes it, by which text, and its words."""

    after: str
    role: str
    article: str
    words_zh: str
    words_en: str


STEPS: dict[tuple[str, str], Step] = {
    (State.DRAFTED, "check_expert"): Step(State.EXPERT_CHECKED, "analyst", INTERNAL, "专家审核通过", "Pass the expert's check"),
    (State.EXPERT_CHECKED, "check_law"): Step(State.LEGALLY_CHECKED, "leader", INTERNAL, "法律和名誉权审核通过", "Pass the check of law and defamation"),
    (State.LEGALLY_CHECKED, "grade"): Step(State.GRADED, "leader", INTERNAL, "定级", "Grade"),
    (State.GRADED, "publish"): Step(State.PUBLISHED, "leader", ARTICLE, "发布", "Publish"),
    (State.PUBLISHED, "review"): Step(State.REVIEWED, "analyst", INTERNAL, "评估效果", "Review the effect"),
    (State.EXPERT_CHECKED, "return"): Step(State.DRAFTED, "leader", INTERNAL, "退回修改", "Return to the draft"),
    (State.LEGALLY_CHECKED, "return"): Step(State.DRAFTED, "leader", INTERNAL, "退回修改", "Return to the draft"),
    (State.GRADED, "return"): Step(State.DRAFTED, "leader", INTERNAL, "退回修改", "Return to the draft"),
    (State.DRAFTED, "drop"): Step(State.DROPPED, "analyst", INTERNAL, "不发布", "Do not publish"),
    (State.PUBLISHED, "take_back"): Step(State.TAKEN_BACK, "leader", ARTICLE, "撤回", "Take back"),
    (State.REVIEWED, "take_back"): Step(State.TAKEN_BACK, "leader", ARTICLE, "撤回", "Take back"),
}  # fmt: skip
REVISION_STEPS: dict[tuple[str, str], Step] = {
    (State.DRAFTED, "return"): Step(State.DRAFTED, "analyst", INTERNAL, "退回修改", "Return to the draft"),
    (State.DRAFTED, "revise"): Step(State.DRAFTED, "analyst", INTERNAL, "改好再送审", "Hand in the revision"),
}  # fmt: skip
"""Steps that only the drawing knows: a warning that was begun without a case ends by the table above."""

TASKS: dict[str, tuple[str, ...]] = {
    "revise": ("revise",),
    "check_expert": ("check_expert", "return"),
    "check_law": ("check_law", "return"),
    "grade": ("grade", "return"),
    "publish": ("publish", "return"),
    "review_effect": ("review",),
}
"""What may be done at each step of the drawing; `drop` and `take_back` are messages to the case."""

_WRITING = frozenset({"draft", "rewrite", "revise"})
OTHERS_THAN: dict[str, frozenset[str]] = {
    "check_expert": _WRITING,
    "check_law": _WRITING | {"check_expert"},
    "grade": _WRITING | {"check_expert", "check_law"},
    "publish": _WRITING | {"check_expert", "check_law", "grade"},
}
"""Whose doers may not do a step: who wrote, checked, graded and published are different persons."""

CHECK_OF = {
    State.DRAFTED: "check_expert",
    State.EXPERT_CHECKED: "check_law",
    State.LEGALLY_CHECKED: "grade",
    State.GRADED: "publish",
}
"""The step that a state waits for; to return the draft from there is a judgement of the same person."""

PUBLIC_STATES = (State.PUBLISHED, State.REVIEWED, State.TAKEN_BACK)
"""What the public sees; a warning that was taken back says so and why."""


def find(state: str, verb: str) -> Step | None:
    """Return a step of the table or of the drawing."""
    return STEPS.get((State(state), verb)) or REVISION_STEPS.get((State(state), verb))


def possible(state: str) -> list[tuple[str, Step]]:
    """Return the steps that a state allows."""
    return [(verb, step) for (before, verb), step in STEPS.items() if before == state]
