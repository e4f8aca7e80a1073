"""Recompute everything from the database and the published files, and name whatever does not agree.

Streams the log once, so memory does not grow with it. What it can and cannot find is in
`docs/explanation/facts-and-seals.md`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from django.db import connection

from zhijian.engines.facts import kinds, looks, merkle, stored
from zhijian.engines.facts.append_only import (
    declared_tables,
    guard_names,
    guarded_tables,
    hiding_rules,
    wrong_triggers,
)
from zhijian.engines.facts.leaves import moment
from zhijian.engines.facts.models import GUARDED_TABLES, Seal, TreeNode
from zhijian.engines.facts.seals import log_text, seal_members, seal_text
from zhijian.engines.facts.stored import COLUMNS, StoredFact
from zhijian.infrastructure.home import Home, current_home


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was sealed or published."""

    code: str
    where: str  # id of the fact, day of the seal, or name of the file
    message_zh: str
    message_en: str


@dataclass
class Verification:
    """How far a verification has come; read `findings()` to its end."""

    home: Home = field(default_factory=current_home)
    kept: Mapping[str, Any] | None = None  # a log.json that somebody kept elsewhere
    facts: int = 0
    sealed: int = 0
    seals: int = 0
    found: int = 0

    def findings(self) -> Iterator[Finding]:
        """Check everything and yield what is wrong, as it is found."""
        for finding in self._all():
            self.found += 1
            yield finding

    def _all(self) -> Iterator[Finding]:
        yield from _guards()
        yield from _hidden()
        unreadable = list(_misstored())
        yield from unreadable
        if unreadable:
            return  # neither seals nor log can be read as they were written
        seals: list[Seal] = list(Seal.objects.order_by("day"))
        self.seals = len(seals)
        yield from _chain(seals)
        yield from self._log(seals)
        yield from self._unsealed(seals[-1] if seals else None)
        yield from _published(seals, self.home.published / "seals")
        yield from _kept(seals, self.kept)
        yield from _looks()

    def _log(self, seals: list[Seal]) -> Iterator[Finding]:
        tree = merkle.GrowingTree()
        nodes = _StoredNodes()
        waiting = iter(seals)
        seal = next(waiting, None)
        files = _LeafFiles(self.home.published / "seals")
        for values in stored.rows(stored.select("facts_sealedleaf l", order="ORDER BY l.index")):
            index, fact_id, leaf_hash = int(values[0]), stored.dashed(str(values[1])), str(values[2])
            while seal and tree.size >= seal.tree_size:
                yield from _root(seal, tree)
                seal = next(waiting, None)
            self.sealed += 1
            self.facts += values[3 + COLUMNS.index("fact_id")] is not None
            yield from _place(index, tree.size, fact_id, seal)
            yield from _sealed_fact(values[3:], fact_id, leaf_hash, seal)
            yield from files.compare(seal, leaf_hash, fact_id)
            for node in tree.append(_bytes(leaf_hash)):
                yield from nodes.compare(node)
        while seal:
            yield from _root(seal, tree)
            seal = next(waiting, None)
        yield from files.rest()
        yield from nodes.rest()

    def _unsealed(self, last: Seal | None) -> Iterator[Finding]:
        condition = "WHERE NOT EXISTS (SELECT 1 FROM facts_sealedleaf s WHERE s.fact_id = f.fact_id)"
        through = moment(last.sealed_through) if last else ""
        for values in stored.rows(
            stored.select(condition=condition, order="ORDER BY f.recorded_at, f.fact_id")
        ):
            self.facts += 1
            fact = stored.read(values)
            if fact.recorded_at <= through:
                yield _finding(
                    "inserted",
                    fact.fact_id,
                    f"事实 {fact.fact_id}（{fact.label}）的记录时间 {fact.recorded_at} 在封存之前，却不在封存日志中：事后插入。",
                    f"Fact {fact.fact_id} ({fact.label}) says it was recorded at {fact.recorded_at}, in a sealed time, but no "
                    "seal has it: it was inserted afterwards.",
                )
            yield from _own_hash(fact)
            yield from _declared(fact, values)


def summary(verification: Verification) -> dict[str, Any]:
    """Return what was checked, in numbers."""
    checked = verification
    return {
        "ok": checked.found == 0,
        "facts": checked.facts,
        "sealed": checked.sealed,
        "seals": checked.seals,
        "findings": checked.found,
    }


def _finding(code: str, where: object, zh: str, en: str) -> Finding:
    return Finding(code, str(where), zh, en)


