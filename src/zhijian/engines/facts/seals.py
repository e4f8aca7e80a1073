"""The daily seal: one growing log over all facts, its root published, and proofs for whoever asks."""

import heapq
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from zhijian.engines.facts import accounts_kept, looks, merkle
from zhijian.engines.facts.append_only import HOLD
from zhijian.engines.facts.canonical import canonical
from zhijian.engines.facts.errors import NotYetSealed, SealRefused
from zhijian.engines.facts.leaves import Leaf, LeafSource, leaf_members, moment
from zhijian.engines.facts.models import Fact, Seal, SealedLeaf, TreeNode
from zhijian.engines.facts.stored import DatabaseFacts, id_of, insert_rows
from zhijian.infrastructure.home import Home, current_home
from zhijian.standards.calendar import ZONE

SEAL_FORM, LOG_FORM = "zhijian-seal/1", "zhijian-log/1"
BATCH = 2000


class DatabaseHashes:
    """The log's hashes in our own database."""

    def nodes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return stored hashes.

        Raises:
            SealRefused: some are missing; the log was damaged.
        """
        found = _stored_leaves(start, stop) if level == 0 else _stored_nodes(level, start, stop)
        if len(found) != stop - start:
            raise _damaged(f"level {level}, {start}–{stop - 1}")
        return [bytes.fromhex(text) for text in found]


def seal_day(
    day: date, *, at: datetime, home: Home | None = None, sources: Iterable[LeafSource] | None = None
) -> Seal:
    """Seal every fact recorded up to the end of `day` (Shanghai), or up to `at` where the day is not over.

    What is recorded later on a day sealed early goes into the next seal. A day that is sealed already keeps its seal;
    files that were not published yet are published.

    Raises:
        SealRefused: the day has not begun, lies before a later seal, or something sealed or to be sealed was altered.
    """
    folder = (home or current_home()).published / "seals"
    with transaction.atomic(durable=True):
        _lock()
        seal: Seal | None = Seal.objects.filter(pk=day).first()
        if seal is None:
            looks.anchor(at=at)
            accounts_kept.anchor(at=at)
            seal = _sealed(day, at, list(sources or [DatabaseFacts()]))
    publish(seal, folder)
    return seal


def publish(seal: Seal, folder: Path) -> None:
    """Write a seal's files and the log of all seals; what lies there already is never overwritten.

    Raises:
        SealRefused: a published file says something else than the database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _publish_once(folder / f"{seal.day}.leaves.txt", leaf_lines(seal))
    _publish_once(folder / f"{seal.day}.json", [seal_text(seal) + "\n"])
    _publish_log(folder / "log.json")


def inclusion(fact: Fact, *, seal: Seal | None = None) -> dict[str, Any]:
    """Return the proof that a fact stands in the log under `seal`, by default the newest.

    Hashes are hexadecimal. The fact itself is not in it: see `published_form`.

    Raises:
        NotYetSealed: the fact is not in that seal.
    """
    leaf = SealedLeaf.objects.filter(fact_id=fact.pk).first()
    under = seal or newest_seal()
    if leaf is None or under is None or leaf.index >= under.tree_size:
        raise NotYetSealed(
            "这条事实尚未封存，封存后即可验证。",
            f"Fact {fact.pk} is not sealed yet; a proof exists after the next seal.",
        )
    proof = merkle.inclusion_proof(DatabaseHashes(), leaf.index, under.tree_size)
    return {
        "form": "zhijian-inclusion/1",
        "fact_id": str(fact.pk),
        "leaf_hash": leaf.leaf_hash,
        "index": leaf.index,
        "tree_size": under.tree_size,
        "root": under.root,
        "day": under.day.isoformat(),
        "sealed_at": moment(under.sealed_at),
        "proof": [step.hex() for step in proof],
    }


def consistency(old: Seal, new: Seal) -> dict[str, Any]:
    """Return the proof that the log under `new` begins with the log under `old`, unchanged.

    Raises:
        SealRefused: the seals are not in their order.
    """
    if old.tree_size > new.tree_size:
        raise SealRefused(
            f"{old.day} 的封存晚于 {new.day}，请交换顺序。",
            f"The seal of {old.day} is the newer one; exchange the two.",
        )
    proof = merkle.consistency_proof(DatabaseHashes(), old.tree_size, new.tree_size)
    return {
        "form": "zhijian-consistency/1",
        "old": {"day": old.day.isoformat(), "tree_size": old.tree_size, "root": old.root},
        "new": {"day": new.day.isoformat(), "tree_size": new.tree_size, "root": new.root},
        "proof": [step.hex() for step in proof],
    }


def published_form(fact: Fact) -> dict[str, Any]:
    """Return a fact as the object whose canonical text is its leaf. Show it only where the fact is public."""
    return leaf_members(fact)


def newest_seal() -> Seal | None:
    """Return the newest seal, or None before the first."""
    found: Seal | None = Seal.objects.order_by("-day").first()
    return found


def seal_members(seal: Seal) -> dict[str, Any]:
    """Return a seal as it is published."""
    return {
        "form": SEAL_FORM,
        "day": seal.day.isoformat(),
        "tree_size": seal.tree_size,
        "root": seal.root,
        "previous_root": seal.previous_root,
        "count": seal.count,
        "sealed_through": moment(seal.sealed_through),
        "sealed_at": moment(seal.sealed_at),
    }


