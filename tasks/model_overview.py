"""Which language models serve which role, as the environment says, and how they have done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Avg, Count, Q, Sum
from django.utils import timezone

from tasks.models import ModelCall
from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.vendors import known_vendors, vendor_settings

DAYS = 7
MILLION = 1_000_000
ROLES: Mapping[str, str] = {
    "research": "Notes, outline and searches",
    "creative": "Drafts, revisions and parts of texts",
    "qa": "Critique",
    "image": "Images",
    "publishing": "Titles, descriptions and tags",
}
"""What each of tasks.pipeline.types.Role does. By name: a waiting process does not load that module."""


@dataclass(frozen=True)
class RoleChain:
    """The models of a role, in the order in which they are asked, and the setting that says so."""

    role: str
    what: str
    setting: str
    models: tuple[str, ...]


@dataclass(frozen=True)
class SettingState:
    """Whether a setting has a value; of an address also its host, of a key nothing."""

    name: str
    is_set: bool
    host: str = ""


@dataclass(frozen=True)
class ModelUse:
    """What the calls of the last days came to. `cost_usd` leaves out calls without a known price."""

    calls: int = 0
    failed: int = 0
    cost_usd: Decimal | None = None
    mean_ms: float | None = None


@dataclass(frozen=True)
class ModelState:
    name: str
    roles: list[str]
    settings: list[SettingState]
    problem: str
    """Why it cannot be called, or ""."""
    forms: list[str]
    most_output_tokens: int | None
    input_usd: Decimal | None
    output_usd: Decimal | None
    """List prices of a million tokens; None where none is known."""
    use: ModelUse = field(default_factory=ModelUse)


def chains() -> list[RoleChain]:
    found = []
    for role, what in ROLES.items():
        own = settings.MODEL_FOR.get(role)
        setting = f"MODEL_FOR_{role.upper()}" if own else "PIPELINE_MODELS"
        found.append(RoleChain(role, what, setting, tuple(own or settings.PIPELINE_MODELS)))
    return found


def configured_models() -> list[str]:
    """Each once, in the order in which roles name them."""
    return list(dict.fromkeys(model for chain in chains() for model in chain.models))


def access() -> Access:
    return Access({setting.name: getattr(settings, setting.name) for setting in vendor_settings()})


def model_states() -> list[ModelState]:
    uses, serves = _uses(), chains()
    return [
        _state(name, [one.role for one in serves if name in one.models], uses.get(name, ModelUse()))
        for name in configured_models()
    ]


def _state(name: str, roles: list[str], use: ModelUse) -> ModelState:
    from tasks.pipeline.providers.model_calls.calls import Usage, list_price_usd  # loads a price list

    vendor_name, _, model = name.partition(":")
    vendor, problem, forms, most = known_vendors().get(vendor_name), "", [], None
    if vendor is None:
        problem = f"There is no vendor “{vendor_name}”: known are {', '.join(known_vendors())}."
    else:
        try:
            protocol = vendor.protocol(access())
            forms, most = list(protocol.forms(model)), protocol.most_output_tokens(model)
        except ProviderError as error:
            problem = str(error)
    input_usd = list_price_usd(vendor_name, model, Usage(MILLION, 0))
    output_usd = list_price_usd(vendor_name, model, Usage(0, MILLION))
    return ModelState(
        name,
        roles,
        _settings_of(vendor_name),
        problem,
        [str(form) for form in forms],
        most,
        input_usd,
        output_usd,
        use,
    )


def _settings_of(vendor_name: str) -> list[SettingState]:
    vendor = known_vendors().get(vendor_name)
    states = []
    for setting in vendor.settings if vendor else ():
        value = getattr(settings, setting.name)
        host = urlsplit(value).hostname or "" if setting.is_url and value else ""
        states.append(SettingState(setting.name, bool(value), host))
    return states


def _uses() -> dict[str, ModelUse]:
    since = timezone.now() - timedelta(days=DAYS)
    rows: Any = (
        ModelCall.objects.filter(created_at__gte=since)
        .order_by()
        .values("provider", "model")
        .annotate(
            calls=Count("pk"),
            failed=Count("pk", filter=~Q(outcome__in=("ok", "cancelled"))),
            cost=Sum("cost_usd"),
            mean_ms=Avg("duration_ms", filter=Q(outcome="ok")),
        )
    )
    return {
        f"{row['provider']}:{row['model']}": ModelUse(
            row["calls"], row["failed"], row["cost"], row["mean_ms"]
        )
        for row in rows
    }