def _guards() -> Iterator[Finding]:
    wrong = wrong_triggers(connection, GUARDED_TABLES)
    others = set(declared_tables(connection)) - set(GUARDED_TABLES) - set(guarded_tables(connection))
    for table, names in [*wrong.items(), *((table, guard_names(table)) for table in sorted(others))]:
        yield _finding(
            "guard",
            table,
            f"表 {table} 的触发器缺失、停用、被改写，或不是本平台的（{'、'.join(names)}）：有人能够改动其中的行。请查明是谁动的，并恢复原样。",
            f"Triggers of table {table} are missing, disabled, reworded or none of ours ({', '.join(names)}): rows could be "
            "changed or deleted. Find out who did it, then put back what belongs there (append_only.add_guards).",
        )


def _hidden() -> Iterator[Finding]:
    """Rows that stand in the table and that a query by subject or id does not find, or finds changed."""
    for table, what in [*stored.broken_indexes(GUARDED_TABLES), *hiding_rules(connection, GUARDED_TABLES)]:
        yield _finding(
            "hidden",
            table,
            f"表 {table} 里有的行查询时会被藏起或改变（{what}）：请查明是谁动的，并重建索引或删除该规则。",
            f"Table {table} hides or changes rows when it is asked ({what}): find out who did it, then rebuild the index or drop the rule.",
        )


_STORAGE = {
    "facts_seal": {
        "day": "text", "tree_size": "integer", "root": "text", "previous_root": "text", "count": "integer",
        "sealed_through": "text", "sealed_at": "text",
    },
    "facts_sealedleaf": {"index": "integer", "fact_id": "text", "leaf_hash": "text"},
}  # fmt: skip


def _misstored() -> Iterator[Finding]:
    """Seals and places whose values SQLite holds in another storage class than the column's."""
    for table, columns in _STORAGE.items():
        for where, name in stored.misstored_rows(table, columns):
            yield _finding(
                "storage",
                where,
                f"表 {table} 中 {where} 一行的 {name} 不是以应有的类型存放：被改动。",
                f"In table {table}, row {where}, the value of {name} is not stored as its column says: it was changed.",
            )


def _chain(seals: list[Seal]) -> Iterator[Finding]:
    """Every seal continues the one before it."""
    root, size, through = merkle.EMPTY_ROOT.hex(), 0, None
    for seal in seals:
        wrong = [] if seal.previous_root == root else ["previous_root"]
        wrong += [] if seal.tree_size == size + seal.count and seal.count >= 0 else ["tree_size / count"]
        wrong += [] if through is None or seal.sealed_through > through else ["sealed_through"]
        if wrong:
            yield _finding(
                "seal",
                seal.day,
                f"{seal.day} 的封存与前一封存不衔接：{'、'.join(wrong)}。",
                f"The seal of {seal.day} does not continue the one before it: {', '.join(wrong)}.",
            )
        root, size, through = seal.root, seal.tree_size, seal.sealed_through


def _place(index: int, expected: int, fact_id: str, seal: Seal | None) -> Iterator[Finding]:
    if seal is None:
        yield _finding(
            "log",
            fact_id,
            f"封存日志第 {index} 位（事实 {fact_id}）不属于任何封存：事后添加。",
            f"Place {index} of the log (fact {fact_id}) belongs to no seal: it was added afterwards.",
        )
    if index != expected:
        yield _finding(
            "log",
            fact_id,
            f"封存日志应为第 {expected} 位，却是第 {index} 位（事实 {fact_id}）：日志行被删除或改动。",
            f"The log goes on at place {index} (fact {fact_id}) instead of {expected}: log rows were deleted or changed.",
        )


def _sealed_fact(
    values: tuple[Any, ...], fact_id: str, leaf_hash: str, seal: Seal | None
) -> Iterator[Finding]:
    day = seal.day if seal else "—"
    if values[COLUMNS.index("fact_id")] is None:
        yield _finding(
            "deleted",
            fact_id,
            f"事实 {fact_id} 已于 {day} 封存，但数据库中没有这一行：被删除，或编号被改。",
            f"Fact {fact_id} was sealed on {day} but its row is gone: deleted, or its id was changed.",
        )
        return
    fact = stored.read(values)
    if fact.leaf_hash is None or fact.leaf_hash.hex() != leaf_hash:
        yield _altered(fact, day, leaf_hash)
    else:
        yield from _own_hash(fact)


def _altered(fact: StoredFact, day: object, sealed_hash: str) -> Finding:
    what = "、".join(fact.altered) or fact.problem
    sealed = f"{sealed_hash[:16]}…"
    now = f"{fact.leaf_hash.hex()[:16]}…" if fact.leaf_hash else fact.problem
    return _finding(
        "altered",
        fact.fact_id,
        f"事实 {fact.fact_id}（{fact.label}）自 {day} 封存后被改动：{what or '内容与校验值一并被改'}。封存的哈希 {sealed}，现为 {now}。",
        f"Fact {fact.fact_id} ({fact.label}) was altered after the seal of {day}: "
        f"{what or 'content and checksums together'} differs. Sealed hash {sealed}, now {now}.",
    )


