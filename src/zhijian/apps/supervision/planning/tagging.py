"""The daily refresh of the object libraries: every tag's objects found anew, with counts of who came and who left."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis
import pyarrow as pa
from django.db import transaction

from zhijian.apps.supervision.planning.models import ObjectTag, TagCount, TagMark
from zhijian.apps.supervision.planning.tag_rules import CLOSER, REPORTED, Condition, conditions
from zhijian.datazone.lake import Lake
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.closer import codes_of
from zhijian.security.sealed_text import derived
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

OTHERS = parameters.load("supervision/tag_others")
TABLE = "mart_object_tags"
KEY = "object_tags"
REGISTER = "entity_market_entities"
_FACTS, _REPORT = "entity_facts", "annual_report.published"
_SCHEMA = pa.schema({"object_id": pa.string(), "tag": pa.string()})


@dataclass(frozen=True)
class Change:
    """What a refresh did to one tag."""

    tag: str
    members: int
    added: int
    left: int


@transaction.atomic
def refresh(lake: Lake, *, at: datetime) -> list[Change]:
    """Find the objects of every tag that stands, and keep them in the lake; where nothing moved nothing is written.

    Raises:
        LakeError: there is no register of market entities yet.
    """
    con, on = lake.ibis(), statutory_day(at)
    register = lake.table(con, REGISTER)
    tags = [one for one in ObjectTag.objects.order_by("key") if one.stands_on(on)]
    found = _union(register, tags, on, _Reported(lake, con))
    known = lake.table(con, TABLE) if lake.exists(TABLE) else ibis.memtable(_SCHEMA.empty_table())
    added = _counts(found.anti_join(known, ["object_id", "tag"]))
    left = _counts(known.anti_join(found, ["object_id", "tag"]))
    if added or left:
        with lake.transaction() as writing:
            writing.write_query(TABLE, con, found.order_by(["tag", "object_id"]), at=at)
    members = _counts(found)
    changes = [
        Change(key, members.get(key, 0), added.get(key, 0), left.get(key, 0))
        for key in sorted({*(tag.key for tag in tags), *left})
    ]
    _keep(changes, lake.version(REGISTER), at)
    return changes


@dataclass(frozen=True)
class _Reported:
    """Who published the annual report on a year: by the facts recorded here, and by those that were delivered."""

    lake: Lake
    con: Any

    def on(self, year: int) -> Any:
        own = Fact.objects.filter(
            kind=_REPORT, payload__report_year=year, superseded_by=None, is_withdrawal=False
        )
        codes = pa.array(own.order_by().values_list("subject", flat=True).distinct(), pa.string())
        known = ibis.memtable(pa.table({"uscc": codes}))
        if not self.lake.exists(_FACTS):
            return known
        facts = self.lake.table(self.con, _FACTS)
        of_year = facts.filter((facts.kind == _REPORT) & (facts.reference == str(year)))
        delivered = self.lake.table(self.con, REGISTER).semi_join(of_year, "entity_id")
        return known.union(delivered.select("uscc"))


def _union(register: Any, tags: list[ObjectTag], on: Any, reported: _Reported) -> Any:
    """Return all pairs of object and tag: by rule, and put by hand with another officer's approval."""
    marks = [one for one in TagMark.objects.exclude(approved_by="") if one.stands_on(on)]
    keys = {tag.key for tag in tags}
    by_hand = sorted({(one.object_id, one.tag_key) for one in marks if one.tag_key in keys})
    columns = [pa.array(column, pa.string()) for column in zip(*by_hand, strict=True)] or [
        pa.array([], pa.string())
    ] * 2
    pairs = ibis.memtable(pa.table(columns, schema=_SCHEMA))
    for tag in tags:
        if tag.rule:
            rule = conditions(tag.rule)
            plain = [_holds(register, one) for one in rule if one.column not in (REPORTED, CLOSER)]
            chosen = register.filter(plain) if plain else register
            for one in rule:
                if one.column == REPORTED:
                    chosen = chosen.semi_join(reported.on(int(one.value)), "uscc")
            for one in rule:
                if one.column == CLOSER:
                    chosen = _closer(chosen, str(one.value), on)
            pairs = pairs.union(_named(chosen, tag.key))
    return pairs.distinct()


def _closer(chosen: Any, field: str, on: date) -> Any:
    """Return who of the chosen has a file of closer supervision in a field, and others beside them, so that the tag tells of nobody.

    The others are of the same county, in the order of a secret key that stays the same for good: whoever compares two days, or two
    years, learns nothing. Where a county has too few others, nobody of it carries the tag.
    """
    named = ibis.memtable(pa.table({"uscc": pa.array(sorted(codes_of(field, on=on)), pa.string())}))
    secret, percent = derived(KEY, use=f"others/{field}".encode()).hex(), int(OTHERS.on(on))
    around = ["is_synthetic", "place"]
    placed = chosen.select(
        uscc=chosen.uscc, is_synthetic=chosen.is_synthetic, place=chosen.county_code.fill_null(chosen.prefecture_code)
    )  # fmt: skip
    held = placed.semi_join(named, "uscc")
    others = placed.anti_join(named, "uscc")
    ranked = others.mutate(
        rank=ibis.row_number().over(
            group_by=around, order_by=(ibis.literal(secret) + others.uscc).hexdigest("sha256")
        )
    )
    counts = held.group_by(around).aggregate(wanted=((held.count() * percent + 99) // 100))
    there = others.group_by(around).aggregate(there=others.count())
    enough = counts.join(there, around)
    enough = enough.filter(enough.there >= enough.wanted).select(*around, "wanted")
    beside = ranked.join(enough, around)
    beside = beside.filter(beside["rank"] < beside.wanted).select("uscc")
    return held.semi_join(enough, around).select("uscc").union(beside)


def _named(chosen: Any, tag: str) -> Any:
    return chosen.select(object_id=chosen.uscc, tag=ibis.literal(tag))


def _holds(register: Any, one: Condition) -> Any:
    column = register[one.column]
    match one.operator:
        case "in":
            return column.isin(one.value)
        case "starts":
            return column.startswith(one.value)
        case "contains":
            return column.contains(one.value)
        case "=":
            return column == one.value
        case "!=":
            return column != one.value
        case ">=":
            return column >= one.value
        case "<=":
            return column <= one.value
        case ">":
            return column > one.value
    return column < one.value


def _counts(pairs: Any) -> dict[str, int]:
    rows = pairs.group_by("tag").aggregate(n=pairs.count()).to_pyarrow().to_pylist()
    return {row["tag"]: row["n"] for row in rows}


def _keep(changes: list[Change], version: int, at: datetime) -> None:
    """Keep the counts of a day that moved something, or of a tag that had none yet."""
    known = set(TagCount.objects.values_list("tag_key", flat=True))
    TagCount.objects.bulk_create(
        TagCount(
            tag_key=one.tag, refreshed_at=at, members=one.members, added=one.added, left=one.left, register_version=version
        )
        for one in changes
        if one.added or one.left or one.tag not in known
    )  # fmt: skip
