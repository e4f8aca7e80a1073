"""Forms as a template reads them: rows with their words, controls and mistakes; no markup is made here."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

_KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "checks"),
    (forms.RadioSelect, "radio"),
    (forms.CheckboxInput, "check"),
)


@dataclass(frozen=True)
class Choice:
    """One box to tick. `hint` says in plain words what follows from it."""

    id: str
    value: str
    label: Any
    is_chosen: bool
    hint: Any = ""


@dataclass(frozen=True)
class Row:
    """One question of a page: `kind` is radio, checks, check or control."""

    name: str
    id: str
    kind: str
    label: Any
    help: Any
    errors: tuple[str, ...]
    is_required: bool
    choices: tuple[Choice, ...]
    control: BoundField

    @property
    def first_id(self) -> str:
        """Where a link from the list of mistakes leads."""
        return self.choices[0].id if self.choices else self.id

    @property
    def is_ticked(self) -> bool:
        return bool(self.control.value())


def rows_of(form: forms.Form) -> list[Row]:
    """Return the questions of a form, in order."""
    return [_row(form, form[name]) for name in form.fields]


def _row(form: forms.Form, bound: BoundField) -> Row:
    kind = next((name for widget, name in _KINDS if isinstance(bound.field.widget, widget)), "control")
    errors = tuple(map(str, bound.errors))
    if errors and kind == "control":
        described = " ".join(
            filter(None, (bound.field.widget.attrs.get("aria-describedby"), f"error-{bound.name}"))
        )
        bound.field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": described}
        bound.field.widget.attrs["class"] += " is-invalid"
    return Row(
        name=bound.name,
        id=bound.id_for_label or f"id_{bound.name}",
        kind=kind,
        label=bound.label,
        help=bound.help_text,
        errors=errors,
        is_required=_is_required(form, bound),
        choices=_choices(form, bound) if kind in {"radio", "checks"} else (),
        control=bound,
    )


def _is_required(form: forms.Form, bound: BoundField) -> bool:
    return bound.field.required or bound.name in getattr(form, "needed", ())


def _choices(form: forms.Form, bound: BoundField) -> tuple[Choice, ...]:
    value = bound.value()
    chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
    hints = getattr(form, "hints", {})
    field = bound.field
    assert isinstance(field, forms.ChoiceField)
    return tuple(
        Choice(f"id_{bound.name}_{number}", str(code), label, str(code) in chosen, hints.get(str(code), ""))
        for number, (code, label) in enumerate(list(field.choices))  # type: ignore[arg-type]
    )
