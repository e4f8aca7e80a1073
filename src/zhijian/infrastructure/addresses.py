"""What kind of place a network address is, whatever way it is written."""

import ipaddress

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
