"""What a council or a consumer wrote, read and judged before anything is kept. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zhijian.apps.consumer.bay_area.codes import CURRENCIES, LANGUAGES
from zhijian.apps.consumer.bay_area.rules import Problem, document_problem

_PLAIN = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")  # no sign, no power of ten, no digits of other scripts


def amount_of(text: str, currency: str) -> tuple[Decimal | None, list[Problem]]:
    """Return a sum in the currency in which it was paid; it is kept as given and never converted."""
    plain = text.replace(",", "").replace("，", "").strip()
    if currency not in CURRENCIES:
        known = "、".join(CURRENCIES)
        return None, [
            Problem(
                "currency",
                f"不认识币种“{currency[:10]}”，可用：{known}。",
                f"The currency '{currency[:10]}' is not known. Known are: {', '.join(CURRENCIES)}.",
            )
        ]
    if not plain:
        return None, []
    amount = Decimal(plain) if _PLAIN.fullmatch(plain) else Decimal(0)
    if not amount:
        return None, [
            Problem("amount", "金额写数字，最多两位小数。", "Give the sum in digits, two decimals at most.")
        ]
    return amount, []


def delivery_problems(row: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a delivery of a council; empty where it can be taken in."""
    problems = [
        Problem(name, f"缺少{zh}。", f"{en} is missing.")
        for name, zh, en in (
            ("reference", "对方编号", "The reference"),
            ("consumer_name", "消费者姓名", "The consumer's name"),
            ("trader_name", "商户名称", "The trader's name"),
            ("facts", "争议经过", "What happened"),
        )
        if not str(row.get(name) or "").strip()
    ]
    if not (row.get("consumer_phone") or row.get("consumer_email")):
        problems.append(
            Problem("consumer_phone", "电话和邮箱至少要有一个。", "A phone or an e-mail is needed.")
        )
    if row.get("consents_to_transfer") is not True:
        problems.append(
            Problem(
                "consents_to_transfer",
                "对方没有确认消费者同意把个人资料转到内地，不能收。",
                "The council does not confirm that the consumer agreed to the transfer of personal data.",
            )
        )
    if row.get("language") not in LANGUAGES:
        problems.append(
            Problem("language", "文字须为zh-hant、zh-hans或en。", "The language is zh-hant, zh-hans or en.")
        )
    place = str(row.get("division_code") or "")
    if not re.fullmatch(r"44[0-9]{4}([0-9]{3})?", place):
        problems.append(
            Problem(
                "division_code",
                "商户须在广东，写6位区划代码。",
                "The trader must be in Guangdong; give its 6-digit division.",
            )
        )
    problems += amount_of(str(row.get("amount") or ""), str(row.get("currency") or ""))[1]
    wrong = document_problem(str(row.get("id_type") or ""), str(row.get("id_number") or ""))
    return [*problems, wrong] if wrong else problems


def digest_of(row: Mapping[str, Any]) -> str:
    """Return the fingerprint of a delivery's content, the same however its fields are ordered."""
    plain = {name: str(value) for name, value in row.items() if value not in (None, "")}
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
