"""What is known of the backups of a home: one line for each that was made, tried or brought back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhijian.infrastructure.home import Home


def note(home: Home, event: str, *, at: datetime, **said: Any) -> None:
    """Add a line: `event` is made, rehearsed, restored, or failed with its reason."""
    path = home.root / "operations" / "backups.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"event": event, "at": at.isoformat(), **said}, ensure_ascii=False) + "\n")


def newest(home: Home) -> dict[str, dict[str, Any]]:
    """Return the newest line of each event that ever happened, by event."""
    path = home.root / "operations" / "backups.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {line["event"]: line for line in map(json.loads, lines)}


def failed_since(known: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Of the `newest` lines, return that of a backup that failed, or could not be restored; None where one was made since."""
    failed, made = known.get("failed"), known.get("made")
    return failed if failed and (made is None or made["at"] <= failed["at"]) else None
