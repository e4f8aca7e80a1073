"""Settings from the environment or one file, checked at start with clear messages.

``ZHIJIAN_CONFIG`` names a file of ``KEY=value`` lines (default ``ZHIJIAN_HOME/zhijian.conf`` if it
exists); a variable of the environment wins over the file.
"""

import os
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from zhijian.infrastructure.home import Home, current_home
from zhijian.infrastructure.openid import Provider
from zhijian.infrastructure.virus_scanner import Scanner, scanner_at

KNOWN_KEYS = {
    "ZHIJIAN_HOME": "folder for everything that is written (default ./var)",
    "ZHIJIAN_CONFIG": "file of KEY=value lines",
    "ZHIJIAN_DATABASE_URL": "postgresql://user:password@host:port[,host:port]/name?sslmode=verify-full; without it SQLite",
    "ZHIJIAN_DATABASE_OWNER_URL": "the same with the account that owns the tables: for migrate, restore and database alone",
    "ZHIJIAN_DATABASE_PLAIN_BECAUSE": "why a database on another machine may be spoken to without a certificate that is checked",
    "ZHIJIAN_SECRET_KEY": "at least 50 characters; without it one is made in ZHIJIAN_HOME/secret_key",
    "ZHIJIAN_ALLOWED_HOSTS": "host names, separated by commas (default 127.0.0.1,localhost,[::1])",
    "ZHIJIAN_DEBUG": "1 only while developing",
    "ZHIJIAN_HTTPS": "1 where the site is reached by https: secure cookies, HSTS",
    "ZHIJIAN_CIPHERS": "international (default: AES-256, SHA-256) or national (SM4, SM3): for keys made from now on",
    "ZHIJIAN_SITE": "address under which the public reaches the site, e.g. https://zhijian.example/ (in QR codes)",
    "ZHIJIAN_PARAMETERS": "folder of the office's own parameters and calendars (default ZHIJIAN_HOME/parameters)",
    "ZHIJIAN_EXCHANGE_HOSTS": "hosts inside the own network that the exchange may push to, separated by commas",
    "ZHIJIAN_MAIL_URL": "smtp://user:password@host:port (or smtps://) of the mail server; without it no e-mail leaves",
    "ZHIJIAN_MAIL_FROM": "address that e-mail comes from",
    "ZHIJIAN_NOTICE_SMS_URL": "https address of the gateway for text messages",
    "ZHIJIAN_NOTICE_YSS_URL": "https address of the gateway to 粤省事",
    "ZHIJIAN_NOTICE_YST_URL": "https address of the gateway to 粤商通",
    "ZHIJIAN_NOTICE_SECRET": "at least 32 characters: signs what goes to the gateways",
    "ZHIJIAN_METRICS_TOKEN": "at least 32 characters: who sends it as a bearer token may read /metrics; without it nobody",
    "ZHIJIAN_LOG": "line (default) or json: one JSON object a line, with the request's number",
    "ZHIJIAN_TRACES_URL": "collector of OpenTelemetry traces (OTLP over HTTP), e.g. http://127.0.0.1:4318/v1/traces; without it none",
    "ZHIJIAN_OIDC_ISSUER": "the office's identity provider (OpenID Connect), e.g. https://id.example.gov.cn; without it none",
    "ZHIJIAN_OIDC_CLIENT": "name of this site at the provider",
    "ZHIJIAN_OIDC_SECRET": "secret of this site at the provider",
    "ZHIJIAN_OIDC_CLAIM": "claim that carries the staff number; default staff_number",
    "ZHIJIAN_CERTIFICATE": "the site's certificate (PEM); the operations page watches its last day",
    "ZHIJIAN_TIME_SOURCE": "a site of the office whose clock is right, e.g. https://time.example.gov.cn; the operations page compares this machine's with it",
    "ZHIJIAN_VIRUS_SCANNER": "ClamAV's daemon: unix:/run/clamav/clamd.ctl or tcp://host:3310; then no file is taken without its verdict",
    "ZHIJIAN_TEST_DATABASE": "sqlite or postgresql: which database the tests use",
}

