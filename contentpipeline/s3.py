"""A storage for files in S3, or in whatever speaks its protocol: put, get, head, delete and list, signed.

This little of the protocol needs 150 lines; the usual libraries for it unpack to 23 MB.
The site hands the files out itself, so the bucket stays private and pages load nothing from elsewhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import aiohttp
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible
from yarl import URL

FOLDERS, FILES = "{*}CommonPrefixes/{*}Prefix", "{*}Contents/{*}Key"
SECONDS = 10.0
"""For a whole call: name resolution, connection and response."""


@dataclass(frozen=True)
class S3Credentials:
    access_key: str
    secret_key: str
    region: str


@dataclass(frozen=True)
class S3Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


@deconstructible
class S3Storage(Storage):
    """`bucket_url` is the bucket's own address, with its name in the host or as the path."""

    def __init__(self, bucket_url: str, access_key: str, secret_key: str, region: str) -> None:
        self._bucket_url = bucket_url.rstrip("/")
        self._credentials = S3Credentials(access_key, secret_key, region)

    def exists(self, name: str) -> bool:
        return self._call("HEAD", name).status == 200

    def size(self, name: str) -> int:
        return int(self._existing("HEAD", name).headers["Content-Length"])

    def delete(self, name: str) -> None:
        self._call("DELETE", name)

    def get_modified_time(self, name: str) -> datetime:
        return parsedate_to_datetime(self._existing("HEAD", name).headers["Last-Modified"])

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Folders and files directly below it; both empty where there is nothing."""
        prefix = f"{path.rstrip('/')}/"
        folders: list[str] = []
        files: list[str] = []
        parameters = {"delimiter": "/", "list-type": "2", "prefix": prefix}
        while True:
            query = urlencode(sorted(parameters.items()), quote_via=quote, safe="")
            found = ElementTree.fromstring(self._existing("GET", "", query=query).body)
            folders += [_below(prefix, each).rstrip("/") for each in found.iterfind(FOLDERS)]
            files += [_below(prefix, each) for each in found.iterfind(FILES) if each.text != prefix]
            if not (more := found.findtext("{*}NextContinuationToken")):
                return folders, files
            parameters["continuation-token"] = more

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(self._existing("GET", name).body, name=name)

    def _save(self, name: str, content: File[bytes]) -> str:
        content.seek(0)
        self._call("PUT", name, content.read())
        return name

    def _existing(self, method: str, name: str, query: str = "") -> S3Response:
        response = self._call(method, name, query=query)
        if response.status == 404:
            raise FileNotFoundError(f"The storage has no file {name}.")
        return response

    def _call(self, method: str, name: str, body: bytes = b"", query: str = "") -> S3Response:
        """Raises OSError unless the call succeeded or the file does not exist."""
        url = f"{self._bucket_url}/{quote(name)}" + (f"?{query}" if query else "")
        headers = signed(method, url, {}, body, self._credentials, datetime.now(UTC))
        try:
            response = asyncio.run(_send(method, url, headers, body))
        except TimeoutError as error:
            raise OSError(f"The storage did not respond within {SECONDS:g} seconds.") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise OSError(f"The storage cannot be reached: {type(error).__name__}.") from error
        if response.status not in {200, 204, 404} or (method == "PUT" and response.status != 200):
            raise OSError(f"The storage answered {response.status} to {method}.")
        return response


def _below(prefix: str, named: ElementTree.Element) -> str:
    return (named.text or "").removeprefix(prefix)


def signed(
    method: str, url: str, headers: Mapping[str, str], body: bytes, credentials: S3Credentials, at: datetime
) -> dict[str, str]:
    """The headers of a signed request: AWS Signature Version 4. A query must be sorted."""
    parts = urlsplit(url)
    digest, moment = hashlib.sha256(body).hexdigest(), f"{at:%Y%m%dT%H%M%SZ}"
    sent = dict(headers) | {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": moment}
    by_name = {name.lower(): value.strip() for name, value in sent.items()}
    names = ";".join(sorted(by_name))
    listed = "".join(f"{name}:{by_name[name]}\n" for name in sorted(by_name))
    request = "\n".join([method, parts.path, parts.query, listed, names, digest])
    scope = f"{at:%Y%m%d}/{credentials.region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential_scope = f"{credentials.access_key}/{scope}"
    sent["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential_scope},SignedHeaders={names},Signature={signature}"
    )
    return sent


async def _send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> S3Response:
    limit = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(timeout=limit, skip_auto_headers=["Content-Type"]) as session:
        data: Any = body if method == "PUT" else None
        sent = session.request(
            method, URL(url, encoded=True), headers=headers, data=data, allow_redirects=False
        )
        async with sent as response:
            return S3Response(response.status, dict(response.headers), await response.read())
