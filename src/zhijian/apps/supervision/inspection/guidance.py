"""How to look at an item: steps, and drawings of what conforms and what does not; shown on the phone, also without a network."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

_PARTS = {"steps", "good", "bad"}


@dataclass(frozen=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True)
class Example:
    """A drawing with its caption; `is_good` where it shows what conforms."""

    caption: Words
    drawing: str
    is_good: bool


@dataclass(frozen=True)
class Guidance:
    """What to do for one item, step by step, and what to compare with."""

    steps: tuple[Words, ...]
    examples: tuple[Example, ...]


@cache
def guidance() -> dict[str, Guidance]:
    """Return the guidance that is shipped, by the code of its item.

    Raises:
        ValueError: the file names a part that nobody knows, or lacks one.
    """
    folder = resources.files(__package__).joinpath("data")
    listed = yaml.safe_load(folder.joinpath("guidance.yaml").read_text("utf-8"))
    found = {}
    for code, row in listed.items():
        if set(row) != _PARTS or not row["steps"]:
            raise ValueError(f"data/guidance.yaml: {code} has {sorted(row)}; it needs {sorted(_PARTS)}.")
        drawn = [
            Example(
                Words(**row[kind]),
                folder.joinpath("examples", f"{code}-{kind}.svg").read_text("utf-8").strip(),
                kind == "good",
            )
            for kind in ("good", "bad")
        ]
        found[code] = Guidance(tuple(Words(**one) for one in row["steps"]), tuple(drawn))
    return found


def of_item(code: str) -> Guidance | None:
    """Return the guidance of an item, or None where there is none beyond its listed content and method."""
    return guidance().get(code)
