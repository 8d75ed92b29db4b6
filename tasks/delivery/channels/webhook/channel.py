"""The webhooks of operators. Those that programs subscribe have an address and keys in their own rows."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from tasks.delivery.channels import ChannelState
from tasks.delivery.channels.webhook.signature import is_malformed, keys_of, legacy_key_of
from tasks.delivery.channels.webhook.transport import deliver
from tasks.delivery.messages import OutboundMessage, Purpose

SETTING = {Purpose.ALERTS: "ALERT_WEBHOOK", Purpose.NOTIFICATIONS: "NOTICE_WEBHOOK"}


class WebhookChannel:
    name = "webhook"
    is_personal = False

    def state(self, purpose: Purpose) -> ChannelState:
        setting, (url, secret) = SETTING[purpose], _settings(purpose)
        if secret and not url:
            return ChannelState(problem=f"{setting}_SECRET is set but has no effect: set {setting}_URL.")
        signed = "a signed" if secret else f"an unsigned ({setting}_SECRET)"
        wrong = f"{setting}_SECRET begins with whsec_, but is not in that form: see docs/webhooks.md."
        return ChannelState(
            f"{signed} webhook" if url else "",
            problem=wrong if is_malformed(secret) else "",
            needs=f"{setting}_URL",
        )

    @sensitive_variables("secret")
    def send(self, message: OutboundMessage, purpose: Purpose, *, to: Sequence[str] = ()) -> None:
        url, secret = _settings(purpose)
        deliver(
            url,
            json.dumps(message.payload, ensure_ascii=False).encode(),
            message_id=message.id,
            keys=keys_of(secret),
            legacy_version="sha256",
            legacy_key=legacy_key_of(secret),
        )


CHANNEL = WebhookChannel()


def _settings(purpose: Purpose) -> tuple[str, str]:
    prefix = SETTING[purpose]
    return getattr(settings, f"{prefix}_URL"), getattr(settings, f"{prefix}_SECRET")
