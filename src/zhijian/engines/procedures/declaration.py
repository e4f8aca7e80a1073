"""A procedure as an application declares it, and the list of all that are declared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zhijian.engines.procedures.errors import ProcedureRefused

Service = Callable[..., Mapping[str, Any] | None]
"""``f(case, data, *, by, at) -> dict``: what a service task does, in the transaction of the step."""

Panel = Callable[[Any, Any], "tuple[str, dict[str, Any]] | None"]
"""``f(case, officer)``: the template of the application's own record and its content, or None."""

MayJoin = Callable[[Any], Callable[[Any], bool]]
"""``f(case)(organisation)``: whether a unit can have a part in the case, by the places that make it competent."""

OnAct = Callable[..., None]
"""``f(case, events, *, by, at)``: what the application does when an act is written, in its transaction."""


@dataclass(frozen=True)
class Procedure:
    """One procedure: its drawing, its decision tables, and what its service tasks do.

    `drawing` and `decisions` are files that ship with the application; their content is the first version, and
    officers may publish newer ones. Forms lie beside the drawing in ``forms/<name>.json``.
    """

    code: str  # e.g. consumer/complaint
    title_zh: str
    title_en: str
    drawing: Path
    decisions: Path | None = None
    plan_ids: tuple[str, ...] = ()
    services: Mapping[str, Service] = field(default_factory=dict)
    panel: Panel | None = None  # what the case page shows of the application's own record
    on_act: OnAct | None = None  # who is told of what was done
    viewers: frozenset[str] = (
        frozenset()
    )  # roles that may look at a case at all; empty: every role of the unit
    ends_early: bool = True  # an officer may withdraw a case; False: only its drawing ends it
    extended_by_drawing: frozenset[str] = frozenset()  # periods that only a step of it extends
    messages: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # how the messages that its drawing waits for are called: (Chinese, English)
    may_join: MayJoin | None = None  # None: units of the same city, and those above

    def drawing_text(self) -> str:
        return self.drawing.read_text("utf-8")

    def decisions_text(self) -> str:
        return self.decisions.read_text("utf-8") if self.decisions else ""

    def form_path(self, name: str) -> Path:
        return self.drawing.parent / "forms" / f"{name}.json"


_DECLARED: dict[str, Procedure] = {}


def register(procedure: Procedure) -> Procedure:
    """Make a procedure known; called from the application's ``AppConfig.ready``.

    Raises:
        ValueError: another procedure has the same code.
    """
    known = _DECLARED.setdefault(procedure.code, procedure)
    if known != procedure:
        raise ValueError(f"Two procedures are called '{procedure.code}'. Give one another code.")
    return procedure


def find(code: str) -> Procedure | None:
    """Return a declared procedure, or None."""
    return _DECLARED.get(code)


def get(code: str) -> Procedure:
    """Return a declared procedure.

    Raises:
        ProcedureRefused: none of that code is declared.
    """
    found = _DECLARED.get(code)
    if found is None:
        known = ", ".join(sorted(_DECLARED)) or "—"
        raise ProcedureRefused(
            f"没有名为“{code}”的流程，已有：{known}。",
            f"No procedure is called '{code}'. Declared are: {known}.",
        )
    return found


def all_procedures() -> list[Procedure]:
    """Return every declared procedure, by code."""
    return [_DECLARED[code] for code in sorted(_DECLARED)]