def _own_hash(fact: StoredFact) -> Iterator[Finding]:
    """The row's own hash and checksums, which catch a hasty change before the first seal."""
    if fact.leaf_hash is None or fact.leaf_hash.hex() != fact.stored_leaf_hash or fact.altered:
        what = fact.problem or "、".join(fact.altered) or "leaf_hash"
        yield _finding(
            "altered",
            fact.fact_id,
            f"事实 {fact.fact_id}（{fact.label}）与记录时不一致：{what}。",
            f"Fact {fact.fact_id} ({fact.label}) is not what was recorded: {what} differs.",
        )


def _declared(fact: StoredFact, values: tuple[Any, ...]) -> Iterator[Finding]:
    """What was written by hand, past the services, seldom obeys the schema of its kind."""
    row = dict(zip(COLUMNS, values, strict=True))
    kind = kinds.find(str(row["kind"]))
    try:
        problem = "" if kind else "kind"
        if kind:
            kind.check(json.loads(row["payload"]))
    except Exception as refused:  # noqa: BLE001 - whatever a broken row raises is a finding, not a crash
        problem = str(refused)
    if problem:
        yield _finding(
            "undeclared",
            fact.fact_id,
            f"事实 {fact.fact_id}（{fact.label}）不符合其类别的格式：{problem}",
            f"Fact {fact.fact_id} ({fact.label}) does not obey the schema of its kind: {problem}",
        )


def _root(seal: Seal, tree: merkle.GrowingTree) -> Iterator[Finding]:
    if tree.size == seal.tree_size and tree.root().hex() == seal.root:
        return
    yield _finding(
        "root",
        seal.day,
        f"{seal.day} 的封存：由日志重算得 {tree.size} 条、根 {tree.root().hex()[:16]}…，封存记录为 {seal.tree_size} 条、根 {seal.root[:16]}…。",
        f"The seal of {seal.day}: the log gives {tree.size} facts and root {tree.root().hex()[:16]}…, the seal says "
        f"{seal.tree_size} and {seal.root[:16]}….",
    )


class _StoredNodes:
    """The stored subtree roots, read level by level beside the log, which completes each level in order."""

    def __init__(self) -> None:
        self._levels: dict[int, Iterator[tuple[int, str]]] = {}
        self._next: dict[int, tuple[int, str] | None] = {}

    def compare(self, node: tuple[int, int, bytes]) -> Iterator[Finding]:
        level, position, found = node
        if level not in self._levels:
            rows = TreeNode.objects.filter(level=level).order_by("position")
            self._levels[level] = rows.values_list("position", "node_hash").iterator(stored.CHUNK)
            self._advance(level)
        # SQLite keeps even text in a column of numbers, behind the numbers: left for `rest`
        while (stands := self._next[level]) and isinstance(stands[0], int) and stands[0] < position:
            yield self._wrong(level, stands[0])
            self._advance(level)
        if stands and stands[0] == position:
            self._advance(level)
        if stands != (position, found.hex()):
            yield self._wrong(level, position)

    def rest(self) -> Iterator[Finding]:
        for level in self._levels:
            while stands := self._next[level]:
                yield self._wrong(level, stands[0])
                self._advance(level)
        unknown = TreeNode.objects.exclude(level__in=list(self._levels)).values_list("level", "position")
        for level, position in unknown.iterator(stored.CHUNK):
            yield self._wrong(level, position)

    def _advance(self, level: int) -> None:
        self._next[level] = next(self._levels[level], None)

    def _wrong(self, level: int, position: int) -> Finding:
        return _finding(
            "node",
            f"{level}/{position}",
            f"日志的中间节点（第 {level} 层第 {position} 个）与重算结果不一致。",
            f"Node {position} of level {level} of the log is not what its leaves give.",
        )


