"""The signature of the Standard Webhooks specification 1.0.0 (standardwebhooks.com), by a shared secret."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence

PREFIX = "whsec_"


def as_secret(key: bytes) -> str:
    """A key as it is shown to receivers."""
    return PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for. Raises ValueError for one that is not in the form of `as_secret`."""
    encoded = secret.removeprefix(PREFIX)
    if encoded == secret or not encoded:
        raise ValueError(f"A secret begins with {PREFIX}.")
    try:
        # Padding is often lost where secrets are copied; more than enough of it does no harm.
        return b64decode(encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"What follows {PREFIX} is not base64.") from error


def keys_of(setting: str) -> list[bytes]:
    """The keys in a setting: several secrets, separated by spaces, while one is rotated.

    Any other text is a secret from before this scheme: its own bytes are the key.
    """
    try:
        return [key_of(secret) for secret in setting.split()]
    except ValueError:
        return [setting.encode()]


def legacy_key_of(setting: str) -> bytes | None:
    """The key of the deprecated signature: the text of the first secret."""
    if not setting:
        return None
    return (setting.split()[0] if _is_standard(setting) else setting).encode()


def is_malformed(setting: str) -> bool:
    """Whether a receiver would take another key from it than `keys_of` does."""
    return PREFIX in setting and not _is_standard(setting)


def headers(message_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """What says which message it is and when this attempt began, signed with each key. No key, no signature.

    `message_id` holds no full stop, so that the signed parts are unambiguous.
    """
    found = {"webhook-id": message_id, "webhook-timestamp": str(timestamp)}
    if keys:
        found["webhook-signature"] = " ".join(_signatures(message_id, timestamp, body, keys))
    return found


def _is_standard(setting: str) -> bool:
    return keys_of(setting) != [setting.encode()]


def _signatures(message_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> Iterable[str]:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return ("v1," + b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
