"""What the last check of all records said: when, how many things were found changed, and the first of them."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from zhijian.infrastructure.files import replace_file
from zhijian.infrastructure.home import Home

_MOST_TOLD = 10


def keep(home: Home, *, at: datetime, found: int, first: Sequence[tuple[str, str]]) -> None:
    """Keep the outcome of a check in the place of the one before; `first` are findings in Chinese and English."""
    path = _path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"at": at.isoformat(), "found": found, "first": [list(one) for one in first[:_MOST_TOLD]]}
    replace_file(path, json.dumps(said, ensure_ascii=False, indent=1).encode())


def last(home: Home) -> dict[str, Any] | None:
    """Return the outcome of the last check; None where there was none."""
    path = _path(home)
    if not path.exists():
        return None
    outcome: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return outcome


def _path(home: Home) -> Path:
    return home.root / "operations" / "verification.json"
