"""Rules of law name the article they apply; what they name is kept for the page of all rules."""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

# A law or rule in 《》, a document number such as 国办发〔2018〕118号, or a standard such as GB 32100-2015.
_CITATION = re.compile(r"《[^》]+》|〔\d{4}〕|\b(GB|DB|GS|ISO|RFC)[/ ]?\S*\s?\d+")


@dataclass(frozen=True)
class RuleCitation:
    """A rule as the page of rules shows it."""

    name: str  # module and function, such as zhijian.apps.law.cases.rules.limitation_ends_on
    cites: tuple[str, ...]
    summary: str  # the first line of its docstring
    signature: str


_registry: dict[str, RuleCitation] = {}


def rule(*, cites: str | Sequence[str]) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Mark a function as a rule of law and keep the articles that it applies.

    Raises:
        ValueError: a citation names neither a text in 《》, nor a document number, nor a standard; or the
            function has no docstring.
    """
    texts = (cites,) if isinstance(cites, str) else tuple(cites)
    wrong = [text for text in texts if not _CITATION.search(text)]
    if wrong or not texts:
        raise ValueError(f"{wrong or 'nothing'} is no citation. Write it as 《行政处罚法》第三十六条.")

    def register(function: Callable[_P, _R]) -> Callable[_P, _R]:
        found = _described(function, texts)
        _registry[found.name] = found
        return function

    return register


def registered() -> tuple[RuleCitation, ...]:
    """Return the rules of all modules imported so far, by name."""
    return tuple(_registry[name] for name in sorted(_registry))


def citations(function: Callable[..., object]) -> tuple[str, ...]:
    """Return the articles that a rule applies; none for a function that is no rule."""
    found = _registry.get(_name(function))
    return found.cites if found else ()


def _described(function: Callable[..., object], cites: tuple[str, ...]) -> RuleCitation:
    documentation = inspect.getdoc(function)
    if not documentation:
        raise ValueError(f"{_name(function)} has no docstring. Say what it finds, in which units.")
    return RuleCitation(
        _name(function), cites, documentation.splitlines()[0], str(inspect.signature(function))
    )


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
