"""``zhijian recipient``: the pair of keys of somebody who may read backups."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from zhijian.operations.commands.backup import first_line

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PASSPHRASE = click.option(
    "--passphrase-file", required=True, type=_READABLE, help="its first line opens the private key"
)


@click.group()
def command() -> None:
    """Make and check the keys of those who may read backups (`zhijian backup --to-key`, `zhijian restore --with-key`).

    The machine that makes backups holds the public key and cannot read what it made.

    \b
    Example:
      zhijian recipient new /media/stick/office --passphrase-file office.pass
    """


@command.command()
@click.argument("place", type=click.Path(dir_okay=False, path_type=Path))
@_PASSPHRASE
def new(place: Path, passphrase_file: Path) -> None:
    """Make a pair: PLACE.public for the machine that makes backups, PLACE.private under a passphrase, kept away from it.

    \b
    Example:
      zhijian recipient new /media/stick/office --passphrase-file office.pass
    """
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.backup import recipients

    root = current_home().root.resolve()
    if place.resolve().is_relative_to(root):
        raise click.UsageError(
            f"私钥不能放在 ZHIJIAN_HOME（{root}）里：能打开备份的钥匙要放在别处。/ "
            f"A private key must not lie in ZHIJIAN_HOME ({root}): what opens the backups is kept elsewhere."
        )
    with _refusals_told():
        made = recipients.make_pair(place, first_line(passphrase_file))
    click.echo(f"公钥 / public: {made.public}  {made.fingerprint}")
    click.echo(f"私钥 / private: {made.private}")
    click.echo(
        "把公钥复制到做备份的机器；私钥和口令不要放在那台机器上，各留一份副本。/ Copy the public key to the machine that makes "
        "backups; keep the private key and its passphrase off that machine, with a copy of each."
    )


@command.command()
@click.argument("file", type=_READABLE)
@click.option("--passphrase-file", type=_READABLE, help="opens FILE, where it is a private key")
def check(file: Path, passphrase_file: Path | None) -> None:
    """Say the fingerprint of a public key, or with --passphrase-file that of a private one, after opening it.

    \b
    Example:
      zhijian recipient check /etc/zhijian/office.public
    """
    from zhijian.operations.backup import locks, recipients

    with _refusals_told():
        public = (
            recipients.holder(file, first_line(passphrase_file)).public
            if passphrase_file
            else recipients.public_key(file)
        )
    click.echo(f"{locks.fingerprint(public)}  {file}")


@contextmanager
def _refusals_told() -> Iterator[None]:
    from zhijian.operations.backup.errors import BackupRefused

    try:
        yield
    except BackupRefused as refused:
        click.echo(f"zhijian: {refused}", err=True)
        sys.exit(1)