class _LeafFiles:
    """The published leaf files, read line by line beside the log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._day: object = None
        self._file: TextIO | None = None
        self._line = 0

    def compare(self, seal: Seal | None, leaf_hash: str, fact_id: str) -> Iterator[Finding]:
        if seal is None:
            return
        if seal.day != self._day:
            yield from self.rest()
            self._open(seal.day)
        if self._file is None:
            return
        self._line += 1
        line = self._file.readline().rstrip("\n")
        if line != leaf_hash:
            yield _finding(
                "published",
                f"{seal.day}.leaves.txt",
                f"已公布文件 {seal.day}.leaves.txt 第 {self._line} 行与日志不一致（事实 {fact_id}）。",
                f"Line {self._line} of the published {seal.day}.leaves.txt differs from the log (fact {fact_id}): it says "
                f"'{line[:16]}…', the log {leaf_hash[:16]}….",
            )

    def rest(self) -> Iterator[Finding]:
        if self._file is None:
            return
        surplus = sum(1 for _ in self._file)
        self._file.close()
        self._file = None
        if surplus:
            yield _finding(
                "published",
                f"{self._day}.leaves.txt",
                f"已公布文件 {self._day}.leaves.txt 比日志多 {surplus} 行。",
                f"The published {self._day}.leaves.txt has {surplus} lines more than the log.",
            )

    def _open(self, day: object) -> None:
        path = self._folder / f"{day}.leaves.txt"
        self._day, self._line = day, 0
        self._file = path.open(encoding="utf-8", errors="replace") if path.exists() else None


def _published(seals: list[Seal], folder: Path) -> Iterator[Finding]:
    """The published files say what the database says, to the byte."""
    for seal in seals:
        yield from _published_file(folder / f"{seal.day}.json", seal_text(seal) + "\n")
        if not (folder / f"{seal.day}.leaves.txt").exists():
            yield _missing(folder / f"{seal.day}.leaves.txt")
    if seals:
        yield from _published_file(folder / "log.json", log_text(seals))
    known = {f"{seal.day}{ending}" for seal in seals for ending in (".json", ".leaves.txt")} | {"log.json"}
    for path in sorted(folder.glob("[!.]*")) if folder.exists() else ():
        if path.name not in known:
            yield _finding(
                "published",
                path.name,
                f"已公布的 {path.name} 在数据库中没有对应的封存：封存被删除，或文件被添加。",
                f"The published {path.name} has no seal in the database: the seal was deleted or the file added.",
            )


def _published_file(path: Path, expected: str) -> Iterator[Finding]:
    if not path.exists():
        yield _missing(path)
        return
    text = path.read_text("utf-8", errors="replace")
    if text != expected:
        yield _finding(
            "published",
            path.name,
            f"已公布的 {path.name} 与数据库不一致：{_first_difference(text, expected)}。",
            f"The published {path.name} differs from the database: {_first_difference(text, expected)}.",
        )


def _missing(path: Path) -> Finding:
    return _finding(
        "published",
        path.name,
        f"已公布的 {path.name} 不见了。如未被人删除，运行 zhijian facts seal --day 重新公布。",
        f"The published {path.name} is missing. If nobody removed it, `zhijian facts seal --day` publishes it again.",
    )


def _first_difference(text: str, expected: str) -> str:
    pairs = enumerate(zip(text.splitlines(), expected.splitlines(), strict=False), start=1)
    for number, (found, wanted) in pairs:
        if found != wanted:
            return f"line {number}: {_members_that_differ(found, wanted)}"
    return f"{len(text.splitlines())} lines, not {len(expected.splitlines())}"


def _members_that_differ(found: str, wanted: str) -> str:
    try:
        one, other = json.loads(found.rstrip(",")), json.loads(wanted.rstrip(","))
        names = [name for name in other if one.get(name) != other[name]]
    except (ValueError, AttributeError):
        return f"'{found[:60]}'"
    return ", ".join(f"{name} is {one.get(name)}, not {other[name]}" for name in names) or "form"


def _kept(seals: Iterable[Seal], kept: Mapping[str, Any] | None) -> Iterator[Finding]:
    """A log that somebody kept elsewhere must be the beginning of ours: this finds a history rewritten whole."""
    if kept is None:
        return
    ours = {seal.day.isoformat(): seal_members(seal) for seal in seals}
    for theirs in kept.get("seals", [kept]):
        if ours.get(str(theirs.get("day"))) != theirs:
            yield _finding(
                "kept",
                theirs.get("day"),
                f"留存的 {theirs.get('day')} 封存与现在的不同：封存后的历史被整体改写。",
                f"The kept seal of {theirs.get('day')} is not ours any more: history was rewritten after it.",
            )


def _looks() -> Iterator[Finding]:
    """The records of looks and of refusals hold as chains, and hold what the facts say of them."""
    for kept, code, name, plural in (
        (looks.LOOKS_KEPT, "look", "查看", "looks"),
        (looks.REFUSALS_KEPT, "refusal", "拒绝", "refusals"),
    ):
        for place, what in looks.differences(kept):
            is_altered = what == "altered"
            zh, en = ("被改动", "was altered") if is_altered else ("被删除", "is missing: it was deleted")
            yield _finding(
                code,
                place,
                f"{name}记录第 {place} 条{zh}：与前后记录或封存的存证不一致。",
                f"Record {place} of the {plural} {en}; it does not fit its neighbours or what the facts say of it.",
            )


def _bytes(text: str) -> bytes:
    """Return a stored hash; what is no hash counts as zeros and so fails the root."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return bytes(32)
    return found if len(found) == 32 else bytes(32)
