"""Who should do a step, by place, skill and load: a pure function that says why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Candidate:
    """An officer who may do the step, as far as choosing needs to know."""

    officer_id: int
    name: str
    area: str  # leading digits of the divisions looked after
    skills: frozenset[str]
    load: int  # open steps held now
    is_away: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a step asks for."""

    division_code: str
    skill: str = ""


@dataclass(frozen=True)
class Proposal:
    """Whom to give a step, and why in words."""

    candidate: Candidate
    reason_zh: str
    reason_en: str


def propose(wanted: Wanted, candidates: Iterable[Candidate]) -> Proposal | None:
    """Return the officer to give a step, or None where nobody is there.

    Whoever has the skill comes before whoever has not; then the one whose area fits the place most closely; then the
    one with the least load; then by name and number, so that the answer is always the same.
    """
    here = [one for one in candidates if not one.is_away]
    if not here:
        return None
    best = min(here, key=lambda one: _order(wanted, one))
    return Proposal(best, *_why(wanted, best, here))


def share_out(many: Iterable[Wanted], candidates: Iterable[Candidate]) -> list[Proposal | None]:
    """Propose for several steps in turn; each one given adds to its officer's load."""
    there = {one.officer_id: one for one in candidates}
    proposals = []
    for wanted in many:
        proposal = propose(wanted, there.values())
        proposals.append(proposal)
        if proposal is not None:
            chosen = proposal.candidate
            there[chosen.officer_id] = replace(chosen, load=chosen.load + 1)
    return proposals


def _order(wanted: Wanted, one: Candidate) -> tuple[int, int, int, str, int]:
    return (
        0 if _is_skilled(wanted, one) else 1,
        -_closeness(wanted, one),
        one.load,
        one.name,
        one.officer_id,
    )


def _is_skilled(wanted: Wanted, one: Candidate) -> bool:
    return not wanted.skill or wanted.skill in one.skills


def _closeness(wanted: Wanted, one: Candidate) -> int:
    """How many digits of the place the officer's area shares; none where it lies elsewhere."""
    return len(one.area) if wanted.division_code.startswith(one.area) else 0


def _why(wanted: Wanted, best: Candidate, here: list[Candidate]) -> tuple[str, str]:
    zh, en = [], []
    if wanted.skill:
        has = wanted.skill in best.skills
        zh.append(f"具备“{wanted.skill}”专长" if has else f"无人具备“{wanted.skill}”专长")
        en.append(f"has the skill '{wanted.skill}'" if has else f"nobody here has the skill '{wanted.skill}'")
    if _closeness(wanted, best):
        zh.append(f"负责片区（{best.area}）包含案发地")
        en.append(f"looks after the area {best.area} in which the case lies")
    zh.append(f"手上有{best.load}件，{len(here)}名可选人员中排在最前")
    en.append(f"holds {best.load} open steps; first of {len(here)} who are there")
    return "；".join(zh), "; ".join(en)
