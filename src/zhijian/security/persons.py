"""Two accounts are not two persons: who is behind an account is told by the staff number and the certificate's."""

from collections.abc import Iterable

from zhijian.security.models import Officer, RefusalKind
from zhijian.security.refusals import note

UNPROVEN = (
    "看不出是两个人：两个账号都要有工号，或者都要有执法证号。请管理员先登记工号，再来办理。",
    "It is not sure that these are two persons: both accounts need a staff number, or both a certificate number. Have it entered first.",
)


def numbers(officer: Officer) -> dict[str, str]:
    """Return the numbers by which somebody is known, by kind; what is empty says nothing."""
    known = {"staff": officer.staff_number, "certificate": officer.certificate_number}
    return {kind: _plain(number) for kind, number in known.items() if number.strip()}


def is_same_person(one: Officer, other: Officer) -> bool:
    """Say whether both accounts are one, or a number says that one person holds both."""
    mine, theirs = numbers(one), numbers(other)
    is_same = one.pk == other.pk or any(mine[kind] == theirs[kind] for kind in mine.keys() & theirs.keys())
    return _noted(one, other) if is_same else False


def is_one_of(officer: Officer, accounts: Iterable[int | None]) -> bool:
    """Say whether an officer, by this account or another one, is behind one of the accounts (numbers of rows)."""
    others = Officer.objects.filter(pk__in=[one for one in accounts if one is not None])
    return any(is_same_person(officer, one) for one in others)


def are_two_persons(one: Officer, other: Officer) -> bool:
    """Say whether it is sure that two persons stand behind the accounts: a kind of number that both have tells them apart."""
    if numbers(one).keys() & numbers(other).keys():
        return not is_same_person(one, other)
    return not _noted(one, other)


def _noted(one: Officer, other: Officer) -> bool:
    """Return that they may be one person. Where that leads to a refusal, it is known for what."""
    note(RefusalKind.DUTIES, accounts=frozenset({one.pk, other.pk}))
    return True


def _plain(number: str) -> str:
    return "".join(number.split()).casefold()
