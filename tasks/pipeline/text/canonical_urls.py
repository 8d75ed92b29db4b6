"""Whether two addresses are of one page: what differs between links to it is left out."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

TRACKING = re.compile(
    r"(?:utm_|mtm_|pk_|hsa_|at_)\w{1,40}|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh"
    r"|mc_cid|mc_eid|ref_src|_ga|_gl|_hsenc|_hsmi|cmpid|srsltid|spm|si",
    re.IGNORECASE,
)
"""Parameters of addresses that say where a reader came from."""
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """For comparisons only: without scheme, `www.`, fragment, tracking and slash at the end."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    at = f":{port}" if port and port != DEFAULT_PORTS.get(parts.scheme) else ""
    path = INDEX.sub("/", unquote(parts.path)).rstrip("/")
    asked = sorted((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)
                   if not TRACKING.fullmatch(name))  # fmt: skip
    return f"{site_of(url)}{at}{path}" + (f"?{urlencode(asked)}" if asked else "")


def site_of(url: str) -> str:
    """The host, in one notation."""
    try:
        host = (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        pass
    return host.lower().removeprefix("www.")
