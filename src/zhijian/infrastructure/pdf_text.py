"""The words of a PDF, read by PDFium in a process of its own that may use little and open nothing.

A parser of foreign files is where an attacker begins: it gets the bytes on its standard input, a bounded share of memory,
processor time and files, and is ended at the limit. Only text comes back. Run as a script it is that process.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

MOST_PAGES = 200
MEMORY_BYTES = 1024**3
SECONDS = 10
_LOCKED, _BROKEN = 3, 4  # exit codes of the reading process


class PdfUnreadable(Exception):
    """No text can be had. `why` is one of: locked, broken, too_long, too_much."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_pages(data: bytes, *, most_pages: int = MOST_PAGES, seconds: int = SECONDS) -> Sequence[str]:
    """Return the text of each page in reading order; a scanned page is empty.

    Raises:
        PdfUnreadable: locked by a password, broken, of more than `most_pages` pages, or it needed more memory or time than one may.
    """
    try:
        ended = subprocess.run(  # the interpreter and this file, no shell, no environment
            [sys.executable, "-I", __file__, str(most_pages), str(seconds)],
            input=data,
            capture_output=True,
            timeout=seconds * 3,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise PdfUnreadable("too_much") from problem
    if ended.returncode:
        raise PdfUnreadable({_LOCKED: "locked", _BROKEN: "broken"}.get(ended.returncode, "too_much"))
    told = json.loads(ended.stdout)
    if told["pages"] > most_pages:
        raise PdfUnreadable("too_long")
    texts: list[str] = told["texts"]
    return texts


def _main(most_pages: int, seconds: int) -> int:
    import pypdfium2

    "".encode("utf-16-le")  # the codec that PDFium's texts need is loaded while files may still be opened
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),  # standard input, output and errors are open; nothing else opens
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as problem:
        return _LOCKED if "password" in str(problem).lower() else _BROKEN
    texts = [_words(document[number]) for number in range(min(len(document), most_pages))]
    sys.stdout.write(json.dumps({"pages": len(document), "texts": texts}))
    return 0


def _words(page: Any) -> str:
    text: str = page.get_textpage().get_text_range()
    return text.replace("\r\n", "\n")


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]), int(sys.argv[2])))
