"""The check of credit codes (GB 32100-2015) as Ibis expressions: a column at once, on any engine.

They agree with `zhijian.standards.uscc` (compared on generated input). A code that is right as it stands takes
one pass; only the others are read again half width, upper case and without blanks, and then told apart.
"""

from functools import reduce
from operator import add

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue

from zhijian.standards import organisation_code
from zhijian.standards.uscc import ALPHABET, LENGTH, READ_AS, SEPARATORS, TYPED, WEIGHTS


def uscc_normalised(code: StringValue) -> StringValue:
    """Return the code as the checks read it: half width, upper case, without blanks and hyphens."""
    return code.translate(TYPED + SEPARATORS, READ_AS)


def uscc_problem(code: StringValue) -> StringValue:
    """Return why a code is refused: 'length', 'charset' or 'check_18'; null for a right code and for null."""
    is_right = _is_in_alphabet(code) & (_remainder(code) == 0)
    return ibis.ifelse(is_right, ibis.null("string"), _problem_once_read(code, uscc_normalised(code)))


def uscc_organisation_check_fails(code: StringValue) -> BooleanValue:
    """Say whether the organisation code at 9 to 17 fails its check (GB 11714): a flag, no reason to refuse.

    False where length or characters are wrong, so that nothing can be said; null for null.
    """
    is_right = _is_in_alphabet(code) & (_organisation_remainder(code) == 0)
    read = uscc_normalised(code)
    fails = _is_in_alphabet(read) & (_organisation_remainder(read).fill_null(1) != 0)
    return ibis.cases((code.isnull(), ibis.null("boolean")), (is_right, ibis.literal(False)), else_=fails)


def _problem_once_read(code: StringValue, read: StringValue) -> StringValue:
    return ibis.cases(
        (code.isnull(), ibis.null("string")),
        (read.length() != LENGTH, ibis.literal("length")),
        (~_is_in_alphabet(read), ibis.literal("charset")),
        (_remainder(read) != 0, ibis.literal("check_18")),
        else_=ibis.null("string"),
    )


def _is_in_alphabet(code: StringValue) -> BooleanValue:
    is_whole: BooleanValue = (code.length() == LENGTH) & code.re_search(f"^[{ALPHABET}]{{{LENGTH}}}$")
    return is_whole


def _remainder(code: StringValue) -> IntegerValue:
    """0 if the 18th character is right, where all characters are in the alphabet."""
    weighted = [_value(code, position, ALPHABET) * weight for position, weight in enumerate((*WEIGHTS, 1))]
    return reduce(add, weighted) % len(ALPHABET)


def _organisation_remainder(code: StringValue) -> IntegerValue:
    """0 if the ninth character of the organisation code is right; null if it is no possible check."""
    weighted = [
        _value(code, 8 + position, organisation_code.ALPHABET) * weight
        for position, weight in enumerate(organisation_code.WEIGHTS)
    ]
    check = _value(code, 16, organisation_code.CHECK_CHARACTERS).nullif(-1)
    return (reduce(add, weighted) + check) % 11


def _value(code: StringValue, position: int, alphabet: str) -> IntegerValue:
    return ibis.literal(alphabet).find(code.substr(position, 1))