SOURCE_PREFIX = "ZHIJIAN_SOURCE_"  # ZHIJIAN_SOURCE_<NAME>_URL: the address of a database that is pulled from

ENVIRONMENT_ONLY = {  # read before any file is
    "ZHIJIAN_HOME",
    "ZHIJIAN_CONFIG",
    "ZHIJIAN_PARAMETERS",
    "ZHIJIAN_EXCHANGE_HOSTS",
    "ZHIJIAN_DATABASE_OWNER_URL",  # a file of the service would tell it to the site
    "ZHIJIAN_TEST_DATABASE",
}


class ConfigurationError(Exception):
    """A setting is wrong. The message says which, what it is, and what it should be."""


@dataclass(frozen=True)
class Mail:
    """The mail server, as Django takes it. Without a host no e-mail leaves."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    sender: str = ""


@dataclass(frozen=True)
class Configuration:
    home: Home
    secret_key: str
    debug: bool
    https: bool
    allowed_hosts: list[str]
    site: str
    database: dict[str, object]
    mail: Mail
    notice_webhooks: dict[str, str]
    notice_secret: str = field(repr=False)
    metrics_token: str = field(default="", repr=False)
    log: str = "line"
    traces_url: str = ""
    certificate: str = ""
    time_source: str = ""
    openid: Provider | None = None
    ciphers: str = "international"
    virus_scanner: Scanner | None = None


def _read_file(path: Path) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        key, separator, value = text.partition("=")
        is_known = key.strip() in KNOWN_KEYS or key.strip().startswith(SOURCE_PREFIX)
        if not separator or not is_known:
            known = ", ".join(sorted(KNOWN_KEYS.keys() - ENVIRONMENT_ONLY))
            raise ConfigurationError(
                f"{path}, line {number}: '{text}' is not a setting. Write KEY=value with one of: {known}."
            )
        if key.strip() in ENVIRONMENT_ONLY:
            raise ConfigurationError(
                f"{path}, line {number}: {key.strip()} has no effect in a file. Set it in the environment."
            )
        values[key.strip()] = value.strip()
    return values


def _flag(values: Mapping[str, str], key: str) -> bool:
    value = values.get(key, "0")
    if value not in {"0", "1"}:
        raise ConfigurationError(f"{key} is '{value}'. Write 1 for yes or 0 for no.")
    return value == "1"


def _secret_key(values: Mapping[str, str], home: Home) -> str:
    if key := values.get("ZHIJIAN_SECRET_KEY"):
        if len(key) < 50:
            raise ConfigurationError(
                f"ZHIJIAN_SECRET_KEY has {len(key)} characters; at least 50 are needed. Leave it out to have one made."
            )
        return key
    if not home.secret_key.exists():
        home.root.mkdir(parents=True, exist_ok=True)
        candidate = home.root / f".secret_key.{os.getpid()}"
        candidate.touch(mode=0o600)
        candidate.write_text(secrets.token_urlsafe(64), "utf-8")
        try:
            os.link(candidate, home.secret_key)  # the first process to come wins
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return home.secret_key.read_text("utf-8").strip()


def database_from_url(url: str, *, plain_because: str = "") -> dict[str, object]:
    """Turn ``postgresql://user:password@host:port/name`` into Django's form.

    Several machines, ``host1:port1,host2:port2``, are a primary and its replicas: whichever takes writes is used. One that is
    not this machine must prove itself by a certificate (``?sslmode=verify-full``), or a reason says why it need not.

    Raises:
        ConfigurationError: the address names another kind of database or no database, or nothing says who answers there.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ConfigurationError(
            f"ZHIJIAN_DATABASE_URL begins with '{parts.scheme}:'. "
            "Write postgresql://user:password@host:port/name, or leave it out for SQLite."
        )
    place, encryption = _place(parts), _encryption(parts)
    _refuse_unproven(str(place["HOST"]), encryption, plain_because)
    several: dict[str, object] = {"target_session_attrs": "read-write", "connect_timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        **place,
        "OPTIONS": {**(several if "," in str(place["HOST"]) else {}), **encryption},
    }


