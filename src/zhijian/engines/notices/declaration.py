"""A kind of notice: its words in both languages, with places for data, and whether it may wait for the morning.

An application declares its kinds in one YAML file and registers them when it is ready:

    complaint.accepted:
      title: {zh: 投诉已受理, en: Complaint accepted}
      text:
        zh: "您的投诉（尾号{{ tail }}）已受理，{{ due_on }}前办结。"
        en: "Your complaint (ending {{ tail }}) was accepted; it ends by {{ due_on }}."
      link: "/complain/status/"
      is_urgent: false
      leave: "/warnings/unsubscribe/{{ code }}/"

`forgets_dead: true` is for an address that is sealed elsewhere or was given for this message alone: once the message is
given up nothing of the address is left here, and nobody can send it again by hand.

`leave` is for what somebody subscribed to: a path that ends it, written under each e-mail and in its head.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_KINDS: dict[str, "NoticeKind"] = {}


class NoticeProblem(Exception):
    """A kind of notice, or its data, cannot be used: a mistake of the program, not of a person."""


@dataclass(frozen=True)
class NoticeKind:
    """What is said. `link` is a path of this site, or empty."""

    code: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    link: str = ""
    is_urgent: bool = False  # safety: does not wait for the morning
    leave: str = ""  # of what was subscribed to: the path that ends it
    forgets_dead: bool = False  # what did not arrive leaves no address behind

    def written(self, data: Mapping[str, Any]) -> tuple[str, str, str, str]:
        """Return the text in Chinese and in English, the link, and the path that ends it, with the data in their places.

        Raises:
            NoticeProblem: data are missing, or a path leads out of this site.
        """
        try:
            zh, en, link, leave = (
                _ENVIRONMENT.from_string(text).render(data)
                for text in (self.text_zh, self.text_en, self.link, self.leave)
            )
        except TemplateError as problem:
            raise NoticeProblem(f"notice '{self.code}': {problem}") from problem
        for path in (link, leave):
            if path and (not path.startswith("/") or path.startswith("//")):
                raise NoticeProblem(f"notice '{self.code}': the link {path!r} is no path of this site")
        return _plain(zh), _plain(en), link, leave


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def register(kinds: Iterable[NoticeKind]) -> None:
    """Make kinds known. Called once by each application that sends them."""
    _KINDS.update({one.code: one for one in kinds})


def get(code: str) -> NoticeKind:
    """Return a kind.

    Raises:
        NoticeProblem: nobody registered it.
    """
    if code not in _KINDS:
        raise NoticeProblem(f"no notice is called '{code}'; known are {', '.join(sorted(_KINDS)) or 'none'}")
    return _KINDS[code]


def forgets_dead(code: str) -> bool:
    """Say whether what did not arrive of this kind leaves no address behind; a kind that is gone keeps none either."""
    return code not in _KINDS or _KINDS[code].forgets_dead


@cache
def load(path: Path) -> tuple[NoticeKind, ...]:
    """Read the kinds of a YAML file.

    Raises:
        NoticeProblem: a kind lacks a language, or has what is not known.
    """
    return tuple(_kind(code, content) for code, content in yaml.safe_load(path.read_text("utf-8")).items())


def _kind(code: str, content: Mapping[str, Any]) -> NoticeKind:
    unknown = set(content) - {"title", "text", "link", "is_urgent", "leave", "forgets_dead"}
    try:
        kind = NoticeKind(
            code=code,
            title_zh=content["title"]["zh"],
            title_en=content["title"]["en"],
            text_zh=content["text"]["zh"],
            text_en=content["text"]["en"],
            link=content.get("link", ""),
            is_urgent=content.get("is_urgent", False),
            leave=content.get("leave", ""),
            forgets_dead=content.get("forgets_dead", False),
        )
        for text in (kind.text_zh, kind.text_en, kind.link, kind.leave):
            _ENVIRONMENT.parse(text)
    except (KeyError, TypeError, TemplateError) as problem:
        raise NoticeProblem(f"notice '{code}' is not whole: {problem}") from problem
    if unknown:
        raise NoticeProblem(f"notice '{code}' has unknown {', '.join(sorted(unknown))}")
    return kind
