"""Compresses responses: which of them, by which coding, and what else changes in their headers.

Pages whose forms hold a secret (the CSRF token) are compressed too: Django masks that token differently
in each response, and other sites' requests come without the session's cookie (SameSite), so BREACH has
nothing to guess at. A response that shows a secret says `no-transform`, and is left as it is.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache

import brotli

from contentpipeline.webserver.wsgi_call import ResponseHead

MIN_COMPRESSED_BYTES = 512
"""Shorter texts would not become shorter by more than a header."""
COMPRESSIBLE = re.compile(
    rb"(?!text/event-stream)(?:text/|image/svg\+xml|application/(?:[\w.-]+\+)?(?:json|xml|yaml|javascript)\b"
    rb"|application/(?:x-ndjson|jsonl|vnd\.oai\.openapi)\b)",
    re.IGNORECASE,
)
# More would take several times as long, for a few per cent. A response that is sent once gets a little
# less than a cached one.
BROTLI_QUALITY, BROTLI_QUALITY_ONCE, GZIP_LEVEL, GZIP_LEVEL_ONCE = 5, 4, 6, 4
SUFFIXES = {b"": b"", b"gzip": b"-gz", b"br": b"-br"}
"""One tag for each encoding: they are different bytes."""
SUFFIX_OF_TAG = re.compile(r'-(?:br|gz)(?=")')
NO_BODY = {204, 206, 304}


@lru_cache(maxsize=256)
def coding_of(accepted: bytes) -> bytes:
    """The best encoding that an Accept-Encoding header allows: br, gzip, or nothing for the page as it is."""
    allowed = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, parameters = part.partition(";")
        quality = parameters.replace(" ", "").removeprefix("q=") or "1"
        try:
            allowed[name.strip()] = float(quality) > 0
        except ValueError:
            continue
    anything = allowed.get("*", False)
    return next((coding for coding in (b"br", b"gzip") if allowed.get(coding.decode(), anything)), b"")


@lru_cache(maxsize=256)
def is_compressible(kind: bytes) -> bool:
    """Whether a Content-Type is that of a text, in the widest sense, which comes all at once."""
    return COMPRESSIBLE.match(kind) is not None


def compressed(body: bytes, coding: bytes, *, once: bool = False) -> bytes:
    if coding == b"br":
        quality = BROTLI_QUALITY_ONCE if once else BROTLI_QUALITY
        smaller: bytes = brotli.compress(body, quality=quality, mode=brotli.MODE_TEXT)
        return smaller
    return gzip.compress(body, GZIP_LEVEL_ONCE if once else GZIP_LEVEL, mtime=0)


def tag_for(tag: bytes, coding: bytes) -> bytes:
    """The tag of this encoding of what has `tag`; a weak one is the same for all."""
    return tag if tag.startswith(b"W/") or not tag.endswith(b'"') else tag[:-1] + SUFFIXES[coding] + b'"'


def plain_tags(header: str) -> str:
    """The tags of a conditional header as the application gave them, without the suffix of an encoding."""
    return SUFFIX_OF_TAG.sub("", header)


def encode(head: ResponseHead, body: bytes, coding: bytes, known_tags: bytes = b"") -> bytes:
    """The body as it is to be sent once, with `head` changed to say so. For a thread.

    Of a 304, the tag becomes the one that the client has.
    """
    if head.status == 304:
        _name_known_tag(head, coding, known_tags)
        return body
    if len(body) < MIN_COMPRESSED_BYTES or not _may_encode(head):
        return body
    _vary(head)
    smaller = compressed(body, coding, once=True) if coding else body
    if len(smaller) >= len(body):
        return body
    _set_encoding(head, coding)
    head.pop(b"content-length")
    head.headers.append((b"content-length", b"%d" % len(smaller)))
    return smaller


def encode_pieces(head: ResponseHead, coding: bytes) -> Callable[[Iterator[bytes]], Iterator[bytes]] | None:
    """A generator of compressed pieces; None where they are to be sent as they are."""
    if not _may_encode(head):
        return None
    _vary(head)
    if not coding:
        return None
    _set_encoding(head, coding)
    head.pop(b"content-length")
    return _brotli_pieces if coding == b"br" else _gzip_pieces


def _brotli_pieces(pieces: Iterator[bytes]) -> Iterator[bytes]:
    encoder = brotli.Compressor(quality=BROTLI_QUALITY_ONCE, mode=brotli.MODE_TEXT)
    yield from filter(None, map(encoder.process, pieces))
    yield encoder.finish()


def _gzip_pieces(pieces: Iterator[bytes]) -> Iterator[bytes]:
    encoder = zlib.compressobj(GZIP_LEVEL_ONCE, wbits=zlib.MAX_WBITS | 16)
    yield from filter(None, map(encoder.compress, pieces))
    yield encoder.flush()


def _may_encode(head: ResponseHead) -> bool:
    if head.status in NO_BODY:
        return False
    kind = b""
    for name, value in head.headers:
        if name == b"content-type":
            kind = value
        elif name == b"content-encoding" or (name == b"cache-control" and b"no-transform" in value.lower()):
            return False
    return is_compressible(kind)


def _vary(head: ResponseHead) -> None:
    varies = b", ".join(value for name, value in head.headers if name == b"vary")
    if b"accept-encoding" not in varies.lower() and varies.strip() != b"*":
        head.pop(b"vary")
        head.headers.append((b"vary", varies + b", Accept-Encoding" if varies else b"Accept-Encoding"))


def _set_encoding(head: ResponseHead, coding: bytes) -> None:
    head.headers.append((b"content-encoding", coding))
    tag = head.pop(b"etag")
    if tag is not None:
        head.headers.append((b"etag", tag_for(tag, coding)))


def _name_known_tag(head: ResponseHead, coding: bytes, known_tags: bytes) -> None:
    tag = head.pop(b"etag")
    if tag is not None:
        encoded = tag_for(tag, coding)
        head.headers.append((b"etag", encoded if encoded in known_tags else tag))
