"""A plan as a folder: plan.yaml, indicators.csv, commitments.csv, paragraphs.csv. Read whole, or refused with every fault."""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from zhijian.apps.plan.monitoring import cells
from zhijian.apps.plan.monitoring.computed import FORMULAS
from zhijian.apps.plan.monitoring.rules import Goal
from zhijian.standards import plan as systems_of_the_plan
from zhijian.standards.bilingual import BilingualError, Problem

OWN = Path(__file__).parent / "data" / "gd_amr_2021_2025"
NAMES = ("plan.yaml", "indicators.csv", "commitments.csv", "paragraphs.csv")
_COLUMNS = {
    "indicators.csv": {
        "number", "group_zh", "group_en", "name_zh", "name_en", "unit_zh", "unit_en", "baseline", "target",
        "attribute", "path", "is_sampled", "source", "systems", "definition_zh", "definition_en",
    },
    "commitments.csv": {
        "number", "chapter", "section", "subject_zh", "subject_en", "operator", "value", "unit", "due", "basis",
        "quote_zh", "paragraph",
    },
    "paragraphs.csv": {
        "number", "chapter", "section", "heading", "kind", "text", "owner_zh", "owner_en", "from_year", "to_year",
        "systems", "commitments", "indicators",
    },
}  # fmt: skip
PATHS = {"linear", "geometric"}
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+){0,7}")


class WrongPlan(BilingualError):
    """The files of a plan cannot be taken; `problems` say what is wrong, where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            "".join(f"{one.field}：{one.message_zh}" for one in problems[:20]),
            "\n".join(f"{one.field}: {one.message_en}" for one in problems[:20]),
        )
        self.problems = problems


@dataclass(frozen=True)
class Row:
    """A line of one of the tables, with the goal it makes where it is an indicator."""

    cells: dict[str, str]
    goal: Goal | None = None

    def __getitem__(self, name: str) -> str:
        return self.cells[name]

    def optional(self, name: str) -> str:
        """Return a cell of a column that a plan's file may go without."""
        return self.cells.get(name, "")

    def names(self, column: str) -> list[str]:
        return self.cells[column].split()


@dataclass(frozen=True)
class PlanFiles:
    """Everything that a plan's folder says."""

    head: dict[str, Any]
    indicators: list[Row]
    commitments: list[Row]
    paragraphs: list[Row]
    digest: str


def read(folder: Path) -> PlanFiles:
    """Read a plan's folder.

    Raises:
        WrongPlan: a file or column is missing, a number is none, a link leads nowhere; with all of them.
    """
    missing = [name for name in NAMES if not (folder / name).is_file()]
    if missing:
        raise WrongPlan([Problem(name, "没有这个文件。", "The file is missing.") for name in missing])
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in NAMES)).hexdigest()
    problems: list[Problem] = []
    head = _head(folder / "plan.yaml", problems)
    tables = {name: _table(folder / name, problems) for name in NAMES[1:]}
    if problems:
        raise WrongPlan(problems)
    indicators = [_with_goal(row, number, problems) for number, row in enumerate(tables[NAMES[1]], 2)]
    found = PlanFiles(head, indicators, tables[NAMES[2]], tables[NAMES[3]], digest)
    problems += _loose_ends(found)
    if problems:
        raise WrongPlan(problems)
    return found


def _head(file: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        head = yaml.safe_load(file.read_text("utf-8"))
        is_whole = (
            isinstance(head["starts_on"], date)
            and isinstance(head["ends_on"], date)
            and isinstance(head["midterm_on"], date)
            and head["starts_on"] < head["midterm_on"] < head["ends_on"]
            and bool(_CODE.fullmatch(str(head["code"])))
            and all(head["title"][language] for language in ("zh", "en"))
        )
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        head, is_whole = {}, False
    if not is_whole:
        problems.append(
            Problem(
                "plan.yaml",
                "要写明code（小写字母、数字、连字符）、title的zh和en，以及先后有序的starts_on、midterm_on、ends_on。",
                "It needs code (lower-case letters, digits, hyphens), title zh and en, and starts_on, midterm_on, "
                "ends_on in this order.",
            )
        )
    return dict(head)


def _table(file: Path, problems: list[Problem]) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            lacking = _COLUMNS[file.name] - set(reader.fieldnames or ())
            rows = (
                []
                if lacking
                else [Row({k: (v or "").strip() for k, v in row.items() if k}) for row in reader]
            )
    except UnicodeDecodeError:
        problems.append(Problem(file.name, "不是UTF-8编码。", "It is not UTF-8."))
        return []
    if lacking:
        told = ", ".join(sorted(lacking))
        problems.append(Problem(file.name, f"缺少列：{told}。", f"Columns are missing: {told}."))
    numbers = [row["number"] for row in rows]
    for number in sorted({one for one in numbers if not one or numbers.count(one) > 1}):
        problems.append(
            Problem(f"{file.name} {number}", "编号空着或者重复。", "The number is empty or stands twice.")
        )
    return rows


def _with_goal(row: Row, line: int, problems: list[Problem]) -> Row:
    try:
        made = cells.goal(
            row["baseline"], row["target"], unit=row["unit_zh"], is_binding=row["attribute"] == "binding"
        )
    except cells.WrongCell as wrong:
        problems.append(
            Problem(f"indicators.csv {line}", f"数字读不懂（{wrong}）。", f"A number cannot be read: {wrong}")
        )
        return row
    words = {"path": PATHS, "source": {"", *FORMULAS}, "is_sampled": {"", "yes"}}
    for column, known in words.items():
        if row[column] not in known:
            told = ", ".join(sorted(one or '""' for one in known))
            problems.append(
                Problem(
                    f"indicators.csv {line}",
                    f"{column}一栏的“{row[column]}”不认识，只能是：{told}。",
                    f"'{row[column]}' in the column {column} is not known. Write one of {told}.",
                )
            )
    if row["path"] == "geometric" and not _can_grow(made):
        problems.append(
            Problem(
                f"indicators.csv {line}",
                "path写的是geometric（按比例增长），但基期值和目标要都大于零。请改为linear。",
                "The path is geometric, but baseline and target must both be above zero. Write linear.",
            )
        )
    return Row(row.cells, made)


def _can_grow(goal: Goal) -> bool:
    return goal.start is not None and goal.start > 0 and goal.target > 0


def _loose_ends(files: PlanFiles) -> Iterator[Problem]:
    """Yield links that lead nowhere, and say so where there are no indicators or no paragraphs."""
    known = {
        "systems": {one.id for one in systems_of_the_plan.systems()},
        "commitments": {row["number"] for row in files.commitments},
        "indicators": {row["number"] for row in files.indicators},
    }
    for row in files.paragraphs:
        for column, names in known.items():
            lost = [name for name in row.names(column) if name not in names]
            if lost and (column != "systems" or not files.head.get("is_synthetic")):
                told = " ".join(lost)
                yield Problem(
                    f"paragraphs.csv {row['number']}",
                    f"{column}里没有{told}。",
                    f"There is no {told} in {column}.",
                )
    if not files.indicators or not files.paragraphs:
        yield Problem("plan", "没有指标或者没有段落。", "There are no indicators or no paragraphs.")
