"""A plan as a folder: plan.yaml, indicators.csv, commitments.csv, paragraphs.csv. Read whole, or refused with every fault."""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from zhijian.apps.plan.monitoring import cells, promise_rules, rules
from zhijian.apps.plan.monitoring.computed import FORMULAS
from zhijian.apps.plan.monitoring.models import QUARTERLY
from zhijian.apps.plan.monitoring.models import units as shipped_units
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
ATTRIBUTES = {"binding", "expected"}
FREQUENCIES = {"", "yearly", QUARTERLY}
TASKS = {"task", "box"}
KINDS = {"text", *TASKS}
_YEAR = re.compile(r"[12]\d{3}")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+){0,7}")


MOST_TOLD = 20


def _place_zh(field: str) -> str:
    """Write 'indicators.csv 4' as 'indicators.csv第4行'."""
    name, _, line = field.partition(" ")
    return f"{name}第{line}行" if line.isdecimal() else field


def _place_en(field: str) -> str:
    name, _, line = field.partition(" ")
    return f"{name} line {line}" if line.isdecimal() else field


class WrongPlan(BilingualError):
    """The files of a plan cannot be taken; `problems` say what is wrong, where."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            "\n".join(f"{_place_zh(one.field)}：{one.message_zh}" for one in problems[:MOST_TOLD]),
            "\n".join(f"{_place_en(one.field)}: {one.message_en}" for one in problems[:MOST_TOLD]),
        )
        self.problems = problems


@dataclass(frozen=True)
class Row:
    """A line of one of the tables, with the goal it makes where it is an indicator."""

    cells: dict[str, str]
    goal: Goal | None = None
    line: int = 0  # in its file

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
    if problems and not (head and all(tables.values())):
        raise WrongPlan(problems)  # what is left cannot be judged
    units = shipped_units() | head.get("units", {})
    indicators = [_with_goal(row, units, problems) for row in tables[NAMES[1]]]
    found = PlanFiles(head, indicators, tables[NAMES[2]], tables[NAMES[3]], digest)
    problems += _wrong_promises(found, units)
    problems += _wrong_paragraphs(found)
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
        return {}
    units = head.get("units", {})
    if not isinstance(units, dict) or not all(isinstance(one, str) for pair in units.items() for one in pair):
        problems.append(
            Problem(
                "plan.yaml units",
                "units写作“英文: 中文”，一行一个单位，如“jobs: 个岗位”。",
                "Write units as English: Chinese, a line each, such as 'jobs: 个岗位'.",
            )
        )
        return {}
    return dict(head)


def _table(file: Path, problems: list[Problem]) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            lacking = _COLUMNS[file.name] - set(reader.fieldnames or ())
            rows = [] if lacking else [_row(file.name, reader.line_num, row, problems) for row in reader]
    except UnicodeDecodeError:
        problems.append(
            Problem(
                file.name,
                "不是UTF-8编码。请在表格软件里另存为“CSV UTF-8”。",
                "It is not UTF-8. Save it as 'CSV UTF-8'.",
            )
        )
        return []
    except csv.Error as problem:
        line = f"{file.name} {reader.reader.line_num}"
        problems.append(
            Problem(line, f"读不出这一行（{problem}）。请核对引号是否成对。", f"This line cannot be read ({problem}). See whether each quote is closed.")
        )  # fmt: skip
        return []
    if lacking:
        told = ", ".join(sorted(lacking))
        problems.append(Problem(file.name, f"缺少列：{told}。", f"Columns are missing: {told}."))
    problems += _doubles(file.name, rows)
    return rows


def _row(name: str, line: int, cells_: dict[Any, Any], problems: list[Problem]) -> Row:
    if None in cells_ or None in cells_.values():
        problems.append(
            Problem(
                f"{name} {line}",
                "格数和表头不同。含逗号的内容要放在双引号里。",
                "The number of cells is not that of the head. Put text that has commas in double quotes.",
            )
        )
    return Row({key: (text or "").strip() for key, text in cells_.items() if key}, line=line)


def _doubles(name: str, rows: list[Row]) -> Iterator[Problem]:
    """Yield a row without number, or with the number of an earlier one."""
    first: dict[str, int] = {}
    for row in rows:
        number = row["number"]
        if not number:
            yield Problem(f"{name} {row.line}", "编号空着，请填上。", "The number is empty. Write one.")
        elif number in first:
            yield Problem(
                f"{name} {row.line}",
                f"编号{number}与第{first[number]}行重复。请改其中一个。",
                f"The number {number} stands in line {first[number]} already. Change one of them.",
            )
        first.setdefault(number, row.line)


def _unknown(
    where: str, column: str, text: str, known: Iterable[str], *, how_zh: str = "", how_en: str = ""
) -> Problem:
    told = ", ".join(sorted(one or '""' for one in known))
    return Problem(
        where,
        f"{column}一栏的“{text}”不认识，{how_zh or f'只能是：{told}。'}",
        f"'{text}' in the column {column} is not known. {how_en or f'Write one of {told}.'}",
    )


def _unknown_unit(where: str, column: str, text: str) -> Problem:
    return _unknown(
        where,
        column,
        text,
        (),
        how_zh="请核对写法；确是新单位的，在plan.yaml的units里加一行“英文: 中文”。",
        how_en="Check how it is written; a new unit gets its line 'English: Chinese' under units in plan.yaml.",
    )


def _with_goal(row: Row, units: Mapping[str, str], problems: list[Problem]) -> Row:
    where = f"indicators.csv {row.line}"
    words = {"path": PATHS, "source": {"", *FORMULAS}, "is_sampled": {"", "yes"}, "attribute": ATTRIBUTES}
    if row.optional("frequency") not in FREQUENCIES:
        problems.append(_unknown(where, "frequency", row.optional("frequency"), FREQUENCIES))
    if row.optional("by_county") not in {"", "yes"}:
        problems.append(_unknown(where, "by_county", row.optional("by_county"), {"", "yes"}))
    problems += [
        _unknown(where, column, row[column], known)
        for column, known in words.items()
        if row[column] not in known
    ]
    problems += [
        Problem(where, f"{column}一栏空着，请填上。", f"The column {column} is empty. Fill it in.")
        for column in ("group_zh", "group_en", "name_zh", "name_en", "unit_zh", "unit_en")
        if not row[column]
    ]
    if row["unit_zh"] and row["unit_zh"] not in units.values():
        problems.append(_unknown_unit(where, "unit_zh", row["unit_zh"]))
    try:
        made = cells.goal(
            row["baseline"], row["target"], unit=row["unit_zh"], is_binding=row["attribute"] == "binding"
        )
    except cells.WrongCell as wrong:
        problems.append(Problem(where, wrong.message_zh, wrong.message_en))
        return row
    if row["path"] == "geometric" and not _can_grow(made):
        problems.append(
            Problem(
                where,
                "path写的是geometric（按比例增长），但基期值和目标要都大于零。请改为linear。",
                "The path is geometric, but baseline and target must both be above zero. Write linear.",
            )
        )
    if row.optional("by_county") == "yes" and not rules.adds_up(made.basis, row["unit_zh"]):
        problems.append(
            Problem(
                where,
                "by_county写的是yes，但这种值加不起来。只有累计数、新增数和以%、/千人等为单位的比例可以由县（区）加总。",
                "by_county is yes, but such values do not add up. Stocks, what is new, and rates in %, of 1,000 people or the like do.",
            )
        )
    return Row(row.cells, made, row.line)


def _can_grow(goal: Goal) -> bool:
    return goal.start is not None and goal.start > 0 and goal.target > 0


def _wrong_promises(files: PlanFiles, units: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what of the commitments cannot be judged: an unknown word or unit, a day that is no year, a lost paragraph."""
    paragraphs = {row["number"] for row in files.paragraphs}
    for row in files.commitments:
        where = f"commitments.csv {row.line}"
        words = {"operator": promise_rules.OPERATORS, "basis": promise_rules.BASES, "unit": {"", *units}}
        for column, known in words.items():
            if row[column] not in known:
                yield (
                    _unknown_unit(where, column, row[column])
                    if column == "unit"
                    else _unknown(where, column, row[column], known)
                )
        if row["due"] and not _YEAR.fullmatch(row["due"]):
            yield _no_year(where, "due", row["due"])
        if row["paragraph"] not in {"", *paragraphs}:
            yield Problem(
                where,
                f"paragraphs.csv里没有段落{row['paragraph']}。请改为这项承诺所在的段落。",
                f"There is no paragraph {row['paragraph']} in paragraphs.csv. Write the one that promises it.",
            )