def _place(parts: SplitResult) -> dict[str, str]:
    """Return where the database is; of several machines, a connection that died looks anew for the one that takes writes."""
    machines = parts.netloc.rpartition("@")[2].split(",")
    if len(machines) == 1:
        return {"HOST": unquote(parts.hostname or ""), "PORT": str(parts.port or "")}
    places = [machine.rpartition(":") if ":" in machine else (machine, "", "5432") for machine in machines]
    return {"HOST": ",".join(host for host, _, _ in places), "PORT": ",".join(port for _, _, port in places)}


_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def _encryption(parts: SplitResult) -> dict[str, str]:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(given.keys() - {"sslmode", "sslrootcert"})
    if unknown or given.get("sslmode", "prefer") not in _SSL_MODES:
        raise ConfigurationError(
            f"ZHIJIAN_DATABASE_URL ends with '?{parts.query}'. Only sslmode ({', '.join(_SSL_MODES)}) and sslrootcert, "
            "the file with the authority's certificate, may stand there."
        )
    return given


def _refuse_unproven(hosts: str, encryption: Mapping[str, str], plain_because: str) -> None:
    far = [host for host in hosts.split(",") if not _is_this_machine(host)]
    if not far or encryption.get("sslmode") == "verify-full" or len(plain_because) >= _LEAST_REASON:
        return
    raise ConfigurationError(
        f"The database is on another machine ({', '.join(far)}), and nothing proves that it is the right one: "
        "end ZHIJIAN_DATABASE_URL with ?sslmode=verify-full (and &sslrootcert=/path/to/authority.pem where the authority is "
        "your own). Where the way there is protected otherwise, say how in ZHIJIAN_DATABASE_PLAIN_BECAUSE, in at least "
        f"{_LEAST_REASON} characters."
    )


_LEAST_REASON = 10  # DESIGN: a word such as 'yes' is no reason


