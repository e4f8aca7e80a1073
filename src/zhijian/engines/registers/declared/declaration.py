"""A register of our own, declared: from this alone come its pages, forms, files, API, history and quality."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from zhijian.engines.documents.declaration import Template
from zhijian.engines.registers.declaration import Audience, Geography, Label, RegisterDeclaration
from zhijian.engines.registers.declared.columns import NO_WORDS, Code, Column, Kind, Problem
from zhijian.security.field_classes import OF_A_PERSON, classes

if TYPE_CHECKING:
    from zhijian.engines.registers.declared.models import DeclaredEntry

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What a rule says about an entry on a day. `tone` is ok, warn, err or neutral."""

    text: Label
    article: str = ""
    tone: str = "neutral"
    is_public: bool = True


@dataclass(frozen=True)
class Figure:
    """One picture of the page of statistics: a sentence, and named values."""

    title: Label
    rows: tuple[tuple[Label, float | None, str], ...]  # name, value, value as printed
    unit: Label = NO_WORDS
    is_public: bool = True


Scope = Callable[[Any, Values], Label | None]
Rule = Callable[[Values, date], Iterable[Problem]]
Findings = Callable[["DeclaredEntry", date], Sequence[Finding]]
Figures = Callable[[date], Sequence[Figure]]
Holds = Callable[["DeclaredEntry", date], bool]
Letter = Callable[["DeclaredEntry"], tuple[Template, dict[str, str]]]


def _whole_area(officer: Any, values: Values) -> Label | None:
    return None


def _nothing(*_: object) -> tuple[()]:
    return ()


def _by_its_days(entry: "DeclaredEntry", day: date) -> bool:
    return entry.stands_on(day)


@dataclass(frozen=True, kw_only=True)
class Register(RegisterDeclaration):
    """A declared register. `name` is its code in addresses; `keepers` are the roles that may write it."""

    model: "type[DeclaredEntry]"
    plan_ids: tuple[str, ...]
    keepers: tuple[str, ...]
    about: Label
    counted_by: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    is_of_councils: bool = False  # whether consumer councils keep it as well as market regulators
    scope: Scope = _whole_area  # why a keeper may not write this row, or None; beside the area of the unit
    findings: Findings = _nothing
    figures: Figures = _nothing
    holds: Holds = _by_its_days  # whether an entry has its effect on a day, where more than its days decides
    letter: Letter | None = None  # the paper to the firm that goes out with an entry that a keeper adds
    demo_file: Path | None = None
    links: tuple[tuple[str, Label], ...] = ()  # further pages of the system
    procedure: str = ""  # code of the procedure by which one comes on it; empty: a keeper enters at once

    @property
    def columns(self) -> tuple[Column, ...]:
        return cast(tuple[Column, ...], self.fields)

    @property
    def public_columns(self) -> tuple[Column, ...]:
        return cast(tuple[Column, ...], self.public_fields)

    @property
    def is_public(self) -> bool:
        return self.audience is Audience.PUBLIC

    @property
    def has_entities(self) -> bool:
        """Whether entries concern a firm by its credit code."""
        return "uscc" in self.field_names

    def column(self, name: str) -> Column:
        return cast(Column, self.field(name))

    def longest(self, name: str) -> int | None:
        """How many characters the model keeps of a text."""
        length: int | None = getattr(self.model._meta.get_field(name), "max_length", None)
        return length

    def readable(self, *, internal: bool, personal: bool) -> tuple[Column, ...]:
        """The columns somebody may read: public ones, internal ones, personal ones."""
        return tuple(
            one
            for one in self.columns
            if (one in self.public_columns or internal) and (personal or not one.is_personal)
        )


_NUMBER, _NAME = Label("编号", "Number"), Label("名称", "Name")
_CODE = Label("统一社会信用代码", "Unified social credit code")
_FROM, _TO = Label("有效期自", "Valid from"), Label("有效期至", "Valid to")


def declare(
    name: str,
    *,
    model: "type[DeclaredEntry]",
    plan_ids: tuple[str, ...],
    title: Label,
    keeper: Label,
    keepers: tuple[str, ...],
    about: Label,
    columns: tuple[Column, ...],
    key_label: Label = _NUMBER,
    name_label: Label = _NAME,
    entity_label: Label | None = _CODE,
    is_entity_required: bool = True,
    audience: Audience = Audience.PUBLIC,
    geography: Geography = Geography.COUNTY,
    legal_basis: str = "",
    from_label: Label = _FROM,
    to_label: Label = _TO,
    name_is_personal: bool = False,
    **more: Any,
) -> Register:
    """Declare a register: its own columns, and around them those that every register has.

    Raises:
        ValueError: the declaration contradicts itself, or a column is no field of the model.
    """
    first: list[Column] = [
        Column("key", key_label, kind=Kind.TEXT, is_required=True, is_searched=True, in_list=True),
        Column("name", name_label, kind=Kind.TEXT, is_required=True, is_searched=True, in_list=True,
               is_public=not name_is_personal, is_personal=name_is_personal),
    ]  # fmt: skip
    if entity_label is not None:
        first.append(
            Column("uscc", entity_label, kind=Kind.USCC, is_required=is_entity_required, is_searched=True)
        )
    if geography is not Geography.NONE:
        place = Label("所在地", "Place")
        first.append(
            Column("division_code", place, kind=Kind.DIVISION, is_required=True, is_filter=True, in_list=True)
        )
    last = (
        Column("valid_from", from_label, kind=Kind.DATE, is_required=True),
        Column("valid_to", to_label, kind=Kind.DATE),
        Column("tags", Label("标签", "Tags"), kind=Kind.TAGS),
        Column("is_synthetic", Label("合成数据", "Synthetic"), kind=Kind.BOOLEAN),
    )
    found = Register(
        name=name, title=title, keeper=keeper, audience=audience, contract=f"register_{name}", key="key",
        fields=_classed((*first, *columns, *last), model), geography=geography, legal_basis=legal_basis, model=model,
        plan_ids=plan_ids, keepers=keepers, about=about, **more,
    )  # fmt: skip
    _check(found)
    return found


def _classed(columns: tuple[Column, ...], model: "type[DeclaredEntry]") -> tuple[Column, ...]:
    """Keep from the public what the table of field classes says is a person's, whatever the declaration says."""
    known, label = classes(), model._meta.label
    return tuple(
        replace(one, is_public=False, is_personal=True)
        if known.get((label, one.name)) in OF_A_PERSON
        else one
        for one in columns
    )


def _check(register: Register) -> None:
    fields = {one.name for one in register.model._meta.get_fields()}
    if strange := [one.name for one in register.columns if one.name not in fields]:
        raise ValueError(f"Register '{register.name}': {', '.join(strange)} are no fields of its model.")
    if bare := [one.name for one in register.columns if one.kind is Kind.CODE and not one.codes]:
        raise ValueError(f"Register '{register.name}': {', '.join(bare)} have no code list.")
    if register.procedure and (personal := [one.name for one in register.columns if one.is_personal]):
        raise ValueError(
            f"Register '{register.name}' has a procedure; cases hold no personal data: {', '.join(personal)}."
        )
    if unknown := [name for name in register.counted_by if name not in register.field_names]:
        raise ValueError(f"Register '{register.name}' counts by {', '.join(unknown)}, which it lacks.")


__all__ = ["Audience", "Code", "Column", "Figure", "Finding", "Geography", "Kind", "Label", "Problem", "Register",
           "declare"]  # fmt: skip
