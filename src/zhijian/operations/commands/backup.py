"""``zhijian backup``: this home and its database in an encrypted file, while everybody goes on working."""

import json
import sys
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhijian.operations.cli import prepare_django
from zhijian.standards.calendar import ZONE

if TYPE_CHECKING:
    from zhijian.operations.backup.locks import Lock

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--passphrase-file", type=_READABLE, help="its first line opens the backup")
@click.option(
    "--to-key",
    "to_keys",
    type=_READABLE,
    multiple=True,
    help="instead: a public key whose holder may open it (`zhijian recipient new`); again for each further holder",
)
@click.option(
    "--keys-passphrase-file", type=_READABLE, help="opens the file of keys; default: what opens the backup"
)
@click.option(
    "--keys-to-key",
    "keys_to_keys",
    type=_READABLE,
    multiple=True,
    help="instead: the file of keys for these holders",
)
@click.option(
    "--verify", is_flag=True, help="Restore the backup beside the home, compare everything, throw it away."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
def command(
    target: Path,
    passphrase_file: Path | None,
    to_keys: tuple[Path, ...],
    keys_passphrase_file: Path | None,
    keys_to_keys: tuple[Path, ...],
    verify: bool,
    as_json: bool,
) -> None:
    """Back up database, evidence, lake and published files to TARGET, and the keys to TARGET.keys.

    The serving store is left out: `zhijian serving build` makes it from the lake. Keep TARGET.keys and the passphrases in
    another place than TARGET: who has all of them reads everything. With --to-key this machine cannot read what it made;
    --verify still tries it, in the one process that wrote it.

    \b
    Example:
      zhijian backup /backup/2026-11-29.zjb --to-key /etc/zhijian/office.public --verify
    """
    prepare_django()
    from django.conf import settings

    from zhijian.infrastructure import backup_record as record
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.backup import making, rehearsing
    from zhijian.operations.backup.errors import BackupRefused
    from zhijian.security import key_ring

    home, start, at = current_home(), time.perf_counter(), datetime.now(ZONE)
    if bool(passphrase_file) == bool(to_keys):
        raise click.UsageError(
            "写明 --passphrase-file 或者 --to-key，二者取一。/ Give --passphrase-file or --to-key."
        )
    if keys_passphrase_file and keys_to_keys:
        raise click.UsageError(
            "--keys-passphrase-file 和 --keys-to-key 二者取一。/ Give --keys-passphrase-file or --keys-to-key, not both."
        )
    key_ring.note_keys()
    try:
        lock = _lock(passphrase_file, to_keys)
        own = _lock(keys_passphrase_file, keys_to_keys) if keys_passphrase_file or keys_to_keys else lock
        made = making.make(
            home, settings.DATABASES["default"], target,
            lock=lock, keys_lock=own, at=at, version=version("zhijian"),
        )  # fmt: skip
        seconds = round(time.perf_counter() - start, 1)
        said = {
            "file": str(made.file),
            "bytes": made.size,
            "sha256": made.sha256,
            "files": made.files,
            "seconds": seconds,
        }
        record.note(home, "made", at=at, **said)
        if verify:
            tried = rehearsing.rehearse(home, target, opener=made.opener, keys_opener=made.keys_opener)
            record.note(
                home,
                "rehearsed",
                at=datetime.now(ZONE),
                file=str(made.file),
                files=tried.files,
                tables=tried.tables,
                texts=tried.texts,
                opened=tried.opened,
            )
    except BackupRefused as refused:
        click.echo(f"zhijian: {refused}", err=True)
        _note_failure(refused)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({**said, "keys": str(made.keys), "verified": verify}, ensure_ascii=False))
        return
    click.echo(f"备份完成 / backed up: {made.file}  {made.size:,} bytes, {made.files:,} files, {seconds} s")
    click.echo(f"密钥 / keys: {made.keys}   SHA-256 {made.sha256}")
    if verify:
        click.echo(
            f"已试恢复并逐一核对，试开密文 {tried.opened:,}/{tried.texts:,} 条 / restored beside the home and compared file by file; "
            f"{tried.opened:,} of {tried.texts:,} sealed texts opened"
        )


def _note_failure(refused: Exception) -> None:
    """Write down that no backup was made, so that the operations page and the alert say it before a day has gone."""
    from zhijian.infrastructure import backup_record
    from zhijian.infrastructure.home import current_home

    try:
        backup_record.note(current_home(), "failed", at=datetime.now(ZONE), why=str(refused)[:500])
    except OSError as problem:
        click.echo(
            f"zhijian: 失败也没能记下（{problem}），运行情况页面暂时看不到。"
            f" This failure could not be written down either ({problem}): the operations page does not show it yet.",
            err=True,
        )


def _lock(passphrase_file: Path | None, to_keys: tuple[Path, ...]) -> "Lock":
    from zhijian.operations.backup import recipients
    from zhijian.operations.backup.locks import Passphrase, Recipients

    if passphrase_file:
        return Passphrase.chosen(first_line(passphrase_file))
    return Recipients(tuple(recipients.public_key(file) for file in to_keys))


def first_line(path: Path) -> str:
    """Return the passphrase that a file holds: its first line."""
    return (path.read_text("utf-8").splitlines() or [""])[0].strip()
