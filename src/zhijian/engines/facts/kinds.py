"""The kinds of facts, each declared in `kinds/<kind>.yaml`: labels, payload schema, publicity, who may record it."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from zhijian.engines.facts.canonical import NotCanonical, canonical
from zhijian.engines.facts.errors import PayloadRefused, UnknownKind
from zhijian.engines.facts.quick import Check, compiled

FOLDER = Path(__file__).parent / "kinds"
Term = Literal["none", "penalty", "serious_list", "until_removed"]


@dataclass(frozen=True)
class Kind:
    """What is declared about one kind of fact."""

    name: str
    label_zh: str
    label_en: str
    is_public: bool
    article: str  # the text that makes it public or, for an internal kind, the one that it serves
    term: Term
    removed_by: str | None  # kind of the fact that ends its publicity
    removal_matches: str | None  # payload field that both carry
    officers: frozenset[str]  # roles that may record it; programs may record every kind
    schema: dict[str, Any] = field(repr=False, hash=False)
    _validator: Draft202012Validator = field(repr=False, hash=False, compare=False)
    _quick: Check | None = field(repr=False, hash=False, compare=False)

    def check(self, payload: object) -> str:
        """Check a payload and return its canonical text.

        Raises:
            PayloadRefused: which field, what is wrong, what is allowed.
        """
        try:
            text = canonical(payload, "payload")
        except NotCanonical as problem:
            raise PayloadRefused(f"“{self.label_zh}”的内容无法保存：{problem}", str(problem)) from problem
        if not (self._quick and self._quick(payload)) and not self._validator.is_valid(payload):
            self._refuse(payload)
        return text

    def _refuse(self, payload: object) -> None:
        problem = best_match(self._validator.iter_errors(cast(Any, payload)))
        where = ".".join(["payload", *map(str, problem.absolute_path)])
        raise PayloadRefused(
            f"“{self.label_zh}”（{self.name}）的 {where} 不符合格式：{problem.message}",
            f"'{self.name}': {where}: {problem.message}. The schema is in kinds/{self.name}.yaml.",
        )


def find(name: str) -> Kind | None:
    """Return a kind, or None where none of that name is declared."""
    return all_kinds().get(name)


def get(name: str) -> Kind:
    """Return a kind.

    Raises:
        UnknownKind: none of that name is declared.
    """
    kind = all_kinds().get(name)
    if kind is None:
        known = ", ".join(sorted(all_kinds()))
        raise UnknownKind(
            f"没有“{name}”这一类事实，已有：{known}。",
            f"No kind of fact is called '{name}'. Declared are {known}. Add kinds/{name}.yaml for a new one.",
        )
    return kind


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every declared kind by name."""
    return {path.stem: _load(path) for path in sorted(FOLDER.glob("*.yaml"))}


def public_kinds() -> list[str]:
    """Return the names of the kinds that may ever be public."""
    return [kind.name for kind in all_kinds().values() if kind.is_public]


def _load(path: Path) -> Kind:
    declared = yaml.safe_load(path.read_text("utf-8"))
    Draft202012Validator.check_schema(declared["payload"])
    return Kind(
        name=path.stem,
        label_zh=declared["label"]["zh"],
        label_en=declared["label"]["en"],
        is_public=declared["is_public"],
        article=declared["article"],
        term=declared.get("term", "none"),
        removed_by=declared.get("removed_by"),
        removal_matches=declared.get("removal_matches"),
        officers=frozenset(declared["officers"]),
        schema=declared["payload"],
        _validator=Draft202012Validator(declared["payload"], format_checker=FormatChecker(["date"])),
        _quick=compiled(declared["payload"]),
    )
