"""Every answer once more, in the words of the questions, each with the way back to its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from zhijian.apps.consumer.complaints.intake import forms, questions
from zhijian.standards import divisions

_ANY_DAY = date.min  # the forms are only read here: nothing is judged by a day


@dataclass(frozen=True)
class Line:
    """One answer. `is_ours` where its words are the page's own, so that they are translated like it."""

    label: str
    text: str
    href: str
    is_ours: bool = True


def lines_of(answers: Mapping[str, Any], file_count: int) -> list[Line]:
    """Return the answers that will be sent, in the order in which they were asked."""
    found: list[Line] = []
    for step in questions.steps_for(answers):
        href = f"/complain/step/{step.name}/?change=1"
        if step.name == "shop":
            found += _shop(answers, href)
        elif step.name == "others":
            found += _others(answers, href)
        elif step.name == "photos":
            count = gettext("%(n)s个") % {"n": file_count} if file_count else gettext("没有")
            found.append(Line(gettext("照片和文件"), count, href))
        else:
            found += _answered(step.name, answers, href)
    return found


def _shop(answers: Mapping[str, Any], href: str) -> list[Line]:
    code = str(answers.get("shop_division", ""))
    place = (divisions.full_name(code) or code) if code.isdigit() else ""
    shop = " · ".join(filter(None, (str(answers["shop_name"]), str(answers.get("shop_address", "")))))
    return [
        Line(gettext("店"), shop, href, is_ours=False),
        Line(gettext("店所在地"), place or gettext("不清楚，或者不在广东省内"), href, is_ours=not place),
    ]


def _others(answers: Mapping[str, Any], href: str) -> list[Line]:
    listed = [
        f"{one['name']} {one['phone']}" + (f"（{gettext('代表人')}）" if one.get("represents") else "")
        for one in answers.get("others") or ()
    ]
    return [Line(gettext("一起投诉的人"), gettext("、").join(listed), href, is_ours=False)]


def _answered(name: str, answers: Mapping[str, Any], href: str) -> list[Line]:
    form = forms.FORMS[name](initial=dict(answers), answers=answers, today=_ANY_DAY)
    found = []
    for key, field in form.fields.items():
        value = answers.get(key)
        if value in (None, "", []) or key in {"truthful", "mandate_signed"}:
            continue
        words = _words(field, value)
        found.append(Line(str(field.label), words or str(value), href, is_ours=bool(words)))
    return found


def _words(field: Any, value: Any) -> str:
    """Return the words of a choice; nothing for what was typed."""
    if not hasattr(field, "choices"):
        return gettext("是") if value in (True, "yes") else ""
    known = {str(code): str(label) for code, label in field.choices}
    chosen = [str(one) for one in (value if isinstance(value, list) else [value])]
    return gettext("、").join(known[one] for one in chosen if one in known)
