"""Probes of how people log in: the OpenID Connect provider, and the roles that the settings name."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from contentpipeline.probes import ProbeResult, State

NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def login_provider() -> ProbeResult:
    """Whether the OpenID Connect provider is there, is the one of the settings, and knows this desk."""
    if not settings.OIDC_ISSUER:
        return ProbeResult(State.OK, "OIDC_ISSUER is empty: people log in with a password.")
    # Only now: it loads libraries that nothing else of this command needs.
    from allauth.socialaccount.adapter import get_adapter

    from approvals.access import oidc

    provider = get_adapter().get_provider(None, oidc.PROVIDER_ID)
    try:
        found = oidc.fetched_configuration(provider.server_url)
        if missing := [name for name in NEEDED if not isinstance(found.get(name), str)]:
            return ProbeResult(State.DOWN, f"{provider.server_url} has no {' and no '.join(missing)}.")
        status = _status_of_a_login(found["authorization_endpoint"])
    except oidc.FAILURES as error:
        return ProbeResult(
            State.DOWN, f"{provider.server_url}: {_why(error)} Check OIDC_ISSUER and the network."
        )
    if status >= 500:
        return ProbeResult(State.DOWN, f"{found['authorization_endpoint']} answers {status}.")
    if status >= 400:
        return ProbeResult(
            State.DOWN,
            f"The provider refuses OIDC_CLIENT_ID {settings.OIDC_CLIENT_ID!r} ({status}): register it there, "
            f"with the redirect address {_redirect_address()}.",
        )
    if unknown := unknown_roles(settings.OIDC_ROLES.values()):
        return ProbeResult(State.DOWN, _no_such_role("OIDC_ROLES", unknown))
    return ProbeResult(State.OK, f"{settings.OIDC_ISSUER}, as {settings.OIDC_CLIENT_ID}.")


def second_factor_roles() -> ProbeResult:
    from approvals.access.second_factor import ADMINISTRATORS

    names = settings.REQUIRE_SECOND_FACTOR
    if not names:
        return ProbeResult(State.OK, "REQUIRE_SECOND_FACTOR is empty: it is a choice of each person.")
    if unknown := unknown_roles(name for name in names if name.casefold() != ADMINISTRATORS):
        return ProbeResult(State.DOWN, _no_such_role("REQUIRE_SECOND_FACTOR", unknown, ADMINISTRATORS))
    return ProbeResult(State.OK, f"Required of {', '.join(names)}.")


def unknown_roles(names: Iterable[str]) -> list[str]:
    known = {name.casefold() for name in Group.objects.values_list("name", flat=True)}
    return [name for name in dict.fromkeys(names) if name.casefold() not in known]


def _no_such_role(setting: str, unknown: list[str], *others: str) -> str:
    roles = ", ".join([*Group.objects.order_by("name").values_list("name", flat=True), *others])
    return f"{setting} names {', '.join(map(repr, unknown))}, and there is no such role. There are: {roles}."


def _status_of_a_login(address: str) -> int:
    """What the provider answers to one who wants to log in here; nobody logs in, and nothing is followed."""
    from approvals.access.oidc import BoundedSession

    asked = {
        "response_type": "code", "scope": "openid", "client_id": settings.OIDC_CLIENT_ID, "state": "doctor",
        "nonce": "doctor", "redirect_uri": _redirect_address(), "code_challenge_method": "S256",
        "code_challenge": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",  # of an empty verifier: never used
    }  # fmt: skip
    with BoundedSession() as session:
        return session.get(address, params=asked, allow_redirects=False).status_code


def _redirect_address() -> str:
    return f"{settings.SITE_URL}{reverse('oidc_callback')}"


def _why(error: Exception) -> str:
    """No address with a query, and none of a library's own sentences about sockets."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"it answers {error.response.status_code}."
    if isinstance(error, requests.Timeout):
        return "it takes too long to answer."
    if isinstance(error, requests.ConnectionError):
        return "it cannot be reached."
    if isinstance(error, ValueError):
        return "its answer is no JSON."
    return f"{error}"
