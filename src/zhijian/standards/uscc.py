"""Unified social credit code (统一社会信用代码, GB 32100-2015): read, check, explain, compute.

A code that fails is explained, never repaired: a suggestion is a question to the person who typed it.
Order of the checks: length, characters, 18th character, organisation code inside (positions 9 to 17). The
first three refuse. A wrong organisation code inside a right 18th character is flagged and accepted, because
such codes were lawfully issued; so were a few early ones whose 18th character is wrong, for which an officer
may overrule the check with a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from zhijian.standards import organisation_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # index = value: 31 characters, without I, O, S, V, Z
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3^(i−1) mod 31
LENGTH = 18
SEPARATORS = " \t\r\n\u3000\u00a0\ufeff-－"  # blanks and hyphens that people put between groups: left out

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FULL_WIDTH = "".join(chr(ord(character) + 0xFEE0) for character in "0123456789" + _UPPER + _UPPER.lower())
TYPED = _FULL_WIDTH + _UPPER.lower()  # how people also type …
READ_AS = "0123456789" + _UPPER + _UPPER + _UPPER  # … these characters: same place, same meaning
_NORMAL = str.maketrans(TYPED, READ_AS, SEPARATORS)

_DEPARTMENTS = "123456789ANY"  # SOURCE: GB 32100-2015 with its 2016 amendment

# Letters outside the code's alphabet, and what was probably meant; the likeliest first.
_MEANT = {
    "O": "0DQ", "I": "1LJ", "Z": "2", "S": "5", "V": "UY", "×": "X", "Х": "X", "Χ": "X", "А": "A", "Α": "A",
    "В": "B", "Β": "B", "С": "C", "Е": "E", "Ε": "E", "Н": "H", "Η": "H", "К": "K", "Κ": "K", "М": "M",
    "Μ": "M", "Р": "P", "Ρ": "P", "Т": "T", "Τ": "T", "О": "0", "Ο": "0", "〇": "0", "Ⅰ": "1", "У": "Y",
}  # fmt: skip
# Characters of the alphabet that are read for one another.
_CONFUSED = {
    "0": "DQ", "D": "0Q", "Q": "0D", "1": "L7J", "L": "1", "J": "1", "7": "1T", "T": "7", "8": "B3",
    "B": "83", "3": "8B", "5": "6", "6": "G5", "G": "6C", "C": "G", "U": "WY", "W": "U", "Y": "XU",
    "X": "YK", "K": "X", "M": "N", "N": "MH", "H": "N", "P": "R", "R": "P", "E": "F", "F": "E", "2": "7",
    "4": "9A", "9": "4", "A": "4",
}  # fmt: skip


@dataclass(frozen=True)
class CodeProblem:
    """What is wrong with a code, where, and what would be right."""

    kind: str  # 'length', 'charset', 'check_18', 'check_organisation'; 'check_15' for a registration number
    position: int | None  # counted from 1; None where it is the whole code
    found: str
    expected: str
    message_zh: str
    message_en: str
    suggestion: str | None = None  # the whole code that was perhaps meant; to be asked, never to be filled in


class InvalidCode(ValueError):
    """A code that is refused. `problems` lists why, in the order of the checks."""

    def __init__(self, text: str, problems: tuple[CodeProblem, ...]) -> None:
        super().__init__(" ".join(problem.message_zh for problem in problems))
        self.text = text
        self.problems = problems


@dataclass(frozen=True)
class UnifiedSocialCreditCode:
    """A credit code that passed its checks, or that an officer let pass."""

    value: str
    flags: tuple[CodeProblem, ...] = ()  # accepted, but to be looked at
    overruled_by: str | None = None
    overruled_reason: str | None = None

    @classmethod
    def parse(
        cls, text: str, *, overruled_by: str | None = None, reason: str | None = None
    ) -> "UnifiedSocialCreditCode":
        """Return the code written in `text`; lower case, full width, blanks and hyphens allowed.

        An officer (`overruled_by`) may accept, with a `reason`, a code whose 18th character is wrong; never
        one with a wrong length or a character outside the standard.

        Raises:
            InvalidCode: the code is refused; `.problems` says why, with a suggestion where a character
                that looks alike would make it right.
            ValueError: `overruled_by` without a `reason`.
        """
        if overruled_by and not (reason and reason.strip()):
            raise ValueError("改变校验结论须写明理由。To overrule the check, give a reason.")
        value = normalise(text)
        problems = find_problems(value)
        refused = [problem for problem in problems if problem.kind != "check_organisation"]
        if not refused:
            return cls(value, problems)
        if overruled_by and all(problem.kind == "check_18" for problem in refused):
            return cls(value, problems, overruled_by, reason)
        raise InvalidCode(value, problems)

    @property
    def department_code(self) -> str:
        """Position 1: the department that registers."""
        return self.value[0]

    @property
    def class_code(self) -> str:
        """Position 2: the class of institution within the department."""
        return self.value[1]

    @property
    def registrar_division_code(self) -> str:
        """Positions 3 to 8: the registrar's division when the code was issued, never that of today."""
        return self.value[2:8]

    @property
    def organisation_code(self) -> str:
        """Positions 9 to 17: the organisation code of GB 11714."""
        return self.value[8:17]

    def __str__(self) -> str:
        return self.value


def normalise(text: str) -> str:
    """Return `text` as the checks read it: half width, upper case, without blanks and hyphens."""
    return text.translate(_NORMAL)


