"""Do the published roots and the map say what the log says? For `zhijian facts verify`."""

import json
from collections.abc import Iterator
from pathlib import Path

from zhijian.engines.facts.verification import Finding
from zhijian.engines.publicity import roots, statements
from zhijian.engines.publicity.building import open_map
from zhijian.infrastructure.home import Home


def findings(home: Home) -> Iterator[Finding]:
    """Yield each root that is unsigned, out of its chain, or other in the published files or in the map than in the log."""
    every = roots.all_roots()
    for one in every:
        if not statements.is_genuine(one):
            yield _finding(one["statement"]["day"], "签名不对", "is not rightly signed")
    for day in statements.unlinked(every):
        yield _finding(day, "与前一日根不衔接", "does not name the root before it")
    yield from _published(every, home.published / "publicity")
    known = {one["statement"]["day"]: one["statement"]["root"] for one in every}
    with open_map(home) as store:
        for built in store.days() if store else ():
            if known.get(built.day.isoformat(), built.root.hex()) != built.root.hex():
                yield _finding(built.day.isoformat(), "与公示信息库中的不同", "is not that of the map")


def _published(every: list[statements.Signed], folder: Path) -> Iterator[Finding]:
    said = statements.day_files(every)
    if every:
        said["roots.json"] = statements.roots_text(every)
    there = {path.name: path for path in folder.glob("[!.]*.json")} if folder.exists() else {}
    for name in sorted(said.keys() | there.keys()):
        text = there[name].read_text("utf-8", errors="replace") if name in there else None
        if name not in said:
            yield _finding(name, "在封存日志中没有", "has no root in the log")
        elif text is None:
            yield _finding(name, "不见了", "is missing")
        elif text != said[name]:
            yield _finding(name, "与封存日志中的不同", f"is not what the log has{_where(text, said[name])}")


def _where(text: str, wanted: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        return ": it is not readable"
    pairs = zip(text.splitlines(), wanted.splitlines(), strict=False)
    lines = [number for number, (found, said) in enumerate(pairs, start=1) if found != said]
    return f" (line {lines[0]})" if lines else ""


def _finding(where: str, zh: str, en: str) -> Finding:
    return Finding("publicity", where, f"公示日根 {where} {zh}。", f"The day root of publicity {where} {en}.")
