"""The words under which an entity is found: bigrams and their like, split before SQLite sees them.

SQLite's own trigram index finds nothing, and says nothing, for one or two characters, and searches of two
characters are normal in Chinese. So every name is cut into characters and pairs of neighbours here; pairs
say only "may match", and the caller checks the fragment itself afterwards (`query`).

Words of different kinds cannot meet: names give one or two characters, codes four, and everything else
begins with a private-use character. Beside the words of its text an entity has words for what it can be
filtered by, so that a filter narrows the same index instead of being tried row by row.
"""

from collections.abc import Iterable
from itertools import pairwise, product

from zhijian.engines.registers.folding import initials_of, short_form

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
    words: set[str] = set()
    for form in {folded, short_form(folded)}:
        possible = [START, *map(initials_of, form)]
        for start in range(len(possible) - 1):
            words.update(map("".join, product((_INITIALS,), *possible[start : start + 2])))
            if start + INITIALS_RUN <= len(possible):
                words.update(map("".join, product((_INITIALS,), *possible[start : start + INITIALS_RUN])))
    return words


def words_of_code(code: str) -> set[str]:
    """Return every run of four characters of a code or of a fragment of one, in small letters."""
    return {code[start : start + CODE_WORD_LENGTH] for start in range(len(code) - CODE_WORD_LENGTH + 1)}


def facet_word(facet: str, value: str) -> str:
    """Return the word of a filter: `facet` is a letter, `value` any text, in hexadecimal to stay one word."""
    return f"{_FACET}{facet}{value.encode().hex()}"
