"""Where a web address leads: its port, the numbers behind its name, and what kind of place a number is."""

import ipaddress
import socket
from urllib.parse import SplitResult

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def is_open_internet(text: str) -> bool:
    """Say whether an address is one host of the open internet, also where it wraps an IPv4 address in IPv6."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_open_internet(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        if wrapped := address.ipv4_mapped or address.sixtofour:
            return is_open_internet(str(wrapped))
        if address.is_site_local or address.teredo:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def port_of(parts: SplitResult) -> int:
    """Return the port of a web address: what it names, else that of its scheme."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def numbers_of(host: str, port: int) -> list[str]:
    """Look a name up once and return the numbers behind it, in the order in which they are to be tried.

    Raises:
        OSError: the name is not known.
        UnicodeError: it is no name.
    """
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
