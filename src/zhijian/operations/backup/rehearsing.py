"""Try a backup: restore it beside the home, read its database, open its sealed texts with its own keys, throw it away."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import Home
from zhijian.operations import sealed_places
from zhijian.operations.backup import databases
from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Opener
from zhijian.operations.backup.making import KEYS_SUFFIX
from zhijian.operations.backup.restoring import Restored, check_lake, unpack
from zhijian.security import key_ring, trying
from zhijian.security.trying import Tried


@dataclass(frozen=True)
class Rehearsed(Restored):
    """What came back in a trial, how many sealed texts lie in it, and how many of them were opened."""

    texts: int
    opened: int


def rehearse(home: Home, source: Path, *, opener: Opener, keys_opener: Opener) -> Rehearsed:
    """Restore a backup beside the home, open its database and its sealed texts, and throw it away: a backup that was tried.

    A dump of PostgreSQL is read to its end by pg_restore, but no second database is made for it: the sealed texts that are
    tried with the keys of the backup are then those of the database in use.

    Raises:
        BackupRefused: what would not be restored, or sealed texts whose key is not in the backup or does not open them.
    """
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=home.root) as folder:
        aside = Path(folder)
        unpack(source.with_name(source.name + KEYS_SUFFIX), keys_opener, aside, holds="keys")
        said = unpack(source, opener, aside, holds="records")
        lake = Lake(aside / "lake")
        tables = check_lake(lake)
        dumped = aside / str(said["database"])
        databases.check(dumped)
        keys = key_ring.held_in(aside / "keys")
        with databases.beside(dumped) as name:
            found = [
                trying.tried(place, keys, seed=str(said["made_at"]))
                for place in sealed_places.places(name, lake)
            ]
    _refuse_shut(source.name, found)
    return Rehearsed(
        str(said["made_at"]), str(said["version"]), len(said["files"]), tables,
        texts=sum(one.texts for one in found), opened=sum(one.opened for one in found),
    )  # fmt: skip


def _refuse_shut(name: str, found: list[Tried]) -> None:
    """Refuse a backup whose sealed texts would stay shut.

    Raises:
        BackupRefused: it names each place and generation, and the first texts that did not open.
    """
    bad = [one for one in found if not one.is_well]
    if not bad:
        return
    zh = "；".join(f"{one.place}（密钥 {one.key}）：{_lacks(one, '第{}代 {}条', '打不开 ')}" for one in bad)
    en = "; ".join(
        f"{one.place} (key '{one.key}'): {_lacks(one, 'generation {}, {} texts', 'shut: ')}" for one in bad
    )
    raise BackupRefused(
        f"备份 {name} 里有密文打不开，密钥缺失或不对：{zh}。请找回密钥文件放入 ZHIJIAN_HOME/keys，再做一次备份；此前的好备份请留着。",
        f"Sealed texts in {name} do not open, for their key is missing from the backup or is another one: {en}. "
        "Bring the file of the key back to ZHIJIAN_HOME/keys and make another backup; keep the last good one until then.",
    )


def _lacks(one: Tried, generation: str, shut: str) -> str:
    lacking = [generation.format(number, f"{count:,}") for number, count in one.lacking.items()]
    return ", ".join(lacking + ([shut + ", ".join(one.shut[:3])] if one.shut else []))
