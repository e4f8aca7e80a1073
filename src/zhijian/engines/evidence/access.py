"""Who may see the files of a case: each application answers for its own kind of owner."""

from collections.abc import Callable

from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden

Check = Callable[[str, Officer], str]
"""Takes the owner's id and an officer; returns the subject under which the look is recorded, or raises Forbidden."""

SeesAny = Callable[[Officer], bool]
"""Says whether an officer may see anything at all of this kind of owner in the own unit, for lists."""

_CHECKS: dict[str, Check] = {}
_SEES_ANY: dict[str, SeesAny] = {}


def register(owner_kind: str, check: Check, sees_any: SeesAny | None = None) -> None:
    """Name who answers for the files of this kind of owner. Called once, when the application is ready."""
    _CHECKS[owner_kind] = check
    if sees_any is not None:
        _SEES_ANY[owner_kind] = sees_any


def is_registered(owner_kind: str) -> bool:
    return owner_kind in _CHECKS


def is_closed(owner_kind: str) -> bool:
    """Say whether not even the existence of such a thing is told to everybody."""
    return owner_kind in _SEES_ANY


def hidden_kinds(officer: Officer) -> list[str]:
    """Return the kinds of owner of which this officer's lists show nothing."""
    return [kind for kind, sees in _SEES_ANY.items() if not sees(officer)]


def check_view(owner_kind: str, owner_id: str, officer: Officer) -> str:
    """Return the subject of the look.

    Raises:
        Forbidden: the application says no, or nobody answers for this kind of owner.
    """
    check = _CHECKS.get(owner_kind)
    if check is None:
        raise Forbidden("没有人能看这个文件。", "Nobody may see this file.")
    return check(owner_id, officer)
