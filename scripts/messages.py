"""The message catalogue: what is used, what is translated, and the compiled file.

    .venv/bin/python scripts/messages.py            compile, after naming what lacks English
    .venv/bin/python scripts/messages.py --missing  name what lacks English, exit 1 if anything does
    .venv/bin/python scripts/messages.py --words words.json    take in {"中文": "English"}, then compile

Message ids are Simplified Chinese; ``locale/en/LC_MESSAGES/django.po`` holds their English. Of two runs at once the second waits,
so that neither loses the words of the other.
"""

import ast
import fcntl
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parents[1] / "src" / "zhijian"
CATALOGUE = SOURCE / "portal" / "locale" / "en" / "LC_MESSAGES" / "django.po"
FUNCTIONS = {"gettext", "gettext_lazy", "_", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def used_messages() -> dict[str, str]:
    """Return every message id in templates and Python code, with the first file that uses it."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.html")):
        for message in _in_template(path.read_text("utf-8")):
            found.setdefault(message, str(path.relative_to(SOURCE)))
    for path in sorted(SOURCE.rglob("*.py")):
        for message in _in_python(path.read_text("utf-8")):
            found.setdefault(message, str(path.relative_to(SOURCE)))
    return found


def _in_template(text: str) -> Iterator[str]:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    from django.utils.translation.template import templatize

    for match in re.finditer(
        r"""(?:gettext|\b_)\(u?((?:"(?:[^"\\]|\\.)*")|(?:'(?:[^'\\]|\\.)*'))""", templatize(text)
    ):
        yield ast.literal_eval(match.group(1))


def _in_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in FUNCTIONS:
            continue
        for argument in node.args[: 2 if name.startswith("ngettext") else 1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def catalogue() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="en", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def missing(messages: dict[str, str], translated: Catalog) -> list[str]:
    """Return the message ids with Chinese in them that have no English."""
    return [m for m in messages if CHINESE.search(m) and not (translated.get(m) and translated[m].string)]


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    """Write a file beside its place and put it there whole: who reads meanwhile finds the old one, never half of one."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with new.open("wb") as file:
        yield file
    new.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other run reads and writes a catalogue; the file that is locked lies outside the tree and stays."""
    name = f"{path.resolve()}".replace("/", "-").strip("-")
    with (Path(tempfile.gettempdir()) / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield  # closing the file gives it back, also when the run is killed


def compile_catalogue(words: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """Take in words, write the .po in order of use, and the .mo beside it; return what lacks English."""
    with _alone(CATALOGUE):
        return _compiled(words)


def _compiled(words: Mapping[str, str]) -> list[str]:
    messages = used_messages()
    known = (
        catalogue()
    )  # read last: looking through the source takes seconds, in which somebody may edit it by hand
    kept = Catalog(locale="en", charset="utf-8", project="zhijian", fuzzy=False)
    for message in sorted(messages, key=lambda m: (messages[m], m)):
        entry = known.get(message)
        english = words.get(message) or (entry.string if entry else "")
        kept.add(message, english, locations=[(messages[message], 1)])
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with _replaced(CATALOGUE) as file:
        write_po(file, kept, width=110, omit_header=False, ignore_obsolete=True, include_lineno=False)
    with _replaced(CATALOGUE.with_suffix(".mo")) as file:
        write_mo(file, kept)
    return missing(messages, kept)


def _given(arguments: list[str]) -> dict[str, str]:
    """Read the words of ``--words FILE``; none where it is not given."""
    if "--words" not in arguments:
        return {}
    words: dict[str, str] = json.loads(Path(arguments[arguments.index("--words") + 1]).read_text("utf-8"))
    return words


def main() -> int:
    is_asking = "--missing" in sys.argv
    lacking = missing(used_messages(), catalogue()) if is_asking else compile_catalogue(_given(sys.argv))
    for message in lacking:
        print(f'msgid "{message}"')
    print(f"{len(lacking)} messages lack English")
    return 1 if lacking and "--missing" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
