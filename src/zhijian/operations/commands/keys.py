"""``zhijian keys``: which keys there are, what lies sealed under each, and a new key for it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from zhijian.operations.cli import prepare_django

if TYPE_CHECKING:
    from zhijian.security.models import Officer
    from zhijian.security.rotation import Holder, Step

_BY = click.option(
    "--by", "by_name", required=True, help="User name of the province's administrator who decides."
)


@click.group()
def command() -> None:
    """See the keys of sealed texts (identity numbers, telephones, names, accounts), change them, take old ones away.

    Keys lie in ZHIJIAN_HOME/keys, never in the database. How, and what is not changed: docs/security/keys.md.

    \b
    Example:
      zhijian keys rotate parties --by province-steward
    """
    prepare_django()


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """Say of each key which generations there are, under which suite, and how many texts lie under each.

    Exit 1: a text lies under a key whose file is missing, or a key that is noted is missing or another one.

    \b
    Example:
      zhijian keys status --json
    """
    from zhijian.security import key_ring, rotation

    sealing = _sealing()
    keys = []
    for name in sorted(sealing | set(key_ring.names())):
        held = rotation.counts(_holders(name))
        rings = [key_ring.of_generation(name, number) for number in key_ring.generations(name)]
        keys.append(
            (
                name,
                [(one.generation, str(one.suite), held.get(one.generation, 0)) for one in rings],
                held.get(0, 0),
            )
        )
    if as_json:
        told = [
            {
                "key": name,
                "seals": name in sealing,
                "generations": [
                    {"number": number, "suite": suite, "texts": texts} for number, suite, texts in found
                ],
                "missing": missing,
            }
            for name, found, missing in keys
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    for name, found, missing in [] if as_json else keys:
        parts = [f"{number} ({suite}): {texts:,}" for number, suite, texts in found]
        use = "" if name in sealing else "  只用于签名或者标记 / signs or marks only"
        click.echo(f"{name}  {'；'.join(parts) or '还没有 / none yet'}{use}")
        if missing:
            click.echo(
                f"  {missing:,} 条密文的密钥文件不见了，请从密钥备份中取回 / texts lie under a key whose file is missing: "
                "bring it back from the backup of the keys",
                err=True,
            )
    for name in (lost := key_ring.lost()):
        click.echo(
            f"keys/{name}：密钥文件缺失，或者与记录的指纹不符 / is missing, or holds another key than was noted",
            err=True,
        )
    sys.exit(1 if lost or any(missing for _, _, missing in keys) else 0)


@command.command()
@click.argument("names", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Every key under which texts are sealed.")
@click.option(
    "--batch", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Texts at once."
)
@click.option(
    "--further",
    "is_further",
    is_flag=True,
    help="A new key although texts lie under older ones: they do not open, or the newest may have been read.",
)
@_BY
def rotate(names: tuple[str, ...], is_all: bool, batch: int, is_further: bool, by_name: str) -> None:
    """Make a new key for each of NAMES and seal anew what lies under an older one, while the site is in use.

    A run that was cut off goes on where it stopped: run it again. Old texts open under their old key until they are
    reached. Exit 1: some did not open, and each is named; they stay as they are.

    \b
    Example:
      zhijian keys rotate parties reporters --by province-steward
    """
    from zhijian.security import rotation

    by, at = _officer(by_name), datetime.now(UTC)
    chosen = sorted(_sealing())
    if bool(names) == is_all:
        raise click.UsageError(f"写明密钥名或者 --all。/ Give names or --all: {', '.join(chosen)}.")
    shut = []
    for name in chosen if is_all else names:
        holders = _holders(name)
        with _refusals_told():
            is_new = rotation.begin(name, holders, by=by, at=at, is_further=is_further)
        click.echo(f"{name}：{'新密钥启用 / a new key' if is_new else '继续上次的更换 / going on'}")
        shut += rotation.seal_anew(holders, batch=batch, told=_tell)
    for place in shut:
        click.echo(f"打不开，没有改动 / did not open, left as it is: {place}", err=True)
    sys.exit(1 if shut else 0)


@command.command()
@click.argument("name")
@_BY
def retire(name: str, by_name: str) -> None:
    """Take away the older keys of NAME under which nothing lies any more. The first one stays: marks follow from it.

    \b
    Example:
      zhijian keys retire parties --by province-steward
    """
    from zhijian.security import rotation

    with _refusals_told():
        gone = rotation.retire(name, _holders(name), by=_officer(by_name), at=datetime.now(UTC))
    words = "、".join(map(str, gone))
    click.echo(
        f"{name}：已撤去第{words}代 / taken away: {words}"
        if gone
        else f"{name}：没有可撤的 / nothing to take"
    )


def _sealing() -> set[str]:
    from django.conf import settings

    from zhijian.datazone.lake import Lake
    from zhijian.operations import sealed_places

    return sealed_places.keys_that_seal(Lake(settings.HOME.lake))


def _holders(name: str) -> list["Holder"]:
    from django.conf import settings

    from zhijian.datazone.lake import Lake
    from zhijian.operations import sealed_places

    return sealed_places.holders(name, Lake(settings.HOME.lake))


def _tell(step: "Step") -> None:
    if step.done:
        click.echo(f"  {step.place}  +{step.done}")


def _officer(username: str) -> "Officer":
    from zhijian.security.models import Officer

    found = Officer.objects.select_related("organisation").filter(username=username, is_active=True).first()
    if found is None:
        raise click.ClickException(f"没有账号{username}，或者已经停用。/ No open account '{username}'.")
    return found


@contextmanager
def _refusals_told() -> Iterator[None]:
    from zhijian.security.roles import RoleRefused

    try:
        yield
    except RoleRefused as refused:
        raise click.ClickException(f"{refused.message_zh}\n{refused.message_en}") from None
