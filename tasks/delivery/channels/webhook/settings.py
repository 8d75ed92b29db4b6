"""The webhooks of operators: one for alerts, one for notifications."""

from __future__ import annotations

from typing import Any

from tasks.delivery.channels import Environment


def read(environment: Environment, *, site_url: str) -> dict[str, Any]:
    return {
        "ALERT_WEBHOOK_URL": environment.url("ALERT_WEBHOOK_URL"),
        "ALERT_WEBHOOK_SECRET": environment.text("ALERT_WEBHOOK_SECRET"),
        "NOTICE_WEBHOOK_URL": environment.url("NOTICE_WEBHOOK_URL"),
        "NOTICE_WEBHOOK_SECRET": environment.text("NOTICE_WEBHOOK_SECRET"),
    }
