"""Refuse words that would tell who complained, before they are published or go into a fact that names nobody.

Two looks: the forms of `standards.personal_data` (telephones, documents, e-mail), and what the parties of the submission
are called and where they are reached. That is unsealed here for comparison only: no message repeats it, nobody is shown it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from zhijian.apps.consumer.complaints.models import Party, Submission
from zhijian.apps.consumer.complaints.people import PARTIES
from zhijian.security.sealed_text import unseal
from zhijian.standards import personal_data
from zhijian.standards.bilingual import Problem

_APART = re.compile(r"[\W_]+")
_PARTY_WORDS = {
    "name": ("姓名", "the name"),
    "phone": ("电话", "the telephone"),
    "email": ("电子邮箱", "the e-mail address"),
    "address": ("地址", "the address"),
    "id_number": ("证件号码", "the number of the document"),
}
_LEAST = {
    "name": 2,
    "phone": 7,
    "email": 6,
    "address": 6,
    "id_number": 6,
}  # letters; shorter ones are in any text
_PHONE_DIGITS = 11  # the last of a telephone number: a country's code before it may be left out


def problems_in(
    texts: Mapping[str, tuple[tuple[str, str], str]], submissions: Iterable[Submission], *, firm: str = ""
) -> list[Problem]:
    """Return what is to be taken out of texts that become public, by field: {field: ((名称, name), text)}.

    The name of the firm may stand in them, even where it holds a person's name.
    """
    if not any(text for _, text in texts.values()):
        return []
    known = _known(submissions)
    problems = []
    for field, ((zh, en), text) in texts.items():
        found = [*personal_data.numbers_and_addresses_in(text), *_of_parties(text, known, firm)]
        if found:
            problems.append(
                Problem(
                    field,
                    f"“{zh}”里写有{'、'.join(dict.fromkeys(one for one, _ in found))}，请删去后再办：公开的内容不得指向个人。",
                    f"“{en}” holds {', '.join(dict.fromkeys(one for _, one in found))}: take it out; what is public points to nobody.",
                )
            )
    return problems


def _of_parties(text: str, known: list[tuple[tuple[str, str], str]], firm: str) -> list[tuple[str, str]]:
    plain = _plain(text)
    if _plain(firm):
        plain = plain.replace(_plain(firm), "\n")
    return [words for words, secret in known if secret in plain]


def _known(submissions: Iterable[Submission]) -> list[tuple[tuple[str, str], str]]:
    """What the texts must not hold: (its words, the plain secret). Never leaves this module."""
    found = []
    for party in Party.objects.filter(submission__in=list(submissions)).select_related("submission"):
        place = party.submission.receipt_number
        side_zh, side_en = "投诉人一方的", "of the complainant's side"
        for name, (zh, en) in _PARTY_WORDS.items():
            secret = _plain(unseal(getattr(party, f"{name}_sealed"), key=PARTIES, context=f"{place}/{name}"))
            if name == "phone":
                secret = secret[-_PHONE_DIGITS:]
            if len(secret) >= _LEAST[name]:
                found.append(((f"{side_zh}{zh}", f"{en} {side_en}"), secret))
    return found


def _plain(text: str) -> str:
    """Only letters and digits, narrow and small: 张 三 and 张·三 are the same words."""
    return _APART.sub("", unicodedata.normalize("NFKC", text).casefold())
