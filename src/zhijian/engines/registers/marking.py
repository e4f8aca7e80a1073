"""Where in a shown text the thing looked for stands, so that a page can mark it."""

from zhijian.engines.registers.folding import find_initials, fold
from zhijian.engines.registers.query import Query
from zhijian.engines.registers.records import Segment


def mark(text: str, typed: str) -> tuple[Segment, ...]:
    """Cut `text` into pieces and say which are what was typed: characters, or their pinyin initials.

    A text without a match is one piece.
    """
    query = Query.read(typed)
    folded, origins = _fold_with_origins(text)
    found = _find(query, folded)
    if found is None or not text:
        return (Segment(text, False),)
    start, length = found
    first, last = origins[start], origins[start + length - 1] + 1
    pieces = (Segment(text[:first], False), Segment(text[first:last], True), Segment(text[last:], False))
    return tuple(piece for piece in pieces if piece.text)


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    folded, origins = [], []
    for place, character in enumerate(text):
        for part in fold(character):
            folded.append(part)
            origins.append(place)
    return "".join(folded), origins


def _find(query: Query, folded: str) -> tuple[int, int] | None:
    for part in (query.text, *query.parts):
        if part and (place := folded.find(part)) >= 0:
            return place, len(part)
    if query.is_letters and (place := find_initials(query.text, folded)) >= 0:
        return place, len(query.text)
    return None
