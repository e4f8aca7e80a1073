"""Reads a report as people type it and says in words what is wrong with it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from zhijian.apps.supervision.annual_reports import contents
from zhijian.apps.supervision.annual_reports.contents import Column, Field, Form
from zhijian.standards import uscc
from zhijian.standards.bilingual import Problem
from zhijian.standards.whole_number import whole_number

MOST_ROWS = 50
_LONGEST = 200
_MOST_YUAN = Decimal(10) ** 14
_MONEY = re.compile(r"-?\d{1,15}(\.\d{1,2})?")
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,4})?")
_PHONE = re.compile(r"\+?\d{2,4}-?\d{3,12}(-\d{1,6})?")
_EMAIL = re.compile(r"[^@\s<>\"']{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}")
_WEB = re.compile(r"(https?://)?[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+(:\d{1,5})?(/[^\s<>\"']*)?")


@dataclass
class Reading:
    """What was typed, as values that can be kept, and what is wrong. Money stays text, so that no cent is lost."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(kind: str, year: int, typed: Mapping[str, Any]) -> Reading:
    """Read every field of a kind of entity. Fields that the kind does not report are left out."""
    found = read_fields(contents.fields_of(kind), year, typed)
    _check_together(found)
    return found


def read_fields(fields: Iterable[Field], year: int, typed: Mapping[str, Any]) -> Reading:
    """Read the fields given, each by itself."""
    found = Reading()
    for one in fields:
        if one.form is Form.ROWS:
            found.values[one.name] = _rows(one, year, typed.get(one.name) or (), found)
        else:
            text = _plain(typed.get(one.name))
            found.values[one.name] = _value(one.name, one.zh, one.en, one.form, text, found)
            if one.is_required and not text:
                found.problems.append(Problem(one.name, f"请填写{one.zh}。", f"Fill in: {one.en}."))
            if text and one.choices and text not in one.choices:
                found.problems.append(
                    Problem(one.name, f"请从列出的{one.zh}中选择。", f"{one.en}: choose one of the list.")
                )
    return found


def _plain(text: Any) -> str:
    """One line: full-width letters and digits as half-width ones, no control and no direction marks."""
    one = unicodedata.normalize("NFKC", text if isinstance(text, str) else "")[: _LONGEST + 1]
    return " ".join("".join(c if c.isprintable() else " " for c in one).split())


def _value(where: str, zh: str, en: str, form: Form, text: str, found: Reading) -> str | int | None:
    if not text:
        return None
    problem = _problem(where, zh, en, form, text)
    if problem is not None:
        found.problems.append(problem)
        return text
    return int(text) if form is Form.COUNT else text.replace(",", "") if form in _NUMBERS else text


_NUMBERS = (Form.MONEY, Form.BALANCE)


def _problem(where: str, zh: str, en: str, form: Form, text: str) -> Problem | None:
    """Return what is wrong with one text, in words that say what is expected."""
    match form:
        case Form.TEXT if len(text) > _LONGEST:
            return Problem(where, f"{zh}最多{_LONGEST}个字。", f"{en}: at most {_LONGEST} characters.")
        case Form.MONEY | Form.BALANCE:
            return _money_problem(where, zh, en, text, may_be_negative=form is Form.BALANCE)
        case Form.PERCENT if not (text.isascii() and _PERCENT.fullmatch(text) and Decimal(text) <= 100):
            return Problem(where, f"{zh}应为0到100的数字，最多四位小数。", f"{en}: a number from 0 to 100.")
        case Form.COUNT if whole_number(text, most_digits=7) is None:
            return Problem(
                where, f"{zh}应为0到9999999的整数，只用数字0到9。", f"{en}: a whole number from 0 to 9999999."
            )
        case Form.POSTCODE if not re.fullmatch(r"[0-9]{6}", text):
            return Problem(where, f"{zh}应为6位数字。", f"{en}: six digits.")
        case Form.PHONE if not (text.isascii() and _PHONE.fullmatch(text)):
            return Problem(
                where, f"{zh}应为电话号码，例如020-12345678。", f"{en}: a number such as 020-12345678."
            )
        case Form.EMAIL if not (text.isascii() and _EMAIL.fullmatch(text)):
            return Problem(
                where, f"{zh}不是邮箱地址，例如name@example.com。", f"{en}: such as name@example.com."
            )
        case Form.ADDRESS if not (text.isascii() and _WEB.fullmatch(text)):
            return Problem(
                where, f"{zh}应为网址，例如https://example.com。", f"{en}: such as https://example.com."
            )
        case Form.DAY if _day(text) is None:
            return Problem(where, f"{zh}应为日期，例如2026-01-31。", f"{en}: a day such as 2026-01-31.")
        case Form.STATE if where == "state" and text not in contents.STATES:
            return Problem(where, f"请从列出的{zh}中选择。", f"{en}: choose one of the list.")
    return None


