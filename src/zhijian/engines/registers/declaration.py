"""What a register says about itself: who keeps it, for whom, what it holds, and what of it is public."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Label(NamedTuple):
    """What people read, in both languages of the interface."""

    zh: str
    en: str


class Audience(Enum):
    """Who may read a register as a whole; single fields may be narrower."""

    PUBLIC = "public"
    BUSINESS = "business"
    OFFICER = "officer"


class Geography(Enum):
    """How finely an entry lies on the map."""

    NONE = "none"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    STREET = "street"


@dataclass(frozen=True)
class Field:
    """One field. `unit` is empty where it has none; a field that is not public never leaves the house."""

    name: str
    label: Label
    is_public: bool = True
    unit: str = ""
    is_filter: bool = False
    is_personal: bool = False


@dataclass(frozen=True)
class RegisterDeclaration:
    """A register: `contract` names the published data contract that its entries keep.

    Raises:
        ValueError: two fields of one name, a key that is no field, or a personal field declared public.
    """

    name: str
    title: Label
    keeper: Label
    audience: Audience
    contract: str
    key: str
    fields: tuple[Field, ...]
    geography: Geography = Geography.NONE
    tags: tuple[str, ...] = ()
    legal_basis: str = ""

    def __post_init__(self) -> None:
        names = [one.name for one in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"Register '{self.name}' declares a field twice: {', '.join(names)}.")
        if self.key not in names:
            raise ValueError(f"The key '{self.key}' of register '{self.name}' is not among its fields.")
        for one in self.fields:
            if one.is_public and one.is_personal:
                raise ValueError(f"'{self.name}.{one.name}' is personal and cannot be declared public.")

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields)

    @property
    def public_fields(self) -> tuple[Field, ...]:
        """The fields that anyone may see; none if the register itself is not public."""
        if self.audience is not Audience.PUBLIC:
            return ()
        return tuple(one for one in self.fields if one.is_public)

    @property
    def filters(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields if one.is_filter)

    def field(self, name: str) -> Field:
        """Return one field.

        Raises:
            KeyError: the register has no such field; the message lists those it has.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(f"Register '{self.name}' has no field '{name}'; it has {', '.join(self.field_names)}.")
