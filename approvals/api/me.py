"""Who one is to the API: account, roles, and what the token in use may do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.access.scopes import SCOPES, Credential
from approvals.models import TokenDetails
from tasks.actor import actor
from tasks.api.base import DeskViewSet


class MyTokenSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="As `/api/tokens/` has it.")
    name = serializers.CharField()
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)),
        allow_null=True,
        help_text="Null: everything that the account may do.",
    )
    expires_at = serializers.DateTimeField(allow_null=True)


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(help_text="First and last name; may be empty.")
    email = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="What the account may do, as far as the token allows it."
    )
    token = MyTokenSerializer(allow_null=True, help_text="The one in use; null for a session.")


class MeViewSet(DeskViewSet):
    """Everybody with an account may read this, whatever their roles and the token's scopes."""

    serializer_class = MeSerializer
    pagination_class = None  # type: ignore[assignment]  # DRF takes None, its stubs do not
    permissions = {"retrieve": ()}

    @extend_schema(summary="Read who you are, and what you may do with this token", responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        user, credential = actor(request), request.auth
        allowed = sorted(user.get_all_permissions())
        if isinstance(credential, Credential):
            allowed = [name for name in allowed if not credential.missing_scopes([name])]
        found = {
            "id": user.pk,
            "username": user.get_username(),
            "name": user.get_full_name(),
            "email": user.email,
            "roles": sorted(user.groups.values_list("name", flat=True)),
            "permissions": allowed,
            "token": _described(credential) if isinstance(credential, Credential) else None,
        }
        return Response(MeSerializer(found).data)


def _described(credential: Credential) -> dict[str, Any]:
    details = TokenDetails.objects.filter(token=credential.token).first()
    return {
        "id": details.public_name if details else "",
        "name": details.name if details else "",
        "scopes": None if credential.scopes is None else sorted(credential.scopes),
        "expires_at": credential.token.expiry,
    }
