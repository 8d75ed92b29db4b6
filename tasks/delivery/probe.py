"""Whether messages can leave, for `manage.py doctor`. Sends nothing."""

from __future__ import annotations

from tasks.delivery.channels import channels
from tasks.delivery.messages import Purpose

WITHOUT = {
    Purpose.ALERTS: "Nobody is notified, only the page Work shows incidents: set {needs}.",
    Purpose.NOTIFICATIONS: "None are sent: set {needs}.",
}


def probe_channels(purpose: Purpose) -> tuple[bool, str]:
    """Whether a person would be notified, and a sentence about the channels or about what is wrong."""
    states = [channel.state(purpose) for channel in channels()]
    if problem := next((state.problem for state in states if state.problem), ""):
        return False, problem
    found = " and ".join(state.description for state in states if state.description)
    if found:
        return True, f"{found[0].upper()}{found[1:]}."
    return False, WITHOUT[purpose].format(needs=", or ".join(state.needs for state in states))
