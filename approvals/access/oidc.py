"""OpenID Connect: the way to the provider and back. Imported when a person takes it, never at the start.

django-allauth does the protocol. What is stricter here: every token's signature is verified, its issuer is
the one of the settings, the answer about the person is about the one in the token, and no answer takes for
ever.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from functools import wraps
from typing import Any

import jwt
import requests
from allauth.socialaccount import providers
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import count
from approvals.access.passwords import TooManyAttempts

PROVIDER_ID = "oidc"
CONNECT_SECONDS, DEADLINE_SECONDS, MAX_BYTES = 5, 10, 1_000_000
CONFIGURATION_VALID_SECONDS = 600
LIMIT, SECONDS = 30, 60
"""How many answers of the provider an address may bring in how many seconds."""
SIGNED_BY = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""No shared secret among them: a public key used as one would let anybody sign."""
LEEWAY_SECONDS = 60
FAILURES = (
    requests.RequestException, OAuth2Error, PermissionDenied, ImproperlyConfigured, ValueError, KeyError,
    TypeError, AttributeError, LookupError,
)  # fmt: skip
"""A provider may answer anything; allauth expects a sound one."""

_UNSTORABLE = re.compile(r"\\u0000|[\ud800-\udfff]")
"""In JSON. Replacing them would make one person of two whose `sub` differs in them alone."""

logger = logging.getLogger(__name__)

providers.registry.register(OpenIDConnectProvider)
_configurations: dict[str, tuple[float, dict[str, Any]]] = {}


class BoundedSession(requests.Session):
    """Ends a request after DEADLINE_SECONDS, however slowly the answer drips, and with MAX_BYTES."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        ends_at = time.monotonic() + DEADLINE_SECONDS
        response = super().request(*args, **{**kwargs, "timeout": CONNECT_SECONDS, "stream": True})
        body = bytearray()
        while piece := response.raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > MAX_BYTES or time.monotonic() > ends_at:
                response.close()
                raise requests.Timeout("The provider's answer is too long or takes too long.")
        response._content = bytes(body)  # what `content` reads, once it is there
        response._content_consumed = True
        return response


class ProviderClient(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's description of itself: fetched when it is needed, at most every 10 minutes."""
        address = self.get_provider().server_url
        fetched_at, found = _configurations.get(address, (0.0, {}))
        if not found or time.monotonic() - fetched_at > CONFIGURATION_VALID_SECONDS:
            found = fetched_configuration(address)
            _configurations[address] = (time.monotonic(), found)
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        claims = self._decode_id_token(app, kwargs["response"]["id_token"])
        data = {"id_token": claims}
        if "userinfo_endpoint" in self.openid_config:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"]["sub"] != claims["sub"]:
                raise OAuth2Error("The provider's answer is about another person than its token.")
        if _UNSTORABLE.search(json.dumps(data, ensure_ascii=False)):
            raise OAuth2Error("The provider's answer contains a character that cannot be stored.")
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        configuration = self.openid_config
        keys = jwt.PyJWKSet.from_dict(_json(configuration["jwks_uri"])).keys
        wanted = jwt.get_unverified_header(id_token).get("kid")
        fitting = [key for key in keys if wanted is None or key.key_id == wanted]
        if not fitting:
            raise OAuth2Error("The provider signed with a key that it does not publish.")
        try:
            found: dict[str, Any] = jwt.decode(
                id_token,
                fitting[0].key,
                algorithms=list(SIGNED_BY),
                audience=app.client_id,
                issuer=configuration["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"The provider's token is not valid: {error}.") from error
        return found


def fetched_configuration(address: str) -> dict[str, Any]:
    """Raises one of FAILURES, also when it is of another provider than the settings name."""
    found = _json(address)
    if str(found.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        raise OAuth2Error(f"The provider calls itself {found.get('issuer')!r}, not as OIDC_ISSUER says.")
    return found


def _json(address: str) -> dict[str, Any]:
    with BoundedSession() as session:
        response = session.get(address)
        response.raise_for_status()
        found: dict[str, Any] = response.json()
    if not isinstance(found, dict):
        raise OAuth2Error("The provider's answer is no JSON object.")
    return found


def _explained(view: Any) -> Any:
    """Whatever the provider does wrong ends at a page that says what to do."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            raise Http404("No OpenID Connect provider is configured.")
        try:
            response: HttpResponse = view(request)
        except jwt.PyJWTError as error:
            return _failure(request, error)
        except FAILURES as error:
            return _failure(request, error)
        return response

    return answer


def _failure(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("Logging in by the provider failed: %s: %s", type(error).__name__, str(error)[:500])
    context = {"auth_error": {"exception": error}}
    return render(request, "socialaccount/authentication_error.html", context, status=502)


@never_cache
@require_POST
@_explained
def begin(request: HttpRequest) -> HttpResponse:
    """To the provider: by a page and not by a redirect, which `form-action` of the content policy refuses."""
    nonce = secrets.token_urlsafe(16)
    next_url = request.POST.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(next_url, {request.get_host()}, require_https=request.is_secure()):
        next_url = ""
    provider = ProviderClient(request, PROVIDER_ID).get_provider()
    provider.get_oauth2_adapter = lambda request: ProviderClient(request, PROVIDER_ID)
    response = provider.redirect(
        request, AuthProcess.LOGIN, next_url=next_url or None, auth_params={"nonce": nonce}, nonce=nonce
    )
    return render(request, "account/leaving.html", {"address": response["Location"]})


@never_cache
@require_GET
@_explained
def finish(request: HttpRequest) -> HttpResponse:
    """Back from the provider."""
    counted = count(f"oidc:{network_of(client_address(request))}", SECONDS)
    if counted.number > LIMIT:
        raise TooManyAttempts(counted.seconds_left, "answer of the provider")
    response: HttpResponse = OAuth2CallbackView.adapter_view(ProviderClient(request, PROVIDER_ID))(request)
    return response