def _is_this_machine(host: str) -> bool:
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def sqlite_database(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


def own_parameters(environment: Mapping[str, str]) -> Path:
    """Return the folder of the office's own parameters and calendars, whether or not it is there yet."""
    named = environment.get("ZHIJIAN_PARAMETERS")
    return Path(named) if named else current_home().parameters


def use_own_parameters(environment: MutableMapping[str, str]) -> None:
    """Let the standards find the office's own parameters and calendars where they lie in the home."""
    folder = own_parameters(environment)
    if folder.is_dir():
        environment["ZHIJIAN_PARAMETERS"] = str(folder)


def _values(environment: Mapping[str, str], path: Path) -> dict[str, str]:
    return {**(_read_file(path) if path.exists() else {}), **environment}


def _mail(values: Mapping[str, str]) -> Mail:
    url, sender = values.get("ZHIJIAN_MAIL_URL", ""), values.get("ZHIJIAN_MAIL_FROM", "")
    if not url:
        return Mail()
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or "@" not in sender:
        raise ConfigurationError(
            "ZHIJIAN_MAIL_URL must be smtp://user:password@host:port or smtps://..., and ZHIJIAN_MAIL_FROM the address "
            "that e-mail comes from. Leave both out to send no e-mail."
        )
    is_tls = parts.scheme == "smtps"
    return Mail(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        sender=sender,
    )


def _site(values: Mapping[str, str]) -> str:
    """Return the address that QR codes lead to; by default that of this machine."""
    site = values.get("ZHIJIAN_SITE", "http://127.0.0.1:8000/")
    parts = urlsplit(site)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError(
            f"ZHIJIAN_SITE is '{site}'. Write the whole address of the site, e.g. https://zhijian.example/."
        )
    return site


def _notice_webhooks(values: Mapping[str, str]) -> tuple[dict[str, str], str]:
    keys = {way: f"ZHIJIAN_NOTICE_{way.upper()}_URL" for way in ("sms", "yss", "yst")}
    named = {
        way: _web_address(values, key, "the gateway's https address", is_https=True)
        for way, key in keys.items()
    }
    webhooks = {way: url for way, url in named.items() if url}
    secret = values.get("ZHIJIAN_NOTICE_SECRET", "")
    if webhooks and len(secret) < 32:
        raise ConfigurationError(
            f"ZHIJIAN_NOTICE_SECRET has {len(secret)} characters; at least 32 are needed to sign what goes to the gateways."
        )
    return webhooks, secret


def _metrics_token(values: Mapping[str, str]) -> str:
    token = values.get("ZHIJIAN_METRICS_TOKEN", "")
    if token and len(token) < 32:
        raise ConfigurationError(
            f"ZHIJIAN_METRICS_TOKEN has {len(token)} characters; at least 32 are needed. Leave it out to give no metrics."
        )
    return token


def _one_of(values: Mapping[str, str], key: str, choices: Mapping[str, str]) -> str:
    """Return a setting that is one of several words, each with what it means; the first is the default."""
    value = values.get(key, next(iter(choices)))
    if value not in choices:
        told = " or ".join(f"{word} ({meaning})" if meaning else word for word, meaning in choices.items())
        raise ConfigurationError(f"{key} is '{value}'. Write {told}.")
    return value


def _web_address(values: Mapping[str, str], key: str, meant: str, *, is_https: bool = False) -> str:
    """Return a setting that is a whole web address, or nothing where it is left out."""
    url = values.get(key, "")
    parts = urlsplit(url)
    schemes = {"https"} if is_https else {"http", "https"}
    if url and (parts.scheme not in schemes or not parts.hostname):
        raise ConfigurationError(f"{key} is '{url}'. Write {meant}.")
    return url


def _virus_scanner(values: Mapping[str, str]) -> Scanner | None:
    address = values.get("ZHIJIAN_VIRUS_SCANNER", "")
    scanner = scanner_at(address)
    if address and scanner is None:
        raise ConfigurationError(
            f"ZHIJIAN_VIRUS_SCANNER is '{address}'. Write unix:/run/clamav/clamd.ctl or tcp://host:3310, or leave it out."
        )
    return scanner


def _openid(values: Mapping[str, str]) -> Provider | None:
    issuer = values.get("ZHIJIAN_OIDC_ISSUER", "")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    is_here = parts.hostname in {"localhost", "127.0.0.1"}
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_here)):
        raise ConfigurationError(
            f"ZHIJIAN_OIDC_ISSUER is '{issuer}'. Write the provider's https address, as it names itself."
        )
    client, secret = values.get("ZHIJIAN_OIDC_CLIENT", ""), values.get("ZHIJIAN_OIDC_SECRET", "")
    if not client or not secret:
        raise ConfigurationError(
            "ZHIJIAN_OIDC_ISSUER is set without ZHIJIAN_OIDC_CLIENT and ZHIJIAN_OIDC_SECRET. Register the site there, "
            "write both, or leave all three out."
        )
    return Provider(issuer, client, secret, values.get("ZHIJIAN_OIDC_CLAIM", "") or "staff_number")


def source_address(environment: Mapping[str, str], name: str) -> str:
    """Return the address of a database that is pulled from, by the name of its setting.

    Raises:
        ConfigurationError: it is not set, or is no setting for addresses.
    """
    path = Path(environment.get("ZHIJIAN_CONFIG", current_home().root / "zhijian.conf"))
    address = _values(environment, path).get(name) if name.startswith(SOURCE_PREFIX) else None
    if not address:
        raise ConfigurationError(
            f"{name} is not set. Write {SOURCE_PREFIX}<NAME>_URL=postgresql://user:password@host:port/name "
            f"(or mysql://...) in the environment or in {path}; it must never be in the repository."
        )
    return address


