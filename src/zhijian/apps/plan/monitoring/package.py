"""A read-only package for third parties: the data, the figures, the parameters, the version of the code, the digests.

Whoever has the package and the software gets every figure again: `recompute` reads the data, reckons, and compares.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from zhijian import __version__
from zhijian.apps.plan.monitoring import reckoning, rules
from zhijian.engines.facts.canonical import canonical
from zhijian.engines.facts.merkle import leaf_hash
from zhijian.standards.bilingual import BilingualError

_MOST_BYTES = 64 * 1024 * 1024
DATA, FIGURES, POINTS, PARAMETERS, FACTS, SEALS = (
    "data.json",
    "figures.json",
    "points.csv",
    "parameters.json",
    "facts.json",
    "SHA256SUMS",
)
_README = """\
规划评估数据包（只读）。A read-only package of a plan's evaluation.

data.json        各指标和承诺的定义、目标和全部数据点；points.csv 是同一批数据点的表格
                 definitions, targets and every value; points.csv is the same values as a table
figures.json     由data.json算出的全部数字 / every figure, computed from data.json
parameters.json  计算用的参数和代码版本 / parameters and the version of the code
facts.json       数据点和评估公布时的事实，全文和叶哈希 / the facts of published values and evaluations, whole, with their leaf hashes
SHA256SUMS       各文件的SHA-256 / digests of the files

重算和比对 / recompute and compare:  zhijian plan recompute PACKAGE.zip
连同封存一起核对 / with the seals:       zhijian plan recompute PACKAGE.zip --leaves FOLDER
  FOLDER里放从网站下载的 /published/seals/<日期>.leaves.txt，全部日期列在 /published/seals/log.json；摘要是谁都能重写的，封存不能。
  FOLDER holds every /published/seals/<day>.leaves.txt of the site; /published/seals/log.json lists the days. Anybody can write
  digests anew, nobody a seal.
