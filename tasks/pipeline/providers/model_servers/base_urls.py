"""Where requests go: what people write as a base URL ends anywhere between the host and the whole address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

VERSION = re.compile(r"/(?:v\d+(?:alpha|beta)?\d{0,3}|api-v\d+)(?:/|$)")
AZURE_HOSTS = (".azure.com", ".azure.us", ".azure.cn", ".azure-api.net")


@dataclass(frozen=True)
class BaseURL:
    """A base URL without the path of an endpoint; its query stays with every request."""

    scheme: str
    host: str
    path: str
    """Without a slash at its end."""
    query: str

    @classmethod
    def parsed(cls, url: str, endpoints: Sequence[str]) -> BaseURL | None:
        """None for what is no address. `endpoints` are taken off its end."""
        try:
            parts = urlsplit(url.strip())
            host = parts.hostname
        except ValueError:
            return None
        if not host:
            return None
        path = parts.path.rstrip("/")
        for endpoint in endpoints:
            path = path.removesuffix(endpoint).rstrip("/")
        return cls(parts.scheme, parts.netloc, path, parts.query)

    @property
    def has_version(self) -> bool:
        return VERSION.search(self.path) is not None

    @property
    def is_azure(self) -> bool:
        host = self.host.partition(":")[0].lower()
        names = {name.lower() for name, _ in parse_qsl(self.query)}
        return host.endswith(AZURE_HOSTS) or "api-version" in names or "/openai/deployments" in self.path

    def to(self, path: str, query: str = "") -> str:
        queries = "&".join(part for part in (self.query, query) if part)
        return urlunsplit((self.scheme, self.host, path, queries, ""))


def versioned(base: BaseURL, version: str, *, otherwise: bool = False) -> str:
    """The path with its version: many people leave it out, and some servers have none.

    Without a path the version is added, to a path it is not; `otherwise` is the opposite of that.
    """
    if base.has_version:
        return base.path
    return base.path + (version if bool(base.path) == otherwise else "")


def azure_path(base: BaseURL, deployment: str | None) -> str:
    """Azure's path: by deployment with a dated version of the interface, else one path for all models."""
    if base.has_version or base.path not in ("", "/openai"):
        return base.path
    version = dict(parse_qsl(base.query.lower())).get("api-version", "")
    if not version[:1].isdigit():
        return "/openai/v1"
    return f"/openai/deployments/{quote(deployment, safe='')}" if deployment else "/openai"
