"""Registration number (注册号, GS 15-2006): the fifteen digits that entities had before the credit code."""

from dataclasses import dataclass

from zhijian.standards.uscc import CodeProblem, InvalidCode, normalise

LENGTH = 15


@dataclass(frozen=True)
class RegistrationNumber:
    """A right registration number."""

    value: str

    @property
    def registrar_code(self) -> str:
        """The registrar's division at the time of issue; never the division of today."""
        return self.value[:6]

    @property
    def entity_kind_code(self) -> str:
        """'domestic_enterprise', 'foreign_enterprise', 'foreign_office' or 'individual_business'.

        ASSUMPTION: a serial number that begins with 6–9 is an individual business (from memory).
        """
        first = self.value[6]
        if first <= "3":
            return "domestic_enterprise"
        return {"4": "foreign_enterprise", "5": "foreign_office"}.get(first, "individual_business")

    @classmethod
    def parse(cls, text: str) -> "RegistrationNumber":
        """Return the number written in `text`, full-width digits, blanks and hyphens allowed.

        Raises:
            InvalidCode: not fifteen digits, or the check digit is another; `.problems` says where.
        """
        value = normalise(text)
        problem = _problem(value)
        if problem:
            raise InvalidCode(value, (problem,))
        return cls(value)

    def __str__(self) -> str:
        return self.value


def check_digit(first14: str) -> str:
    """Return the fifteenth digit: ISO 7064 MOD 11,10.

    SOURCE: GS 15-2006, from memory; it reproduces the published number 110108000000016.

    Raises:
        ValueError: not fourteen digits.
    """
    if len(first14) != LENGTH - 1 or not _is_digits(first14):
        raise ValueError(f"{first14!r} is not fourteen digits. Give the number without its check digit.")
    product = 10
    for digit in first14:
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return str((11 - product) % 10)


def _problem(value: str) -> CodeProblem | None:
    if len(value) != LENGTH:
        return CodeProblem(
            "length", None, str(len(value)), str(LENGTH),
            f"注册号应为15位数字，您输入了{len(value)}位。请对照原营业执照核对。",
            f"A registration number has 15 digits, this has {len(value)}. Compare it with the old licence.",
        )  # fmt: skip
    for position, character in enumerate(value, start=1):
        if not _is_digits(character):
            return CodeProblem(
                "charset", position, character, "0-9",
                f"第{position}位“{character}”不是数字。注册号只含数字，请对照原营业执照核对。",
                f"Character {position}, '{character}', is no digit. Compare it with the old licence.",
            )  # fmt: skip
    expected = check_digit(value[:14])
    if expected != value[14]:
        return CodeProblem(
            "check_15", LENGTH, value[14], expected,
            f"第15位（校验码）应为{expected}，现为{value[14]}；前14位写错一位也会这样。请对照原营业执照核对。",
            f"The 15th digit should be {expected}, it is {value[14]}; one wrong digit before it does the same.",
        )  # fmt: skip
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
