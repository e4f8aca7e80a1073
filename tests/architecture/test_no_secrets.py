"""No key, token or password of a real system stands in the tree; what looks like one fails the suite, with its place."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1_000_000
RULES = {
    "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
    "private key of age": r"AGE-SECRET-KEY-1[0-9A-Z]{50}",
    "access key of a cloud": r"\b(?:AKIA|ASIA|LTAI|AKID)[0-9A-Za-z]{16,}\b",
    "token of a forge": r"\b(?:gh[pousr]_[0-9A-Za-z]{36}|glpat-[0-9A-Za-z_-]{20})\b",
    "token of a chat": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "password of a database": r"\b(?:postgres(?:ql)?|mysql)://[A-Za-z0-9_.-]+:(?!password@|secret@)[^\s:@/'\"{}<$%]{12,}@",
}
_FOUND = {name: re.compile(rule) for name, rule in RULES.items()}


def secrets_in(text: str) -> list[str]:
    """Return 'line: kind' for each text that looks like a secret."""
    return [
        f"{text.count(chr(10), 0, hit.start()) + 1}: {name}"
        for name, rule in _FOUND.items()
        for hit in rule.finditer(text)
    ]


def kept_files() -> list[Path]:
    """Return the files that are kept with the project, or every text file of it where it came without its history."""
    if (ROOT / ".git").exists():
        told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
        return [ROOT / name for name in told.stdout.decode().split("\0") if name]
    folders = ("src", "tests", "docs", "deploy", "scripts", "benchmarks")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


def test_no_kept_file_holds_a_secret():
    found = []
    for path in kept_files():
        if path.is_file() and path.stat().st_size <= LARGEST:
            raw = path.read_bytes()
            if b"\0" not in raw[:8000]:
                found += [
                    f"{path.relative_to(ROOT)}:{one}" for one in secrets_in(raw.decode("utf-8", "replace"))
                ]
    assert found == [], "take it out, and change it where it was used: it was in the tree"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("private key", "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "A" * 64),
        ("private key of age", "AGE-SECRET" + "-KEY-1" + "Q" * 58),
        ("access key of a cloud", "AKIA" + "Q" * 16),
        ("token of a forge", "ghp_" + "a" * 36),
        ("token of a chat", "xoxb-" + "1" * 24),
        ("password of a database", "postgresql://zhijian:" + "Tq8vLw2nXe4z" + "@10.0.0.3/zhijian"),
    ],
)
def test_each_kind_of_secret_is_known(kind, text):
    assert secrets_in(f"first line\n{text}\n") == [f"2: {kind}"]
