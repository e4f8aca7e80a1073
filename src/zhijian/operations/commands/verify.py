"""``zhijian verify``: check what this site publishes, from files alone; no database, no server."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from zhijian.engines.publicity import statements
from zhijian.engines.publicity.checking import Check, Given, chain_checks, check, kept_checks

YES, NO, UNREADABLE = 0, 1, 2
_SIGNS = {True: "✓", False: "✕", None: "–"}  # None: there was nothing to compare with
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Check published files as a stranger does.

    \b
    Example:
      zhijian verify publicity proof.json --roots roots.json --kept roots-of-last-month.json
    """


@command.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--roots", type=_FILE, help="The chain of roots as it is published now (roots.json).")
@click.option("--kept", type=_FILE, multiple=True, help="Roots that you kept, or got from somebody else.")
@click.option("--logged", type=_FILE, help="A root's place in the sealed log (api/v1/publicity/roots/DAY).")
@click.option("--seals", type=_FILE, help="A log.json of the seals that you kept.")
@click.option("--key", help="The public key that you trust, in hexadecimal.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def publicity(
    file: Path | None,
    roots: Path | None,
    kept: tuple[Path, ...],
    logged: Path | None,
    seals: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Is this all that was public about a code on a day? Yes (exit 0), no (1, naming what is wrong) or unreadable (2).

    The proof alone shows a hidden, added or changed item and a forged absence. Two roots for one day, and a chain that
    forgot a day, show only against roots that somebody kept. Without FILE, the chain alone is checked.

    \b
    Example:
      zhijian verify publicity proof.json --roots roots.json --kept 2026-11-20.json
    """
    given = Given(
        key=key,
        roots=_roots([roots]) if roots else None,
        kept=_roots(kept) if kept else None,
        logged=_read(logged) if logged else None,
        seals=_read(seals) if seals else None,
    )
    if file is None and given.roots is None:
        raise click.UsageError("give a FILE, or --roots to check the chain alone.")
    found = check(_read(file), given) if file else _chain(given)
    is_right = all(one.ok is not False for one in found)
    if as_json:
        click.echo(
            json.dumps({"ok": is_right, "checks": [vars(one) for one in found]}, ensure_ascii=False, indent=1)
        )
    else:
        for one in found:
            click.echo(f"{_SIGNS[one.ok]} {one.message_zh} / {one.message_en}")
    if not is_right:
        sys.exit(UNREADABLE if any(one.id == "form" for one in found) else NO)


def _chain(given: Given) -> list[Check]:
    assert given.roots is not None
    return [*chain_checks(given.roots, given.key), *kept_checks(given.kept or [], given.roots)]


def _roots(paths: Any) -> list[statements.Signed]:
    try:
        return [one for path in paths for one in statements.read_roots(_read(path))]
    except ValueError as problem:
        _unreadable(", ".join(map(str, paths)), problem)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("it is not a JSON object")
    except (OSError, ValueError) as problem:
        _unreadable(str(path), problem)
    return content


def _unreadable(name: str, problem: Exception) -> NoReturn:
    click.echo(f"zhijian: {name} 读不懂：{problem} / {name} is unreadable: {problem}", err=True)
    sys.exit(UNREADABLE)
