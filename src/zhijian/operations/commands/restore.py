"""``zhijian restore``: an empty home filled from a backup."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zhijian.operations.cli import prepare_django
from zhijian.operations.commands.backup import first_line
from zhijian.standards.calendar import ZONE

if TYPE_CHECKING:
    from zhijian.operations.backup.locks import Opener

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=_READABLE)
@click.option(
    "--passphrase-file",
    required=True,
    type=_READABLE,
    help="its first line opens the backup, or the key of --with-key",
)
@click.option("--with-key", type=_READABLE, help="the private key of a backup that was made --to-key")
@click.option(
    "--keys-passphrase-file",
    type=_READABLE,
    help="the same for the file of keys; default: what opens the backup",
)
@click.option("--keys-with-key", type=_READABLE, help="the private key for the file of keys")
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
def command(
    source: Path,
    passphrase_file: Path,
    with_key: Path | None,
    keys_passphrase_file: Path | None,
    keys_with_key: Path | None,
    as_json: bool,
) -> None:
    """Fill an empty ZHIJIAN_HOME and an empty database from SOURCE and SOURCE.keys.

    What is not empty, a wrong passphrase or key, and a backup that was changed or cut off are refused, and nothing is restored.

    \b
    Example:
      zhijian restore /backup/2026-11-29.zjb --with-key office.private --passphrase-file office.pass
    """
    from zhijian.infrastructure import backup_record as record
    from zhijian.infrastructure.configuration import chosen_database, owner_database
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.backup import restoring
    from zhijian.operations.backup.errors import BackupRefused

    home, is_own = current_home(), bool(keys_passphrase_file or keys_with_key)
    try:
        opener = _opener(passphrase_file, with_key)
        own = _opener(keys_passphrase_file or passphrase_file, keys_with_key) if is_own else opener
        database = owner_database(os.environ) or chosen_database()
        restored = restoring.restore(home, database, source, opener=opener, keys_opener=own)
    except BackupRefused as refused:
        click.echo(f"zhijian: {refused}", err=True)
        sys.exit(1)
    prepare_django()
    from zhijian.engines.facts import seals
    from zhijian.operations.database_owner import as_owner

    with as_owner():  # the site's account has no rights yet: `zhijian migrate` gives them
        last = seals.newest_seal()
    if last is not None:
        seals.publish(
            last, home.published / "seals"
        )  # it may be younger than the published files that were copied
    record.note(
        home,
        "restored",
        at=datetime.now(ZONE),
        file=str(source),
        files=restored.files,
        made_at=restored.made_at,
    )
    if as_json:
        click.echo(json.dumps(vars(restored), ensure_ascii=False))
        return
    click.echo(f"已恢复 / restored: {restored.files:,} files, {restored.tables} tables; {restored.made_at}")
    click.echo("接着 / next: zhijian migrate; zhijian serving build; zhijian facts verify")


def _opener(passphrase_file: Path, with_key: Path | None) -> "Opener":
    from zhijian.operations.backup import recipients
    from zhijian.operations.backup.locks import Passphrase

    words = first_line(passphrase_file)
    return recipients.holder(with_key, words) if with_key else Passphrase(words)
