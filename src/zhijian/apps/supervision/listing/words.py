"""How grounds are called on pages and papers."""

from zhijian.apps.supervision.listing.rules import Ground


def ground_words(code: str) -> tuple[str, str]:
    """Return a ground as pages and papers name it: (Chinese, English)."""
    return _WORDS[Ground(code)]


_WORDS = {
    Ground.ANNUAL_REPORT: ("未按规定公示年度报告", "no annual report published"),
    Ground.INSTANT_INFORMATION: ("未在责令的期限内公示有关信息", "ordered information not published in time"),
    Ground.FALSITY: ("公示信息隐瞒真实情况、弄虚作假", "published information conceals or falsifies"),
    Ground.UNREACHABLE: ("通过登记的住所（经营场所）无法联系", "cannot be reached at the registered premises"),
    Ground.NAME_NOT_CHANGED: ("名称被责令停止使用，期满未变更", "name ordered out of use and not changed"),
}  # fmt: skip


def numeral(number: int) -> str:
    """Return a number from 1 to 19 as articles write it."""
    digits = "零一二三四五六七八九"
    return digits[number] if number < 10 else "十" + (digits[number - 10] if number > 10 else "")