def seal_text(seal: Seal) -> str:
    """Return the published text of a seal, without its line end."""
    return canonical(seal_members(seal))


def leaf_lines(seal: Seal) -> Iterator[str]:
    """Yield the lines of a seal's leaf file: the leaf hashes that it added, in their order."""
    rows = SealedLeaf.objects.filter(index__gte=seal.first_index(), index__lt=seal.tree_size).order_by(
        "index"
    )
    for text in rows.values_list("leaf_hash", flat=True).iterator(chunk_size=BATCH):
        yield text + "\n"


def log_text(seals: Iterable[Seal]) -> str:
    """Return the text of `log.json`: every seal on a line of its own, oldest first."""
    return f'{{"form":"{LOG_FORM}","seals":[\n' + ",\n".join(map(seal_text, seals)) + "\n]}\n"


def _stored_leaves(start: int, stop: int) -> list[str]:
    rows = SealedLeaf.objects.filter(index__range=(start, stop - 1)).order_by("index")
    return list(rows.values_list("leaf_hash", flat=True))


def _stored_nodes(level: int, start: int, stop: int) -> list[str]:
    rows = TreeNode.objects.filter(level=level, position__range=(start, stop - 1)).order_by("position")
    return list(rows.values_list("node_hash", flat=True))


def _sealed(day: date, at: datetime, sources: Sequence[LeafSource]) -> Seal:
    last = newest_seal()
    through = _through(day, at, last)
    tree = merkle.GrowingTree.resume(DatabaseHashes(), last.tree_size if last else 0)
    if last and tree.root().hex() != last.root:
        raise _damaged(f"root of {last.day}")
    first = tree.size
    pending = [
        source.pending(after=last.sealed_through if last else None, through=through) for source in sources
    ]
    try:
        _append(tree, heapq.merge(*pending, key=lambda leaf: (leaf.recorded_at, leaf.fact_id)))
    except ValueError as problem:
        raise SealRefused(
            f"待封存的事实与记录时不一致：{problem}。请运行 zhijian facts verify，并从备份恢复该行。",
            f"A fact to be sealed is not what was recorded: {problem}. Run `zhijian facts verify` and restore it.",
        ) from problem
    seal: Seal = Seal.objects.create(
        day=day,
        tree_size=tree.size,
        root=tree.root().hex(),
        previous_root=last.root if last else merkle.EMPTY_ROOT.hex(),
        count=tree.size - first,
        sealed_through=through,
        sealed_at=at,
    )
    return seal


def _append(tree: merkle.GrowingTree, leaves: Iterator[Leaf]) -> None:
    while batch := list(islice(leaves, BATCH)):
        start = tree.size
        completed = list(tree.extend(leaf.leaf_hash for leaf in batch))
        rows = [(start + n, id_of(leaf.fact_id), leaf.leaf_hash.hex()) for n, leaf in enumerate(batch)]
        insert_rows("facts_sealedleaf", ["index", "fact_id", "leaf_hash"], rows)
        TreeNode.objects.bulk_create(
            TreeNode(level=level, position=position, node_hash=found.hex())
            for level, position, found in completed
        )


def _through(day: date, at: datetime, last: Seal | None) -> datetime:
    """Return the last moment that the seal of `day`, made at `at`, covers."""
    begins = datetime.combine(day, time(), tzinfo=ZONE)
    if at < begins:
        raise SealRefused(f"{day} 尚未开始，不能封存。", f"{day} has not begun; seal it when it is over.")
    if last and (day < last.day or at <= last.sealed_through):
        raise SealRefused(
            f"{day} 的事实已由 {last.day} 的封存覆盖。",
            f"The seal of {last.day} covers {day} already. Seal a later day.",
        )
    return min(at, begins + timedelta(days=1) - timedelta(microseconds=1))


def _lock() -> None:
    """Let no fact come in while its day is being sealed. SQLite's transaction does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {HOLD}()")


def _damaged(where: str) -> SealRefused:
    return SealRefused(
        f"封存日志已损坏（{where}）。请运行 zhijian facts verify 查明，并从备份恢复。",
        f"The log of sealed facts is damaged ({where}). Run `zhijian facts verify` and restore it from a backup.",
    )


def _differs(path: Path) -> SealRefused:
    return SealRefused(
        f"已公布的文件 {path.name} 与数据库不一致，未覆盖。请运行 zhijian facts verify。",
        f"The published file {path} differs from the database and was not overwritten. Run `zhijian facts verify`.",
    )


def _publish_once(path: Path, lines: Iterable[str]) -> None:
    if path.exists():
        with path.open(encoding="utf-8") as published:
            if any(line != next(published, "") for line in lines) or published.read(1):
                raise _differs(path)
        return
    write_whole(path, lines)


def _publish_log(path: Path) -> None:
    seals = list(Seal.objects.order_by("day"))
    if path.exists():
        try:
            published = json.loads(path.read_text("utf-8"))["seals"]
        except (ValueError, KeyError, TypeError) as problem:
            raise _differs(path) from problem
        if published != [seal_members(seal) for seal in seals][: len(published)]:
            raise _differs(path)
    write_whole(path, [log_text(seals)])


def write_whole(path: Path, lines: Iterable[str]) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
