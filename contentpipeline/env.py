"""Reading the environment, for settings.py alone.

Every error is one sentence that names the variable and says how to correct it.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable's value, stripped; an empty one counts as unset."""
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    return int(number(name, default, minimum=minimum, maximum=maximum, kind=int))


def number(
    name: str,
    default: float,
    *,
    minimum: float = 0,
    maximum: float | None = None,
    kind: type[int] | type[float] = float,
) -> float:
    value = text(name)
    what = "a whole number" if kind is int else "a number"
    bounds = f"from {minimum} to {maximum}" if maximum is not None else f"of at least {minimum}"
    try:
        result = kind(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be {what} {bounds}, not {value!r}.") from None
    # Written this way round so that NaN, which no comparison accepts, is refused too.
    if not (minimum <= result and (maximum is None or result <= maximum)):
        raise ImproperlyConfigured(f"{name} must be {what} {bounds}, not {value!r}.")
    return result


def items(name: str, default: str = "") -> list[str]:
    """A comma-separated list, without blanks."""
    return [item for item in (part.strip() for part in text(name, default).split(",")) if item]


def emails(name: str) -> list[str]:
    """A comma-separated list of mail addresses."""
    found = items(name)
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise ImproperlyConfigured(
                f"{name} must list mail addresses, separated by commas, not {address!r}."
            ) from None
    return found


def networks(name: str) -> list[str]:
    """A comma-separated list of addresses and networks, as 10.0.0.2, 10.0.0.0/8 or fd00::/8."""
    found = items(name)
    for network in found:
        try:
            ip_network(network, strict=False)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must list addresses or networks such as 10.0.0.0/8, not {network!r}."
            ) from None
    return found


def models(name: str) -> list[str]:
    """A list of models as `vendor:name`, in order of preference."""
    found = items(name)
    for model in found:
        vendor, _, model_name = model.partition(":")
        if not vendor or not model_name:
            raise ImproperlyConfigured(f"{name} must list models as vendor:name, not {model!r}.")
    return found


def matching(name: str, pattern: str, what: str) -> str:
    """A text that the whole of `pattern` matches, or none. Errors never show it: it may be a secret."""
    value = text(name)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} must be {what}.")
    return value


def origins(name: str) -> list[str]:
    """Where scripts are from, as browsers name it (`https://example.org`), or `*` alone for everywhere."""
    found = items(name)
    for origin in found:
        if not (re.fullmatch(r"https?://[^/\s@?#]+", origin) or found == ["*"]):
            raise ImproperlyConfigured(
                f"{name} must list origins such as https://example.org, separated by commas, or be *: "
                f"{origin!r} is none."
            )
    return found


def choice(name: str, choices: Collection[str]) -> str:
    """One of several words, or none."""
    value = text(name).lower()
    if value and value not in choices:
        raise ImproperlyConfigured(f"{name} must be empty or one of {', '.join(choices)}, not {value!r}.")
    return value


def secret(name: str, *, create_in: Path | None = None) -> str:
    """A secret from the variable, or from the file its `_FILE` twin names.

    With `create_in`, a missing secret is generated once and stored in that file, readable by its owner alone.
    """
    if value := _given_secret(name):
        return value
    if create_in is None:
        raise ImproperlyConfigured(f"{name} is not set: set {name}, or {name}_FILE to a file that holds it.")
    return _stored_secret(create_in)


def _given_secret(name: str) -> str:
    if value := text(name):
        return value
    path = text(f"{name}_FILE")
    return _secret_in(Path(path), f"{name}_FILE") if path else ""


def _secret_in(path: Path, name: str) -> str:
    try:
        value = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name} names {path}, which cannot be read: {_reason(error)}.") from error
    if not value:
        raise ImproperlyConfigured(f"{name} names {path}, which is empty: put the secret in it.")
    return value


def _stored_secret(path: Path) -> str:
    try:
        if not path.exists():
            _create_secret(path)
        return _secret_in(path, path.name)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data directory {path.parent} cannot be used ({_reason(error)}): "
            "set DATA_DIR to one you can write to."
        ) from error


