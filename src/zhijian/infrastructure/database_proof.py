"""Why a database on another machine was not believed: its certificate, told so that an administrator can mend it.

The driver refuses rightly and says little: `certificate verify failed` may be another authority or a certificate that
has ended. Where it says no more, the server is asked for its certificate once more, and nothing is sent to it.
"""

import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cryptography import x509

_ASKS_FOR_TLS = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")  # SOURCE: PostgreSQL, SSLRequest
_SECONDS = 3  # a machine that refused a moment ago answers at once
_NOT_YET, _ENDED = 9, 10  # SOURCE: OpenSSL, X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED


class Fault(Enum):
    """What is wrong with the proof, with what the driver says of it."""

    PLAIN = r"server does not support SSL"
    NAME = r"does not match host name"
    ROOT = r"root certificate file"
    AUTHORITY = r"certificate verify failed"  # or one of the two below
    ENDED = "certificate has expired"
    NOT_YET = "certificate is not yet valid"


@dataclass
class DatabaseNotProven(Exception):
    """The machine that answers cannot prove that it is our database; nothing was sent to it."""

    fault: Fault
    place: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


def not_proven(problem: BaseException | str, database: Mapping[str, Any]) -> DatabaseNotProven | None:
    """Return why a connection was not believed; nothing where it failed for another reason.

    `database` is in Django's form. May ask the server for its certificate, which takes at most some seconds.
    """
    said = str(problem)
    fault = next((one for one in Fault if re.search(one.value, said)), None)
    if fault is None:
        return None
    authority = str((database.get("OPTIONS") or {}).get("sslrootcert", ""))
    shown = _shown(_places(database), authority)
    if fault is Fault.AUTHORITY:
        fault = shown.fault
    return DatabaseNotProven(fault, shown.place, *_words(fault, shown, authority))


@dataclass(frozen=True)
class _Shown:
    """What a machine showed: whose certificate, from whom, good until when. Empty where it showed none."""

    place: str
    fault: Fault = Fault.AUTHORITY
    names: str = "?"
    issuer: str = "?"
    days: str = "?"


def _places(database: Mapping[str, Any]) -> list[tuple[str, int]]:
    hosts = str(database.get("HOST") or "localhost").split(",")
    ports = str(database.get("PORT") or "5432").split(",")
    return [(host.strip("[]"), int(port or 5432)) for host, port in zip(hosts, ports, strict=True)]


def _shown(places: list[tuple[str, int]], authority: str) -> _Shown:
    """Ask each machine in turn; return what the first showed that cannot be believed, else the first one's."""
    found = [_asked(host, port, authority) for host, port in places]
    return next((shown for is_believed, shown in found if not is_believed), found[0][1])


def _asked(host: str, port: int, authority: str) -> tuple[bool, _Shown]:
    shown = _Shown(f"{host}:{port}")
    try:
        certificate = _certificate(host, port)
        shown = _Shown(shown.place, names=_names(certificate), issuer=certificate.issuer.rfc4514_string(),
            days=f"{certificate.not_valid_before_utc:%Y-%m-%d} – {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")  # fmt: skip
        _handshake(host, port, ssl.create_default_context(cafile=_file(authority)))
    except ssl.SSLCertVerificationError as problem:
        fault = {_ENDED: Fault.ENDED, _NOT_YET: Fault.NOT_YET}.get(problem.verify_code, Fault.AUTHORITY)
        return False, _Shown(shown.place, fault, shown.names, shown.issuer, shown.days)
    except (OSError, ValueError):  # it shows nothing: what the driver said stands
        return False, shown
    return True, shown


def _file(authority: str) -> str | None:
    return None if authority in ("", "system") else authority


