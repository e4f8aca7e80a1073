"""Visits that a draw chose: what a model can be judged by without the steering of risk. Light to import."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DrawnVisit:
    """One visit that a draw chose: whom, when, with what chance (above 0, at most 1), and whether a problem was found."""

    uscc: str
    occurred_on: date
    chance: float
    has_problem: bool
