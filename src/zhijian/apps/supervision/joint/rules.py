"""Joint inspections: whose lot is first, who goes, and until when a department answers. Pure functions."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from zhijian.standards import parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import add_working_days
from zhijian.standards.citation import rule

ANSWER_DAYS = parameters.load("supervision/joint_answer_working_days")
TEAM = 2
FINDINGS = {
    "conform": ("符合", "Conforms"),
    "nonconform": ("不符合", "Does not conform"),
    "not_checked": ("没有查", "Not looked at"),
}


@rule(cites="《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》（国发〔2019〕5号）")
def answer_by(invited_on: date) -> date:
    """Return the last day on which a department says whether it joins."""
    return add_working_days(invited_on, int(ANSWER_DAYS.on(invited_on)), provisional=True)


@rule(cites="《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》（国发〔2019〕5号）")
def lots(
    seed: str, *, plan: str, attempt: int, department: str, subject: str, roster: Iterable[str]
) -> list[str]:
    """Return a department's inspectors for one visit in the order of their lots.

    A lot is HMAC-SHA-256 under the draw's seed, of the plan, the attempt, the department, the object and the account.
    The roster was sealed before the seed could be known, so that nobody places anybody.
    """

    def lot(name: str) -> bytes:
        told = "\n".join(("joint", plan, str(attempt), department, subject, name))
        return hmac.digest(bytes.fromhex(seed), told.encode(), "sha256")

    return sorted(set(roster), key=lambda name: (lot(name), name))


@rule(cites="《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）")
def team(order: Sequence[str], recused: Iterable[str]) -> tuple[str, ...]:
    """Return the two who go: the first lots that are not recused; fewer where the roster is exhausted."""
    out = set(recused)
    return tuple(name for name in order if name not in out)[:TEAM]


@rule(cites="《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》（国发〔2019〕5号）")
def roster_sha256(roster: Sequence[str], salt: str) -> str:
    """Return what is published of a roster: a hash that says nothing of whom until the roster is opened."""
    return hashlib.sha256("\n".join((salt, *sorted(roster))).encode()).hexdigest()


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def item_problems(items: Sequence[Mapping[str, str]]) -> list[Problem]:
    """Say what is wrong with the items of a department: none, one twice, or one without a basis in law."""
    problems = []
    if not items:
        problems.append(
            Problem("items", "请写明这个部门检查的事项。", "Say which items the department checks.")
        )
    names = [one["name"] for one in items]
    if len(set(names)) < len(names):
        problems.append(Problem("items", "同一事项写了两次。", "An item stands twice."))
    for one in items:
        if not one["basis"].strip() or not one["name"].strip():
            problems.append(
                Problem(
                    "items",
                    f"事项“{one['name'] or '（未写名称）'}”没有写检查依据。没有依据的不得检查。",
                    f"The item '{one['name'] or '(no name)'}' has no legal basis. Without a basis nothing is checked.",
                )
            )
    return problems


@rule(cites="《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》（国发〔2019〕5号）")
def record_problems(
    findings: Mapping[str, Sequence[str]], items: Sequence[Mapping[str, str]]
) -> list[Problem]:
    """Say what is wrong with a department's record: each of its own items once, with words where something was found."""
    own = {one["code"]: one["name"] for one in items}
    problems = [
        Problem("findings", f"“{code}”不是本部门的事项。", f"'{code}' is no item of this department.")
        for code in findings
        if code not in own
    ]
    for code, name in own.items():
        finding, note = findings.get(code, ("", ""))
        if finding not in FINDINGS:
            problems.append(
                Problem(f"finding-{code}", f"“{name}”还没有结论。", f"'{name}' has no finding yet.")
            )
        elif finding != "conform" and not note.strip():
            problems.append(
                Problem(f"note-{code}", f"“{name}”请写明情况。", f"Say what was seen of '{name}'.")
            )
    return problems