def _certificate(host: str, port: int) -> x509.Certificate:
    """Read the certificate that is shown, believing nothing: it is for the words alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return x509.load_der_x509_certificate(_handshake(host, port, context))


def _handshake(host: str, port: int, context: ssl.SSLContext) -> bytes:
    """Ask for TLS as PostgreSQL's clients do, and return the certificate.

    Raises:
        OSError: nobody answers, there is no TLS, or the context does not believe the certificate.
    """
    with socket.create_connection((host, port), timeout=_SECONDS) as plain:
        plain.sendall(_ASKS_FOR_TLS)
        if plain.recv(1) != b"S":
            raise ConnectionError(f"{host}:{port} speaks no TLS")
        with context.wrap_socket(plain, server_hostname=host) as secured:
            return secured.getpeercert(binary_form=True) or b""


def _names(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return certificate.subject.rfc4514_string()
    return ", ".join(str(name.value) for name in names)


def _words(fault: Fault, shown: _Shown, authority: str) -> tuple[str, str]:
    """What, where, how to mend, in both languages."""
    zh, en = _WORDS[fault]
    told = {
        "place": shown.place, "host": shown.place.rpartition(":")[0], "names": shown.names, "issuer": shown.issuer,
        "days": shown.days, "file": authority or "~/.postgresql/root.crt",
    }  # fmt: skip
    return (
        f"数据库服务器没有证明自己的身份，未连接，也没有发送口令。{zh.format(**told)}",
        f"The database did not prove who it is: there is no connection, and no password was sent. {en.format(**told)}",
    )


_WORDS = {
    Fault.PLAIN: (
        "{place} 不使用加密连接，而 ZHIJIAN_DATABASE_URL 要求核验证书（sslmode）。请在该服务器上设置 ssl=on、ssl_cert_file 和 "
        "ssl_key_file 并重新启动；若一直如此，先查明该地址上是否换了机器。",
        "{place} speaks no TLS, and ZHIJIAN_DATABASE_URL asks for a certificate (sslmode). Set ssl=on, ssl_cert_file and ssl_key_file "
        "on that server and start it again; if it had them, find out whether another machine answers there.",
    ),
    Fault.NAME: (
        "{place} 的证书写的是别的名称（{names}）。请把 ZHIJIAN_DATABASE_URL 中的主机改为证书上的名称，或为该服务器签发写有 {host} 的证书。",
        "The certificate of {place} is for other names ({names}). Write one of them as the host in ZHIJIAN_DATABASE_URL, or have a "
        "certificate made for that server that names {host}.",
    ),
    Fault.ROOT: (
        "连接 {place} 所需的签发机构证书 {file} 不存在或无法读取。请在 ZHIJIAN_DATABASE_URL 末尾写 &sslrootcert=/路径/authority.pem"
        "（PEM 格式，本服务的用户可读）。",
        "The authority's certificate {file}, needed for {place}, is not there or cannot be read. End ZHIJIAN_DATABASE_URL with "
        "&sslrootcert=/path/to/authority.pem (PEM, readable for the service's user).",
    ),
    Fault.AUTHORITY: (
        "{place} 的证书由“{issuer}”签发，不在 {file} 所信任的机构之内。若签发机构已更换，请核实后把新机构的证书放入该文件（sslrootcert）；"
        "若没有更换，可能是别的机器在应答，请立即查明。",
        "The certificate of {place} comes from '{issuer}', whom {file} does not trust. Where the authority was changed, put the new one's "
        "certificate into that file (sslrootcert) once it is verified; where not, another machine may be answering: find out now.",
    ),
    Fault.ENDED: (
        "{place} 的证书（{days}）或其签发机构的证书已过期。请为该服务器签发新证书，放在 ssl_cert_file 处，并运行 SELECT pg_reload_conf()；"
        "若日期没有过，请核对本机时钟。",
        "The certificate of {place} ({days}), or that of its authority, has ended. Have a new one made, put it where ssl_cert_file says and run "
        "SELECT pg_reload_conf(); if the day is not past, look at this machine's clock.",
    ),
    Fault.NOT_YET: (
        "{place} 的证书（{days}）尚未生效。请核对本机和该服务器的时钟；时钟无误的，请换用已生效的证书。",
        "The certificate of {place} ({days}) is not valid yet. Compare the clocks of this machine and of that server; where they are right, "
        "use a certificate that has begun.",
    ),
}
