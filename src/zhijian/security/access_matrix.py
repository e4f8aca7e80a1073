"""The matrix of access: every address against every kind of visitor, reckoned from the table and the rights."""

from collections.abc import Iterator

from zhijian.security.addresses import Answer, Door, answer, declared
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Permission

_WORDS = {
    Answer.OPEN: "yes",
    Answer.SIGN_IN: "sign in",
    Answer.SIGN_IN_FOR_FIRM: "sign in for a firm",
    Answer.FORBIDDEN: "no",
    Answer.ABSENT: "no",
}
_BY_OWN_PROOF = {Door.OWN_CODE: "with its code", Door.SYSTEM: "with its key"}
VISITORS = ("signed out", "firm", "no unit", "closed account", *Role.values)
"""Who may come: officers without a unit and with a closed account beside those in each single role."""


def sample(visitor: str, *, division: str = "440106") -> Officer | None:
    """Return an officer as the matrix means it (never stored), or nobody."""
    if visitor in ("signed out", "firm", "closed account"):
        return None  # the sessions of a closed account end before anything is asked
    unit = Organisation(code="x", name="x", name_en="x", level="county", division_code=division)
    roles = [visitor] if visitor in Role.values else list(Role.values)
    return Officer(username=visitor, roles=roles, organisation=None if visitor == "no unit" else unit)


def rows() -> Iterator[list[str]]:
    """Yield the heading, then one line per address, two where what is sent needs more than what is read."""
    yield ["address", "act", "opens for", *VISITORS]
    people = {visitor: sample(visitor) for visitor in VISITORS}
    for address, one in sorted(declared().items()):
        acts = {"read": one.opens_for, "send": one.acts_for}
        for act, needs in acts.items() if one.opens_for != one.acts_for else [("both", one.opens_for)]:
            words = [_word(needs, people[visitor], visitor) for visitor in VISITORS]
            yield [address, act, _said(needs), *words]


def _word(needs: Door | frozenset[Permission], officer: Officer | None, visitor: str) -> str:
    said = _WORDS[answer(needs, officer, has_firm=visitor == "firm")]
    return _BY_OWN_PROOF.get(needs, said) if isinstance(needs, Door) else said


def _said(needs: Door | frozenset[Permission]) -> str:
    return str(needs) if isinstance(needs, Door) else " ".join(sorted(needs))