def _no_year(where: str, column: str, text: str) -> Problem:
    return Problem(
        where,
        f"{column}一栏的“{text}”不是年份，请写四位数字，如2030。",
        f"'{text}' in the column {column} is no year. Write four digits, such as 2030.",
    )


def _wrong_paragraphs(files: PlanFiles) -> Iterator[Problem]:
    """Yield a paragraph of an unknown kind, a year that is none, a task without its owner."""
    for row in files.paragraphs:
        where = f"paragraphs.csv {row.line}"
        if row["kind"] not in KINDS:
            yield _unknown(where, "kind", row["kind"], KINDS)
        for column in ("from_year", "to_year"):
            if row[column] and not _YEAR.fullmatch(row[column]):
                yield _no_year(where, column, row[column])
        if row["kind"] in TASKS and not (row["owner_zh"] and row["owner_en"]):
            yield Problem(
                where,
                "任务没有写责任单位。请填owner_zh和owner_en。",
                "A task has no owner. Fill in owner_zh and owner_en.",
            )


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
                    f"paragraphs.csv {row.line}",
                    f"{column}里没有{told}。请改正编号，或者补上那一行。",
                    f"There is no {told} in {column}. Correct the number, or add its row.",
                )
    if not files.indicators or not files.paragraphs:
        yield Problem("plan", "没有指标或者没有段落。", "There are no indicators or no paragraphs.")