def _create_secret(path: Path) -> None:
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o711)  # the embedded database's account may have to pass through, not to list it
    # Written next to it and linked: two processes starting at once agree on one secret, none reads half.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def url(
    name: str,
    default: str = "",
    *,
    schemes: tuple[str, ...] = ("http", "https"),
    needs_host: bool = True,
) -> str:
    """An address without a trailing slash. Errors never show the value: it may hold a password."""
    value = text(name, default)
    if value:
        _parsed(name, value, schemes, needs_host=needs_host)
    return value.rstrip("/")


def database(name: str) -> dict[str, object] | None:
    """Django's settings for the PostgreSQL that the variable or its `_FILE` twin names; None without."""
    value = _given_secret(name)
    if not value:
        return None
    parts = _parsed(name, value, ("postgresql", "postgres"), needs_host=False)
    database_name = unquote(parts.path.removeprefix("/"))
    if not database_name:
        raise ImproperlyConfigured(
            f"{name} names no database: write postgresql://USER:PASSWORD@HOST/DATABASE."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def owner_of_database(name: str, *, application: dict[str, object] | None) -> dict[str, object] | None:
    """Django's settings for the same database as its owner; None when the application is the owner."""
    owner = database(name)
    if owner and not (application and application["USER"]):
        raise ImproperlyConfigured(
            f"{name} is set, so DATABASE_URL must be too and name the application's role: "
            "write postgresql://ROLE:PASSWORD@HOST/DATABASE."
        )
    return owner


TLS = {"smtp": ("none", 25), "smtps": ("implicit", 465)}
"""By scheme: how the connection is encrypted unless `tls` says otherwise, and the port."""


def mail(name: str) -> dict[str, Any] | None:
    """Django's settings for the mail server that the variable points to, without their `EMAIL_`."""
    value = text(name)
    if not value:
        return None
    parts = _parsed(name, value, tuple(TLS))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls, port = TLS[parts.scheme]
    tls = options.pop("tls", tls)
    if tls not in {"none", "starttls", "implicit"}:
        raise ImproperlyConfigured(f"{name} must say tls=starttls, tls=implicit or tls=none.")
    if options or parts.path.strip("/") or parts.fragment:
        # A password with an unquoted / or # in it ends up here: nothing of it may be shown.
        raise ImproperlyConfigured(
            f"{name} must look like smtp://USER:PASSWORD@HOST:587/?tls=starttls, "
            "with every special character of the password written as %XX."
        )
    return {
        "HOST": parts.hostname or "",
        "PORT": parts.port or (587 if tls == "starttls" else port),
        "HOST_USER": unquote(parts.username or ""),
        "HOST_PASSWORD": unquote(parts.password or ""),
        "USE_TLS": tls == "starttls",
        "USE_SSL": tls == "implicit",
    }


def bucket(name: str) -> dict[str, str] | None:
    """What S3Storage takes, for the bucket that the variable points to; None when it is unset."""
    value = text(name)
    if not value:
        return None
    parts = _parsed(name, value, ("https", "http"))
    options = dict(parse_qsl(parts.query))
    region = options.pop("region", "us-east-1")
    if not parts.username or not parts.password or options or parts.fragment:
        # A secret with an unquoted / or # in it ends up here: nothing of it may be shown.
        raise ImproperlyConfigured(
            f"{name} must look like https://ACCESS_KEY:SECRET_KEY@HOST/BUCKET?region=REGION, "
            "with every special character of the keys written as %XX."
        )
    host = parts.netloc.rpartition("@")[2]
    return {
        "bucket_url": f"{parts.scheme}://{host}{parts.path.rstrip('/')}",
        "access_key": unquote(parts.username),
        "secret_key": unquote(parts.password),
        "region": region,
    }


def _parsed(name: str, value: str, schemes: tuple[str, ...], *, needs_host: bool = True) -> SplitResult:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 (computed on access, and raises for a port that is no number)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address: write {wanted}HOST.") from None
    if parts.scheme not in schemes or (needs_host and not parts.hostname):
        raise ImproperlyConfigured(
            f"{name} must be an address that begins with {wanted}{' and names a host' * needs_host}."
        )
    return parts


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
