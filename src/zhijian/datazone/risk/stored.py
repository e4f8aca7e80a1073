"""Model cards as they are stored: those made in this home, over those that ship. Reading them needs no learner."""

import json
from pathlib import Path
from typing import Any

CARDS = Path(__file__).parent / "cards"
Card = dict[str, Any]


def read_card(name: str, folder: Path) -> Card | None:
    """Return the card of this name made in `folder`, else the one that ships; None where there is neither."""
    for path in (folder / f"{name}.card.json", CARDS / f"{name}.card.json"):
        if path.is_file():
            card: Card = json.loads(path.read_text(encoding="utf-8"))
            return card
    return None


def card_names(folder: Path) -> list[str]:
    """Return the names of all cards, made here or shipped."""
    found = {
        path.name.removesuffix(".card.json")
        for where in (folder, CARDS)
        for path in where.glob("*.card.json")
    }
    return sorted(found)
