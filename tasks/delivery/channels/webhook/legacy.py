"""The headers from before Standard Webhooks. Deprecated: they are sent for one more release."""

from __future__ import annotations

import hmac


def headers(version: str, timestamp: int, body: bytes, key: bytes | None) -> dict[str, str]:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in hexadecimal after `version` and `=`."""
    found = {"X-Desk-Timestamp": str(timestamp)}
    if key is not None:
        signed = str(timestamp).encode() + b"." + body
        found["X-Desk-Signature"] = f"{version}={hmac.digest(key, signed, 'sha256').hex()}"
    return found
