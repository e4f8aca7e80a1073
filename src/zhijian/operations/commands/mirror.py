"""``zhijian mirror``: keep a copy of everything public honest, from files alone; no database, no server."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from zhijian.engines.publicity import mirror

YES, NO, UNREADABLE = 0, 1, 2
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Bring a copy of the public record up to date, and work out its root.

    \b
    Example:
      zhijian mirror check copy.jsonl
    """


@command.command()
@click.argument("copy", type=_FILE)
@click.argument("changes", type=_FILE)
def apply(copy: Path, changes: Path) -> None:
    """Put CHANGES (api/v1/publicity/changes.jsonl?since=DAY) into COPY, which keeps its name, and check it.

    A copy that does not give the signed root afterwards is not replaced.

    \b
    Example:
      zhijian mirror apply copy.jsonl changes.jsonl
    """
    partial = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        with copy.open(encoding="utf-8") as ours, changes.open(encoding="utf-8") as theirs:
            _write(partial, mirror.applied(ours, theirs))
        found = _problems(partial, None)
        if not found:
            partial.replace(copy)
    except (mirror.MirrorProblem, UnicodeDecodeError) as problem:
        _unreadable(copy, problem)
    finally:
        partial.unlink(missing_ok=True)
    _tell(found)


@command.command()
@click.argument("copy", type=_FILE)
@click.option("--key", help="The public key that you trust, in hexadecimal.")
def check(copy: Path, key: str | None) -> None:
    """Work out the root over COPY and hold it against the signed one: exit 0 whole, 1 not, 2 unreadable.

    \b
    Example:
      zhijian mirror check copy.jsonl
    """
    try:
        found = _problems(copy, key)
    except (mirror.MirrorProblem, UnicodeDecodeError) as problem:
        _unreadable(copy, problem)
    _tell(found)


def _problems(copy: Path, key: str | None) -> list[str]:
    with copy.open(encoding="utf-8") as lines:
        return list(mirror.problems(lines, key=key))


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def _tell(found: list[str]) -> None:
    for problem in found:
        click.echo(f"✕ {problem}")
    if found:
        sys.exit(NO)
    click.echo("✓ 副本与签名的日根一致，一条不少。/ The copy gives the signed root: nothing is missing.")


def _unreadable(path: Path, problem: Exception) -> NoReturn:
    click.echo(f"zhijian: {path} 读不懂：{problem} / {path}: {problem}", err=True)
    sys.exit(UNREADABLE)