公式见源代码 / the formulas: src/zhijian/apps/plan/monitoring/rules.py
"""


class WrongPackage(BilingualError):
    """A package cannot be read, or was changed."""


@dataclass(frozen=True)
class Compared:
    """What recomputing found: how many figures are the same, and which are not."""

    same: int
    different: tuple[str, ...]
    code_version: str
    of_facts: int = 0  # values that are those of their facts
    without_fact: int = 0  # values of which no fact is in the package
    evaluation: str = ""  # the fact that sealed these very data as an evaluation's
    unsealed: tuple[str, ...] = ()  # facts whose leaf is not among the leaves that were given

    @property
    def is_same(self) -> bool:
        return not self.different and not self.unsealed


def parameters() -> dict[str, Any]:
    """Return the numbers that the formulas use, and the version of the code."""
    return {
        "code_version": __version__, "stale_months": rules.STALE_MONTHS, "yellow_from": str(rules.YELLOW_FROM),
        "yellow_from_binding": str(rules.YELLOW_FROM_BINDING), "basically_from": str(rules.BASICALLY_FROM),
        "infeasible_times": rules.INFEASIBLE_TIMES, "least_points": rules.LEAST_POINTS,
        "timely_days": reckoning.TIMELY_DAYS, "quarter_timely_days": reckoning.QUARTER_TIMELY_DAYS, "cities": reckoning.CITIES,
    }  # fmt: skip


def write(data: Mapping[str, Any], facts: list[dict[str, Any]]) -> bytes:
    """Return the package as a zip that is the same to the byte for the same content."""
    files = {
        "README.txt": _README,
        DATA: _json(data),
        FIGURES: _json(reckoning.as_json(reckoning.reckon(data))),
        POINTS: _points(data),
        PARAMETERS: _json(parameters()),
        FACTS: _json(facts),
    }
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}" for name, text in files.items()]
    files[SEALS] = "\n".join(sums) + "\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _points(data: Mapping[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = (
        "area",
        "year",
        "quarter",
        "as_of",
        "kind",
        "value",
        "numerator",
        "denominator",
        "entered_on",
        "is_checked",
        "is_synthetic",
    )
    writer.writerow(["number", "name_zh", "unit_zh", *names])
    for row in [*data["indicators"], *data.get("commitments", [])]:
        for point in row["points"]:
            writer.writerow(
                [row["number"], row["name_zh"], row["unit_zh"], *(point.get(name) for name in names)]
            )
    return "\ufeff" + out.getvalue()


def recompute(file: Path, leaves: frozenset[str] | None = None) -> Compared:
    """Compute every figure of a package again from its data, and compare it with what the package says.

    Values are compared with the facts that published them, facts with their leaf hashes, and these with `leaves`: those of
    published seals.

    Raises:
        WrongPackage: no such package, or a file differs from its digest.
    """
    texts = _read(file)
    data, said = json.loads(texts[DATA]), json.loads(texts[FIGURES])
    try:
        made = reckoning.as_json(reckoning.reckon(data))
    except (KeyError, ValueError, TypeError, ArithmeticError) as problem:
        raise WrongPackage("数据包里的数据读不懂。", f"The data cannot be reckoned with: {problem}") from None
    rows = [*made["figures"], *made["commitments"]]
    told = {one["number"]: one for one in [*said.get("figures", []), *said.get("commitments", [])]}
    different = [one["number"] for one in rows if not _says_same(one, told.get(one["number"]))]
    extra = sorted(told.keys() - {one["number"] for one in rows})  # a figure for which there is no data
    names = ["elapsed", "composite", "binding", *(["late"] if "late" in said else []), *extra]
    different += [name for name in names if name in extra or made[name] != said.get(name)]
    total, version = len(rows) + len(names), json.loads(texts[PARAMETERS])["code_version"]
    same = total - len(different)
    try:
        told_by = _Facts.of(json.loads(texts.get(FACTS, "[]")), leaves)
        agreeing, lacking, differing = told_by.compared(data)
    except (KeyError, ValueError, TypeError, ArithmeticError) as problem:
        raise WrongPackage("数据包里的事实读不懂。", f"The facts cannot be read: {problem}") from None
    return Compared(
        same, (*different, *told_by.altered, *differing), version, of_facts=agreeing, without_fact=lacking,
        evaluation=told_by.evaluation_of(data), unsealed=told_by.unsealed,
    )  # fmt: skip


@dataclass(frozen=True)
class _Facts:
    """The facts of a package: what they say of each value, and which do not make their leaf hash or stand in no seal."""

    values: dict[tuple[str, str, int, int], list[Mapping[str, Any]]]
    evaluations: dict[str, str]  # digest of the data: number of the fact
    altered: tuple[str, ...]
    unsealed: tuple[str, ...]

    @classmethod
    def of(cls, rows: list[dict[str, Any]], leaves: frozenset[str] | None) -> "_Facts":
        values: dict[tuple[str, str, int, int], list[Mapping[str, Any]]] = defaultdict(list)
        evaluations, altered, unsealed = {}, [], []
        for row in rows:
            fact = row.get("fact")
            if fact is None:  # a package of an earlier version names the facts alone
                continue
            made = leaf_hash(canonical(fact).encode()).hex()
            if made != row["leaf_hash"] or fact["fact_id"] != row["fact_id"]:
                altered.append(f"facts/{row['fact_id']}")
            if leaves is not None and made not in leaves:
                unsealed.append(row["fact_id"])
            said = fact["payload"]
            if fact["kind"] == "plan_evaluation.published":
                evaluations[said["figures"]] = fact["fact_id"]
            else:
                values[said["indicator"], said["area"], said["year"], said.get("quarter", 0)].append(said)
        return cls(dict(values), evaluations, tuple(altered), tuple(unsealed))

    def compared(self, data: Mapping[str, Any]) -> tuple[int, int, list[str]]:
        """Return how many values are those of a fact, how many have none, and the names of those that differ from theirs."""
        agreeing, lacking, differing = 0, 0, []
        for row in [*data["indicators"], *data.get("commitments", [])]:
            for point in row["points"]:
                key = (row["number"], point["area"], point["year"], point.get("quarter", 0))
                said = self.values.get(key)
                if not said:
                    lacking += 1
                elif any(_is_of(point, one) for one in said):
                    agreeing += 1
                else:
                    differing.append("/".join(map(str, ("values", *key[:3], *filter(None, key[3:])))))
        return agreeing, lacking, differing

    def evaluation_of(self, data: Mapping[str, Any]) -> str:
        plain = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return self.evaluations.get(hashlib.sha256(plain.encode()).hexdigest(), "")


def _is_of(point: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Say whether a value is the one that a fact published."""
    numbers = ("value", "numerator", "denominator")
    same = all(point.get(name) == said.get(name) for name in ("as_of", "kind"))
    return same and all(_number(point.get(name)) == _number(said.get(name)) for name in numbers)


def _number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(str(text))


def _says_same(made: Mapping[str, Any], said: Mapping[str, Any] | None) -> bool:
    """Compare what a package says of a row; one written by an earlier version says less, and nothing of it may differ."""
    return said is not None and all(name in made and made[name] == value for name, value in said.items())


def _read(file: Path) -> dict[str, str]:
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST_BYTES:
                raise WrongPackage("数据包太大。", "The package is too large.")
            texts = {name: archive.read(name).decode() for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError):
        raise WrongPackage("这不是评估数据包。", "That is no package of an evaluation.") from None
    missing = [name for name in (DATA, FIGURES, PARAMETERS, SEALS) if name not in texts]
    if missing:
        raise WrongPackage(f"缺少{'、'.join(missing)}。", f"Missing: {', '.join(missing)}.")
    sums = dict(line.split("  ", 1)[::-1] for line in texts[SEALS].splitlines() if "  " in line)
    for name, text in texts.items():
        if name != SEALS and sums.get(name) != hashlib.sha256(text.encode()).hexdigest():
            raise WrongPackage(
                f"{name}与封存的摘要不一致，被改动过。", f"{name} differs from its digest: it was changed."
            )
    return texts
