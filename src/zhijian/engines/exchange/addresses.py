"""Where a push may go: https to the open internet, or to hosts that the operator named. Nothing else inside."""

import os
from urllib.parse import SplitResult, urlsplit

from zhijian.engines.exchange.policies import Refused
from zhijian.infrastructure.addresses import is_open_internet, numbers_of, port_of


def allowed_hosts() -> set[str]:
    """Hosts inside the government network that may be called, by http too: ZHIJIAN_EXCHANGE_HOSTS, with commas."""
    named = os.environ.get("ZHIJIAN_EXCHANGE_HOSTS", "").split(",")
    return {one.strip().lower() for one in named if one.strip()}


def check_address(url: str) -> SplitResult:
    """Refuse an address that is not https, not plain ASCII, or carries a name and password.

    Raises:
        Refused: with what it must be.
    """
    parts = _parts(url)
    if parts is not None and parts.hostname and parts.username is None:
        is_named = parts.hostname in allowed_hosts()
        if parts.scheme == "https" or (parts.scheme == "http" and is_named):
            return parts
    raise Refused(
        422,
        "webhook",
        "推送地址须为 https，只用英文字母、数字和符号，且不含用户名。",
        "A webhook must be https in plain ASCII, without a user name.",
    )


def _parts(url: str) -> SplitResult | None:
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port beyond 65,535 is told here
    except ValueError:
        return None
    return parts


def resolve(parts: SplitResult) -> str:
    """Return the one address to connect to; it is not looked up again, so a name cannot change under us.

    Raises:
        Refused: the name is not known, or leads into a private network that was not allowed.
    """
    assert parts.hostname is not None
    try:
        addresses = numbers_of(parts.hostname, port_of(parts))
    except (OSError, UnicodeError) as problem:
        raise Refused(
            422,
            "webhook",
            f"推送主机名无法解析（{problem}）。",
            f"The webhook's host is not known ({problem}).",
        ) from None
    if parts.hostname not in allowed_hosts() and not all(map(is_open_internet, addresses)):
        raise Refused(
            422,
            "webhook",
            "推送地址指向内部网络，未获允许。",
            "The webhook leads into a private network, which is not allowed.",
        )
    return addresses[0]
