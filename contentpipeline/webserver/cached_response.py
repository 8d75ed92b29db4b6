"""A cached response: its bytes in each encoding, with the headers that go with them."""

from __future__ import annotations

import hashlib
import time
from email.utils import parsedate_to_datetime
from functools import lru_cache

from contentpipeline.webserver.content_encoding import (
    MIN_COMPRESSED_BYTES,
    SUFFIXES,
    coding_of,
    compressed,
    is_compressible,
    tag_for,
)

__all__ = ["CachedResponse", "Headers", "coding_of"]

Headers = list[tuple[bytes, bytes]]

BODY_HEADERS = {b"content-length", b"content-encoding", b"etag"}
NOT_IN_304 = {b"content-length", b"content-encoding", b"content-type", b"content-language"}


class CachedResponse:
    """A response that may be sent again, until `expires_at`."""

    __slots__ = (
        "_bodies",
        "_common",
        "_content_type",
        "_requested",
        "_tag",
        "_was_encoded",
        "bytes",
        "expires_at",
        "modified_at",
        "status",
    )

    def __init__(
        self, status: int, headers: Headers, body: bytes, seconds: float, *, is_file: bool = False
    ) -> None:
        """A file was encoded when it was built; its body stays as it is."""
        found = dict(headers)
        self.status = status
        self.expires_at = time.monotonic() + seconds
        self.modified_at = _timestamp(found.get(b"last-modified", b""))
        self._common = [header for header in headers if header[0] not in BODY_HEADERS]
        self._was_encoded = found.get(b"content-encoding", b"")
        self._content_type = found.get(b"content-type", b"")
        self._tag = found.get(b"etag", b"") or _tag_of(body)
        self._requested = set(SUFFIXES) if is_file else {b""}
        self._bodies = {b"": self._encoded(b"", body)}
        self.bytes = len(body) + sum(len(name) + len(value) + 100 for name, value in headers) + 500

    @property
    def is_cacheable(self) -> bool:
        """False where it was made for one reader: it sets a cookie or varies by more than the encoding."""
        return all(
            name != b"set-cookie" and (name != b"vary" or value.lower() == b"accept-encoding")
            for name, value in self._common
        )

    def has(self, coding: bytes) -> bool:
        return coding in self._bodies

    def wants(self, coding: bytes) -> bool:
        """Whether to compress it with this coding. True once: the caller that gets it does the work."""
        if coding in self._requested or not self._is_compressible():
            return False
        self._requested.add(coding)
        return True

    def compressed(self, coding: bytes) -> bytes:
        """The body in this encoding. Takes about a millisecond, so call it in a thread."""
        return compressed(self._bodies[b""][2], coding)

    def add(self, coding: bytes, body: bytes) -> None:
        if len(body) < len(self._bodies[b""][2]):
            self._bodies[coding] = self._encoded(coding, body)
            self.bytes += len(body) + 500

    def response_for(self, coding: bytes, known_tag: bytes, known_since: bytes) -> tuple[int, Headers, bytes]:
        """Status, headers and body for a conditional request."""
        headers, headers_of_304, body = self._bodies.get(coding) or self._bodies[b""]
        if (known_tag or known_since) and self.status == 200 and self._is_known(known_tag, known_since):
            return 304, headers_of_304, b""
        return self.status, headers, body

    def with_query(self, query: bytes, headers: Headers) -> Headers:
        """The headers; of a redirect, with the request's query added to its location."""
        if not query or not 300 <= self.status < 400:
            return headers
        # The server refuses a URL that is not ASCII, so the query is safe as it is.
        return [
            (name, value + (b"&" if b"?" in value else b"?") + query if name == b"location" else value)
            for name, value in headers
        ]

    def _encoded(self, coding: bytes, body: bytes) -> tuple[Headers, Headers, bytes]:
        headers = self._headers(coding, body)
        if coding == b"" and self._was_encoded:
            headers.append((b"content-encoding", self._was_encoded))
        return headers, [header for header in headers if header[0] not in NOT_IN_304], body

    def _headers(self, coding: bytes, body: bytes) -> Headers:
        tag = tag_for(self._tag, coding)
        headers = [*self._common, (b"etag", tag), (b"content-length", b"%d" % len(body))]
        return [*headers, (b"content-encoding", coding)] if coding else headers

    def _is_compressible(self) -> bool:
        if self._was_encoded or len(self._bodies[b""][2]) < MIN_COMPRESSED_BYTES:
            return False
        return is_compressible(self._content_type)

    def _is_known(self, tags: bytes, since: bytes) -> bool:
        if tags:
            # The first of these is what nearly every browser sends.
            known = {_without_suffix(tag) for tag in tags.split(b",")}
            return tags in (self._tag, b"*") or _without_suffix(self._tag) in known
        return bool(since) and self.modified_at > 0 and _timestamp(since) >= self.modified_at


def _without_suffix(tag: bytes) -> bytes:
    """The tag without the suffix of an encoding."""
    tag = tag.strip().removeprefix(b"W/").strip(b'"')
    return tag.removesuffix(b"-br").removesuffix(b"-gz")


def _tag_of(body: bytes) -> bytes:
    return b'"%s"' % hashlib.blake2b(body, digest_size=16).hexdigest().encode()


@lru_cache(maxsize=1024)
def _timestamp(date: bytes) -> float:
    """Seconds since 1970; 0 for what is no date."""
    try:
        return parsedate_to_datetime(date.decode("latin-1")).timestamp() if date else 0.0
    except ValueError:
        return 0.0
