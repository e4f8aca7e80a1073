"""Which header of a delivery is which field of the contract."""

import difflib
import re
import unicodedata

from zhijian.datazone.contracts import Contract, Field
from zhijian.datazone.ingest.errors import BadHeader

_NOISE = re.compile(r"[\s_\-*＊·.:：()（）\[\]【】]+")


def match(contract: Contract, headers: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return the place of each delivered field among the headers, and the headers that the contract lacks.

    A header may be the field's name, its Chinese label or one of its aliases; case, width, blanks, underscores and
    brackets do not matter.

    Raises:
        BadHeader: a required column is missing, or a field came twice.
    """
    known = {_plain(word): field.name for field in contract.fields for word in _words(field)}
    places: dict[str, list[int]] = {}
    ignored = []
    for place, header in enumerate(headers):
        name = known.get(_plain(header))
        if name is None:
            ignored.append(header)
        else:
            places.setdefault(name, []).append(place)
    _refuse_missing(contract, places, headers)
    for name, found in places.items():
        if len(found) > 1:
            raise BadHeader.twice(name, contract.field(name).label_zh, [headers[place] for place in found])
    return {name: found[0] for name, found in places.items()}, ignored


def _refuse_missing(contract: Contract, places: dict[str, list[int]], headers: list[str]) -> None:
    missing = [field for field in contract.fields if field.is_required and field.name not in places]
    if missing:
        free = [
            header for place, header in enumerate(headers) if not any(place in p for p in places.values())
        ]
        raise BadHeader.missing(
            [(field.name, field.label_zh, _nearest(field, free)) for field in missing], headers
        )


def _nearest(field: Field, headers: list[str]) -> str | None:
    """Return the header that most resembles one of the field's names, if one is near."""
    plain = {_plain(header): header for header in headers}
    scored = [
        (difflib.SequenceMatcher(None, _plain(word), header).ratio(), header)
        for word in _words(field)
        for header in plain
    ]
    score, header = max(scored, default=(0.0, ""))
    return plain[header] if score >= 0.5 else None


def _words(field: Field) -> tuple[str, ...]:
    return (field.name, field.column, field.label_zh, *field.aliases)


def _plain(header: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", header).casefold())