def chosen_database(environment: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return the database that is set, in Django's form, without making anything in the home: a restore wants it empty."""
    home = current_home()
    path = Path(environment.get("ZHIJIAN_CONFIG", home.root / "zhijian.conf"))
    return _database(_values(environment, path), home)


def owner_database(environment: Mapping[str, str]) -> dict[str, object] | None:
    """Return the database as the owner of its tables signs in to it; nothing where no owner is set apart.

    Raises:
        ConfigurationError: the site's own address is SQLite or names another database.
    """
    url = environment.get("ZHIJIAN_DATABASE_OWNER_URL")
    if not url:
        return None
    values = _values(
        environment, Path(environment.get("ZHIJIAN_CONFIG", current_home().root / "zhijian.conf"))
    )
    site, owner = chosen_database(environment), database_from_url(url, plain_because=_plain_because(values))
    if any(site.get(key) != owner[key] for key in ("ENGINE", "HOST", "PORT", "NAME")):
        raise ConfigurationError(
            "ZHIJIAN_DATABASE_OWNER_URL names another database than ZHIJIAN_DATABASE_URL. "
            "Write the same machine, port and name in both; only the account differs."
        )
    return owner


def _plain_because(values: Mapping[str, str]) -> str:
    return values.get("ZHIJIAN_DATABASE_PLAIN_BECAUSE", "").strip()


def _database(values: Mapping[str, str], home: Home) -> dict[str, object]:
    url = values.get("ZHIJIAN_DATABASE_URL")
    return (
        database_from_url(url, plain_because=_plain_because(values))
        if url
        else sqlite_database(home.database)
    )


def load(environment: Mapping[str, str]) -> Configuration:
    """Read and check every setting.

    Raises:
        ConfigurationError: what is wrong, where, and how to mend it.
    """
    home = current_home()
    named = environment.get("ZHIJIAN_CONFIG")
    path = Path(named) if named else home.root / "zhijian.conf"
    if named and not path.exists():
        raise ConfigurationError(f"ZHIJIAN_CONFIG names {path}, which does not exist.")
    values = _values(environment, path)
    url = values.get("ZHIJIAN_DATABASE_URL")
    hosts = values.get("ZHIJIAN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
    if not url:
        home.root.mkdir(parents=True, exist_ok=True)
    webhooks, notice_secret = _notice_webhooks(values)
    return Configuration(
        home=home,
        secret_key=_secret_key(values, home),
        debug=_flag(values, "ZHIJIAN_DEBUG"),
        https=_flag(values, "ZHIJIAN_HTTPS"),
        allowed_hosts=[host.strip() for host in hosts.split(",") if host.strip()],
        site=_site(values),
        database=_database(values, home),
        mail=_mail(values),
        notice_webhooks=webhooks,
        notice_secret=notice_secret,
        metrics_token=_metrics_token(values),
        log=_one_of(values, "ZHIJIAN_LOG", {"line": "", "json": ""}),
        ciphers=_one_of(values, "ZHIJIAN_CIPHERS", {"international": "AES, SHA-256", "national": "SM4, SM3"}),
        traces_url=_web_address(
            values,
            "ZHIJIAN_TRACES_URL",
            "the collector's whole address, e.g. http://127.0.0.1:4318/v1/traces",
        ),
        certificate=values.get("ZHIJIAN_CERTIFICATE", ""),
        time_source=_web_address(
            values,
            "ZHIJIAN_TIME_SOURCE",
            "the whole address of a site whose clock is right, e.g. https://time.example.gov.cn",
        ),
        openid=_openid(values),
        virus_scanner=_virus_scanner(values),
    )
