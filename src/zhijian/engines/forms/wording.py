"""What a form says when something is wrong: what, where, and how to mend it, in both languages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from zhijian.engines.forms.declaration import Field
from zhijian.engines.forms.words import Words


def _named(one: Field) -> tuple[str, str]:
    return one.title.zh, one.title.en or one.title.zh


def blank(one: Field) -> Words:
    zh, en = _named(one)
    if one.kind in {"choice", "choices", "boolean"}:
        return Words(f"请选择“{zh}”。", f"Choose an answer for “{en}”.")
    if one.kind == "list":
        return Words(f"请至少填一项“{zh}”。", f"Give at least one entry for “{en}”.")
    return Words(f"请填写“{zh}”。", f"Fill in “{en}”.")


def unreadable(one: Field, text: str) -> Words:
    zh, en = _named(one)
    shown = text if len(text) <= 20 else text[:20] + "…"
    if one.kind == "date":
        return Words(
            f"“{zh}”的“{shown}”不是一个日期。请写年-月-日，例如2026-11-22。",
            f"“{shown}” in “{en}” is not a date. Write year-month-day, for example 2026-11-22.",
        )
    if one.kind == "integer":
        return Words(
            f"“{zh}”的“{shown}”不是整数。请只写数字，例如12。",
            f"“{shown}” in “{en}” is not a whole number. Write digits only, for example 12.",
        )
    return Words(
        f"“{zh}”的“{shown}”不是一个数。请只写数字和小数点，例如1280.50。",
        f"“{shown}” in “{en}” is not a number. Write digits and a point only, for example 1280.50.",
    )


def too_long(one: Field, length: int, most: int) -> Words:
    zh, en = _named(one)
    return Words(
        f"“{zh}”最多{most:,}个字，现有{length:,}个。请删去{length - most:,}个字。",
        f"“{en}” takes at most {most:,} characters; this has {length:,}. Please cut {length - most:,}.",
    )


def too_many(one: Field, most: int) -> Words:
    zh, en = _named(one)
    return Words(f"“{zh}”最多{most}项。请删去多出的。", f"“{en}” takes at most {most} entries. Remove some.")


def no_email(one: Field) -> Words:
    zh, en = _named(one)
    return Words(
        f"“{zh}”应像 name@example.com。请核对。",
        f"“{en}” should look like name@example.com. Please check it.",
    )


def _too_short(one: Field, least: Any, value: Any) -> Words:
    zh, en = _named(one)
    return Words(
        f"“{zh}”至少{least}个字，现有{len(value)}个。请补充。",
        f"“{en}” needs at least {least} characters; this has {len(value)}. Please add to it.",
    )


def _pattern(one: Field, _rule: Any, _value: Any) -> Words:
    zh, en = _named(one)
    told = one.schema.get("x-pattern-words") or {}
    return Words(
        f"“{zh}”的写法不对。{told.get('zh', '请按说明核对。')}",
        f"“{en}” is not written as it should be. {told.get('en', 'Please check it against the hint.')}",
    )


def _bound(word_zh: str, word_en: str) -> Callable[[Field, Any, Any], Words]:
    def told(one: Field, rule: Any, value: Any) -> Words:
        zh, en = _named(one)
        return Words(
            f"“{zh}”应{word_zh}{rule}，现为{value}。请核对。",
            f"“{en}” should be {word_en} {rule}; it is {value}. Please check it.",
        )

    return told


def _multiple(one: Field, rule: Any, value: Any) -> Words:
    zh, en = _named(one)
    places = -int(rule.as_tuple().exponent) if isinstance(rule, Decimal) else 0
    if places > 0:
        return Words(
            f"“{zh}”最多{places}位小数，现为{value}。请核对。",
            f"“{en}” takes at most {places} decimals; it is {value}. Please check it.",
        )
    return Words(
        f"“{zh}”应是{rule}的倍数，现为{value}。", f"“{en}” should be a multiple of {rule}; it is {value}."
    )


def _few_items(one: Field, rule: Any, value: Any) -> Words:
    zh, en = _named(one)
    if not value:
        return blank(one)
    return Words(
        f"“{zh}”至少{rule}项，现有{len(value)}项。请补充。",
        f"“{en}” needs at least {rule}; there are {len(value)}. Please add more.",
    )


def _unknown_choice(one: Field, _rule: Any, _value: Any) -> Words:
    zh, en = _named(one)
    return Words(f"“{zh}”没有这个选项。请重新选择。", f"“{en}” has no such choice. Please choose again.")


def _not_agreed(one: Field, _rule: Any, _value: Any) -> Words:
    zh, en = _named(one)
    return Words(f"请勾选“{zh}”后再继续。", f"Tick “{en}” to go on.")


_TOLD: dict[str, Callable[[Field, Any, Any], Words]] = {
    "minLength": _too_short,
    "maxLength": lambda one, rule, value: too_long(one, len(value), rule),
    "pattern": _pattern,
    "minimum": _bound("不小于", "at least"),
    "maximum": _bound("不大于", "at most"),
    "exclusiveMinimum": _bound("大于", "more than"),
    "exclusiveMaximum": _bound("小于", "less than"),
    "multipleOf": _multiple,
    "minItems": _few_items,
    "maxItems": lambda one, rule, value: too_many(one, rule),
    "enum": _unknown_choice,
    "oneOf": _unknown_choice,
    "const": _not_agreed,
}


def broken(one: Field, keyword: str, rule: Any, value: Any) -> Words:
    """Say which rule of the schema a value breaks."""
    told = _TOLD.get(keyword)
    if told is None:
        zh, en = _named(one)
        return Words(f"“{zh}”不符合要求。请核对。", f"“{en}” is not as it should be. Please check it.")
    return told(one, rule, value)
