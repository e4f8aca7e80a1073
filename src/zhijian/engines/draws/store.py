"""Where openings and salts lie: private files of one draw, readable by the service alone."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from zhijian.engines.draws import publication
from zhijian.engines.draws.core import canonical
from zhijian.engines.draws.errors import Tampered
from zhijian.engines.draws.models import Draw
from zhijian.infrastructure.home import current_home


def private_folder(draw: Draw) -> Path:
    folder = current_home().root / "private" / "draws" / f"{draw.plan_id}-{draw.attempt}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keep(draw: Draw, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines, mode 0600, whole or not at all."""
    lines = ((canonical(dict(row)) + "\n").encode() for row in rows)
    publication.write(private_folder(draw) / f"{name}.jsonl", lines, mode=0o600)


def kept(draw: Draw, name: str) -> Iterator[dict[str, Any]]:
    """Read rows back.

    Raises:
        Tampered: the file is missing or unreadable.
    """
    path = private_folder(draw) / f"{name}.jsonl"
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError) as problem:
        raise Tampered(
            f"抽签{draw}的内部文件{path.name}缺失或损坏。请从备份恢复后重试，不要重新冻结。",
            f"The private file {path.name} of draw {draw} is missing or damaged. Restore it from a backup.",
        ) from problem


def public_path(draw: Draw, part: str, suffix: str) -> Path:
    name = publication.file_name(draw.plan_id, draw.attempt, part, suffix, is_synthetic=draw.is_synthetic)
    return current_home().published / "draws" / name
