"""Where mail goes, and to whom alerts are sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tasks.delivery.channels import Environment

CONNECTION = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")


def read(environment: Environment, *, site_url: str) -> dict[str, Any]:
    server = environment.mail("EMAIL_URL")
    backend = "smtp" if server else "dummy"
    return {
        "SENDS_MAIL": server is not None,
        "EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": environment.text(
            "EMAIL_FROM", f"desk@{urlsplit(site_url).hostname or 'localhost'}"
        ),
        "ALERT_EMAILS": environment.emails("ALERT_EMAILS"),
        **{f"EMAIL_{name}": server[name] for name in CONNECTION if server},
    }