def _money_problem(where: str, zh: str, en: str, text: str, *, may_be_negative: bool) -> Problem | None:
    bare = text.replace(",", "")
    if not (bare.isascii() and _MONEY.fullmatch(bare)):
        return Problem(
            where,
            f"{zh}应为以元为单位的数字，最多两位小数，例如1234567.89。",
            f"{en}: a number of yuan with at most two decimals, such as 1234567.89.",
        )
    if bare.startswith("-") and not may_be_negative:
        return Problem(where, f"{zh}不能是负数。", f"{en} cannot be negative.")
    if abs(Decimal(bare)) > _MOST_YUAN:
        return Problem(
            where, f"{zh}超过一百万亿元，请核对单位是不是元。", f"{en}: too large. Is the unit yuan?"
        )
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _rows(one: Field, year: int, typed: Any, found: Reading) -> list[dict[str, Any]]:
    """Read the rows that hold anything; each must be whole."""
    kept: list[dict[str, Any]] = []
    for number, row in enumerate(typed if isinstance(typed, list | tuple) else ()):
        texts = {column.name: _plain(row.get(column.name)) for column in one.columns}
        if not any(texts.values()):
            continue
        if len(kept) == MOST_ROWS:
            found.problems.append(
                Problem(one.name, f"{one.zh}最多{MOST_ROWS}行。", f"{one.en}: at most {MOST_ROWS} rows.")
            )
            break
        place = f"{one.name}-{number}"
        kept.append(
            {
                column.name: _cell(place, one, column, texts[column.name], year, found)
                for column in one.columns
            }
        )
    return kept


_MAY_BE_EMPTY = {"subscribed_on", "paid_on"}


def _cell(place: str, one: Field, column: Column, text: str, year: int, found: Reading) -> Any:
    where, zh, en = f"{place}-{column.name}", f"{one.zh}的“{column.zh}”", f"{one.en}, {column.en}"
    if not text and column.name not in _MAY_BE_EMPTY:
        found.problems.append(Problem(where, f"请填写{zh}。", f"Fill in: {en}."))
    if text and column.choices and text not in column.choices:
        found.problems.append(Problem(where, f"请从列出的{zh}中选择。", f"{en}: choose one of the list."))
    if text and column.name == "uscc" and not uscc.is_valid(text.upper()):
        found.problems.append(
            Problem(where, f"{zh}的校验码不对，请核对18位代码。", f"{en}: the check digit is wrong.")
        )
    value = _value(where, zh, en, column.form, text, found)
    day = _day(text) if column.form is Form.DAY and column.name in ("paid_on", "on") else None
    if day is not None and day.year > year:
        found.problems.append(
            Problem(where, f"{zh}晚于报告年度{year}年，请核对。", f"{en}: after the reported year {year}.")
        )
    return value


def _check_together(found: Reading) -> None:
    """Say what contradicts what; only of numbers that can be read."""
    if any(
        problem.field in ("assets", "liabilities", "equity", "revenue", "main_revenue")
        for problem in found.problems
    ):
        return
    assets, liabilities, equity = (_number(found, name) for name in ("assets", "liabilities", "equity"))
    if None not in (assets, liabilities, equity) and abs(assets - liabilities - equity) > 1:  # type: ignore[operator]
        found.problems.append(
            Problem(
                "equity",
                f"资产总额减负债总额是{assets - liabilities}元，与所有者权益{equity}元不等，请核对。",  # type: ignore[operator]
                f"Assets less liabilities are {assets - liabilities} yuan, not the equity of {equity}.",  # type: ignore[operator]
            )
        )
    revenue, main = _number(found, "revenue"), _number(found, "main_revenue")
    if revenue is not None and main is not None and main > revenue:
        found.problems.append(
            Problem(
                "main_revenue",
                "主营业务收入不能大于营业总收入。",
                "Revenue of the main business cannot exceed total revenue.",
            )
        )
    for number, row in enumerate(found.values.get("transfers") or ()):
        for name in ("before", "after"):
            share = _decimal(row.get(name))
            if share is not None and share > 100:
                found.problems.append(
                    Problem(f"transfers-{number}-{name}", "比例不能大于100%。", "A share cannot exceed 100%.")
                )


def _number(found: Reading, name: str) -> Decimal | None:
    return _decimal(found.values.get(name))


def _decimal(text: Any) -> Decimal | None:
    try:
        return Decimal(text) if isinstance(text, str) and text else None
    except InvalidOperation:
        return None
