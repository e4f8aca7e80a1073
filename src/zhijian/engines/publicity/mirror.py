"""A mirror's own copy of everything public: a snapshot, brought up to date by changes, and held against the signed root.

A copy is a file of lines. The first is a header with the signed root, each other one is a leaf's canonical text, sorted
by code. Changes are such a file too, with a line for each code whose list ended. Pure functions over lines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zhijian.engines.facts.canonical import canonical
from zhijian.engines.publicity import statements
from zhijian.engines.publicity.lists import FORM as LEAF_FORM
from zhijian.engines.publicity.lists import value_of
from zhijian.engines.publicity.statements import Signed
from zhijian.engines.publicity.tree import key_of, subtree

SNAPSHOT_FORM, CHANGES_FORM = "zhijian-publicity-snapshot/1", "zhijian-publicity-changes/1"
GONE_FORM = "zhijian-publicity-gone/1"


class MirrorProblem(ValueError):
    """A file is no copy, or a copy and its changes do not belong together; the message says what to do."""


def snapshot_lines(signed: Signed, texts: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a whole copy."""
    yield canonical({"form": SNAPSHOT_FORM, "signed": signed}) + "\n"
    for text in texts:
        yield text + "\n"


def change_lines(since: str, signed: Signed, changes: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    """Yield the lines that bring a copy of the day `since` up to the day of the signed root."""
    yield canonical({"form": CHANGES_FORM, "signed": signed, "since": since}) + "\n"
    for uscc, text in changes:
        yield (canonical({"form": GONE_FORM, "uscc": uscc}) if text is None else text) + "\n"


def read_header(line: str, form: str) -> dict[str, Any]:
    """Return the header of a file.

    Raises:
        MirrorProblem: it is not of that form.
    """
    try:
        header = json.loads(line)
        header["signed"]["statement"]["day"]
    except (ValueError, TypeError, KeyError) as problem:
        raise MirrorProblem(f"the first line is no header: {line[:60]!r}") from problem
    if header.get("form") != form:
        raise MirrorProblem(f"the form is {header.get('form')!r}, not {form!r}")
    return dict(header)


def applied(copy: Iterable[str], changes: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a copy with its changes. Both are read side by side, so memory does not grow with them.

    Raises:
        MirrorProblem: the changes start from another day than the copy's, or a line is broken.
    """
    ours, theirs = iter(copy), iter(changes)
    have = read_header(next(ours, ""), SNAPSHOT_FORM)["signed"]["statement"]["day"]
    header = read_header(next(theirs, ""), CHANGES_FORM)
    if header["since"] != have:
        raise MirrorProblem(
            f"the copy is of {have}, the changes start from {header['since']}: ask for those since {have}"
        )
    yield canonical({"form": SNAPSHOT_FORM, "signed": header["signed"]}) + "\n"
    change = _next(theirs)
    for line in ours:
        code = _code(line)
        while change and change[0] < code:
            yield from _standing(change[1])
            change = _next(theirs)
        if change and change[0] == code:
            yield from _standing(change[1])
            change = _next(theirs)
        else:
            yield line
    while change:
        yield from _standing(change[1])
        change = _next(theirs)


def problems(copy: Iterable[str], *, key: str | None = None) -> Iterator[str]:
    """Yield what is wrong with a copy: its signature, its order, its root, its counts. Nothing: it is whole."""
    lines = iter(copy)
    signed = read_header(next(lines, ""), SNAPSHOT_FORM)["signed"]
    if not statements.is_genuine(signed, key):
        yield "the root of the copy is not rightly signed"
    entries, items, last = [], 0, ""
    for number, line in enumerate(lines, start=2):
        leaf = _leaf(line)
        if leaf["uscc"] <= last:
            yield f"line {number} is out of order: {leaf['uscc']}"
        last, items = leaf["uscc"], items + len(leaf["items"])
        entries.append((key_of(last), value_of(line.rstrip("\n"))))
    entries.sort()
    said = signed["statement"]
    if (len(entries), items) != (said["entities"], said["items"]):
        yield f"the copy has {len(entries)} codes and {items} items, the root says {said['entities']} and {said['items']}"
    if subtree(entries).hash.hex() != said["root"]:
        yield f"the copy does not give the root of {said['day']}: something is missing, too much or changed"


def _standing(line: str) -> Iterator[str]:
    if _leaf(line)["form"] == LEAF_FORM:
        yield line


def _next(lines: Iterator[str]) -> tuple[str, str] | None:
    line = next(lines, None)
    return None if line is None else (_code(line), line)


def _code(line: str) -> str:
    return str(_leaf(line)["uscc"])


def _leaf(line: str) -> Mapping[str, Any]:
    try:
        leaf = json.loads(line)
        ok = leaf["form"] in (LEAF_FORM, GONE_FORM) and isinstance(leaf["uscc"], str)
    except (ValueError, TypeError, KeyError) as problem:
        raise MirrorProblem(f"a line is broken: {line[:60]!r}") from problem
    if not ok:
        raise MirrorProblem(f"a line is of no known form: {line[:60]!r}")
    return dict(leaf)
