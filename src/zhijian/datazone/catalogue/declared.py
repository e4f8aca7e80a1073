"""What people declared about tables, columns and readers: the YAML files beside this one."""

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@cache
def elements() -> dict[str, dict[str, Any]]:
    """Return the data elements by column name or pattern."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "elements.yaml").read_text("utf-8"))
    return found


@cache
def tables() -> dict[str, dict[str, Any]]:
    """Return the declared tables by name or pattern."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "tables.yaml").read_text("utf-8"))
    return found


@cache
def readers() -> list[dict[str, Any]]:
    """Return the declared readers."""
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / "readers.yaml").read_text("utf-8"))
    return found


def table(name: str) -> dict[str, Any]:
    """Return what is declared of a table; an empty dictionary where nothing is."""
    return _matching(tables(), name)


def column(table_name: str, name: str) -> dict[str, Any]:
    """Return what is declared of a column: its element, with what its table says otherwise laid over."""
    own = _matching(table(table_name).get("columns", {}), name)
    return {**_matching(elements(), name), **own}


def _matching(entries: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """The entry of that very name, else of the longest pattern that fits."""
    if name in entries:
        return entries[name]
    fitting = [pattern for pattern in entries if "*" in pattern and fnmatchcase(name, pattern)]
    return entries[max(fitting, key=len)] if fitting else {}
