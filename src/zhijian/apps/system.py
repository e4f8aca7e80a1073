"""What a system of the plan is, as each application declares it in its ``system.py``.

Navigation, the page about the plan, and the walk through every system read these declarations.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Page:
    """One page of a system: its address and its name in both languages."""

    path: str
    title_zh: str
    title_en: str
    audience: str = "officer"


@dataclass(frozen=True)
class System:
    """One or more rows of the plan that an application serves.

    `plan_ids` are the ids of the plan's list of systems; `facts_in` and `facts_out` are kinds of
    fact; `regulations` are the texts that its rules apply, in their own words.
    """

    name: str
    plan_ids: tuple[str, ...]
    title_zh: str
    title_en: str
    audience: tuple[str, ...]
    regulations: tuple[str, ...]
    facts_in: tuple[str, ...]
    facts_out: tuple[str, ...]
    pages: tuple[Page, ...]
    plan_titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    """For each plan id, the plan's own words: (Chinese, English)."""