def check_character(first17: str) -> str:
    """Return the 18th character from the first seventeen.

    SOURCE: GB 32100-2015: C18 = (31 − Σ C(i)·W(i) mod 31) mod 31, written in the code's own alphabet.

    Raises:
        ValueError: not seventeen characters of the alphabet.
    """
    if len(first17) != len(WEIGHTS) or any(character not in ALPHABET for character in first17):
        raise ValueError(
            f"{first17!r} is not seventeen characters of {ALPHABET}. Give the code without its last."
        )
    total = sum(
        ALPHABET.index(character) * weight for character, weight in zip(first17, WEIGHTS, strict=True)
    )
    return ALPHABET[-total % 31]


def is_valid(text: str) -> bool:
    """Say whether `text` would be accepted without an officer (a flag does not refuse)."""
    return all(problem.kind == "check_organisation" for problem in find_problems(normalise(text)))


def find_problems(value: str) -> tuple[CodeProblem, ...]:
    """Return what is wrong with a normalised code, in the order of the checks; nothing for a right one."""
    if len(value) != LENGTH:
        return (_wrong_length(value),)
    strange = [position for position, character in enumerate(value) if character not in ALPHABET]
    if strange:
        suggestion = next(_readings(value, strange), None)
        return tuple(_strange_character(value, position, suggestion) for position in strange)
    wrong_check, wrong_organisation = _wrong_check(value), _wrong_organisation(value)
    return tuple(problem for problem in (wrong_check, wrong_organisation) if problem)


def suggestions(value: str) -> list[str]:
    """Return the right codes that differ from a normalised code only by characters that look alike.

    A code outside the alphabet: every strange letter read as a character it looks like. A code whose 18th
    character fails: one character replaced. The 18th character and the organisation code must come right.
    """
    if len(value) != LENGTH:
        return []
    strange = [position for position, character in enumerate(value) if character not in ALPHABET]
    found = _readings(value, strange) if strange else _single_replacements(value)
    return list(dict.fromkeys(found))


def _readings(value: str, strange: list[int]) -> Iterator[str]:
    choices = [_MEANT.get(value[position], "") for position in strange]
    if len(strange) > 4 or not all(choices):
        return
    for letters in product(*choices):
        read = list(value)
        for position, letter in zip(strange, letters, strict=True):
            read[position] = letter
        if _is_right("".join(read)):
            yield "".join(read)


def _single_replacements(value: str) -> Iterator[str]:
    for position, character in enumerate(value):
        for other in _CONFUSED.get(character, ""):
            replaced = value[:position] + other + value[position + 1 :]
            if _is_right(replaced):
                yield replaced


def _is_right(value: str) -> bool:
    is_possible = value[0] in _DEPARTMENTS and value[1:8].isdigit()  # class and division are always digits
    return is_possible and check_character(value[:17]) == value[17] and not _wrong_organisation(value)


def _wrong_length(value: str) -> CodeProblem:
    return CodeProblem(
        "length", None, str(len(value)), str(LENGTH),
        f"统一社会信用代码应为18位，您输入了{len(value)}位。请对照营业执照核对。",
        f"A unified social credit code has 18 characters, this has {len(value)}. See the licence.",
    )  # fmt: skip


def _strange_character(value: str, position: int, suggestion: str | None) -> CodeProblem:
    found, expected = value[position], _MEANT.get(value[position], "")[:1]
    hint_zh = f"是否应为“{expected}”？" if expected else ""
    hint_en = f" Did you mean '{expected}'?" if expected else ""
    return CodeProblem(
        "charset", position + 1, found, expected or ALPHABET,
        f"第{position + 1}位“{found}”不能用于统一社会信用代码（不使用字母I、O、S、V、Z）。"
        f"{hint_zh}请对照营业执照核对。",
        f"Character {position + 1}, '{found}', is not used in credit codes (no I, O, S, V, Z).{hint_en}",
        suggestion,
    )  # fmt: skip


def _wrong_check(value: str) -> CodeProblem | None:
    expected = check_character(value[:17])
    if expected == value[17]:
        return None
    found = list(dict.fromkeys(_single_replacements(value)))
    suggestion = found[0] if len(found) == 1 else None
    hint_zh = f"是否为{suggestion}？" if suggestion else ""
    hint_en = f" Did you mean {suggestion}?" if suggestion else ""
    return CodeProblem(
        "check_18", LENGTH, value[17], expected,
        f"第18位（校验码）应为“{expected}”，现为“{value[17]}”；前17位写错一位也会这样。"
        f"{hint_zh}请对照营业执照核对。",
        f"The 18th character should be {expected}, it is {value[17]}; one wrong character before it has "
        f"the same effect.{hint_en}",
        suggestion,
    )  # fmt: skip


def _wrong_organisation(value: str) -> CodeProblem | None:
    expected = organisation_code.check_character(value[8:16])
    if expected == value[16]:
        return None
    return CodeProblem(
        "check_organisation", 17, value[16], expected,
        f"第9至17位的组织机构代码校验码（第17位）应为“{expected}”，现为“{value[16]}”。"
        "少数依法发放的代码如此，请核对后保留。",
        f"The check of the organisation code inside (character 17) should be {expected}, it is {value[16]}. "
        "Some lawful codes are like this: look, and keep it.",
    )  # fmt: skip
