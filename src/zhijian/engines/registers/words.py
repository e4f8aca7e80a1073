"""The words under which an entity is found: bigrams and their like, split before SQLite sees them.

SQLite's own trigram index finds nothing, and says nothing, for one or two characters, and searches of two
characters are normal in Chinese. So every name is cut into characters and pairs of neighbours here; pairs
say only "may match", and the caller checks the fragment itself afterwards (`query`).

Words of different kinds cannot meet: names give one or two characters, codes four, and everything else
begins with a private-use character. Beside the words of its text an entity has words for what it can be
filtered by, so that a filter narrows the same index instead of being tried row by row.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise, product

from zhijian.engines.registers.folding import SHORT_FORM_HEAD, initials_of, short_form

START = "\ue000"
END = "\ue001"
_INITIALS = "\ue002"
_ADDRESS = "\ue003"
_FACET = "\ue004"
CODE_WORD_LENGTH = 4
INITIALS_RUN = 4


def _pairs(text: str) -> Iterable[str]:
    return map("".join, pairwise(text))


def words_of_fragment(folded: str, *, from_start: bool = False, to_end: bool = False) -> set[str]:
    """Return the words that every name with this fragment has; `from_start`: every name that begins so."""
    text = (START if from_start else "") + folded + (END if to_end else "")
    return set(_pairs(text)) if len(text) > 1 else {text}


def words_of_name(folded: str) -> set[str]:
    """Return all words of a name: characters, pairs, ends, and those of its short form."""
    words = {*folded, *_pairs(START + folded + END)}
    short = short_form(folded)
    return words if short == folded else words.union(_pairs(START + short + END))


def words_of_address(folded: str) -> set[str]:
    return {_ADDRESS + pair for pair in _pairs(folded)}


def words_of_initials(letters: str, *, from_start: bool = False) -> set[str]:
    """Return the words that every name has whose pinyin initials contain, or begin with, `letters`.

    Pairs of letters are shared by too many names to be of use in a longer query: from four on, runs of four.
    """
    text = (START if from_start else "") + letters
    length = INITIALS_RUN if len(text) >= INITIALS_RUN else 2
    return {_INITIALS + text[start : start + length] for start in range(len(text) - length + 1)}


def initials_of_name(folded: str) -> set[str]:
    """Return runs of two and four pinyin initials, with every usual reading of each character."""
    words = _runs_of_initials(folded)
    short = short_form(folded)
    if short != folded:  # it differs within the head alone
        words |= _runs_of_initials(short[: SHORT_FORM_HEAD + INITIALS_RUN])
    return words


def _runs_of_initials(form: str) -> set[str]:
    possible = [START, *map(initials_of, form)]
    first_readings = "".join([letters[:1] or " " for letters in possible])
    words: set[str] = set()
    for length in (2, INITIALS_RUN):
        starts = range(len(possible) - length + 1)
        words.update([_INITIALS + first_readings[start : start + length] for start in starts])
        for place in (place for place, letters in enumerate(possible) if len(letters) > 1):
            for start in range(max(0, place - length + 1), min(place + 1, len(starts))):
                words.update(map("".join, product((_INITIALS,), *possible[start : start + length])))
    return {word for word in words if " " not in word}


def words_of_code(code: str) -> set[str]:
    """Return every run of four characters of a code or of a fragment of one, in small letters."""
    return {code[start : start + CODE_WORD_LENGTH] for start in range(len(code) - CODE_WORD_LENGTH + 1)}


@lru_cache(maxsize=20_000)
def facet_word(facet: str, value: str) -> str:
    """Return the word of a filter: `facet` is a letter, `value` any text, in hexadecimal to stay one word."""
    return f"{_FACET}{facet}{value.encode().hex()}"
