"""API tokens over HTTP: an account's own, and for administrators those of all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.access import token_actions
from approvals.access.scopes import SCOPES, Credential
from approvals.library_models import SHOWN_CHARACTERS
from approvals.models import TokenDetails
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked

NEEDED = (token_actions.USE,)
SCOPE_CHOICES = [(name, scope.title) for name, scope in SCOPES.items()]


class CreateTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=100, help_text="What uses it, such as “CMS import”.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPE_CHOICES),
        allow_empty=False,
        allow_null=True,
        max_length=len(SCOPES),
        help_text="What it may be used for, as far as its account may; reading is part of every scope. Null: "
        "everything that its account may do.",
    )
    expires_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="Default: in 90 days. Null, for administrators: never.",
    )
    username = serializers.CharField(
        required=False, max_length=150, help_text="Whose token; for administrators. Default: your own."
    )


class RotateTokenSerializer(StrictSerializer):
    overlap_hours = serializers.IntegerField(
        default=24,
        min_value=0,
        max_value=token_actions.MAX_OVERLAP // timedelta(hours=1),
        help_text="For how long the old key stays valid. 0: it stops working at once.",
    )


class TokenSerializer(serializers.ModelSerializer[TokenDetails]):
    """A token. Its key is in no answer but the one that made it."""

    id = serializers.CharField(source="public_name", read_only=True)
    username = serializers.CharField(source="token.user.username", read_only=True)
    begins_with = serializers.SerializerMethodField()
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(source="token.created", read_only=True)
    expires_at = serializers.DateTimeField(source="token.expiry", read_only=True, allow_null=True)

    class Meta:
        model = TokenDetails
        fields: tuple[str, ...] = (
            "id", "name", "username", "begins_with", "scopes", "created_at", "expires_at", "last_used_at",
            "rotated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_begins_with(self, details: TokenDetails) -> str:
        return str(details.token.token_key)[:SHOWN_CHARACTERS]


class NewTokenSerializer(TokenSerializer):
    """A token and its key: keep it, because it is not shown again."""

    key = serializers.SerializerMethodField(help_text="To be sent as `Authorization: Token KEY`.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "key")
        read_only_fields = fields

    def get_key(self, details: TokenDetails) -> str:
        return str(self.context["key"])


@extend_schema_view(
    list=extend_schema(summary="List your tokens, newest first"),
    retrieve=extend_schema(summary="Read what a token is for"),
)
class TokenViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Keys of programs. Accounts see their own, administrators all. Needs the scope `tokens`."""

    queryset = TokenDetails.objects.select_related("token__user")
    serializer_class = TokenSerializer
    permissions = dict.fromkeys(("list", "retrieve", "create", "rotate", "destroy"), NEEDED)
    lookup_field = "public_name"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9a-f]{16}"
    _salt = ""

    def get_queryset(self) -> QuerySet[TokenDetails]:
        user = self.request.user
        if not isinstance(user, User):  # the schema is made without an account
            return self.queryset.none()
        return token_actions.visible_to(user)

    def without_secrets(self, data: Any) -> Any:
        """What the key is made from takes its place: alone it is worth nothing."""
        return data | {"key": self._salt} if "key" in data else data

    def with_secrets(self, data: Any) -> Any:
        if "key" not in data:
            return data
        token_actions.require_within(_credential(self.request), data["scopes"])
        return data | {"key": token_actions.key_from(data["key"])}

    @extend_schema(
        summary="Create a token",
        description="Only this response contains its key. 403: for another account, or with more scopes than "
        "the token that asks. 409: the account has too many.",
        request=CreateTokenSerializer,
        responses={201: NewTokenSerializer},
    )
    def create(self, request: Request) -> Response:
        asked, by = checked(CreateTokenSerializer, request), actor(request)
        made = token_actions.create(
            _owner(asked.get("username"), by),
            name=asked["name"],
            scopes=asked["scopes"],
            expires_at=asked["expires_at"] if "expires_at" in asked else token_actions.default_expiry(),
            by=by,
            credential=_credential(request),
        )
        return self._with_key(made, status=201)

    @extend_schema(
        summary="Rotate a token",
        description="A new key with the same name, scopes and lifetime, in this response alone. 409: it was "
        "rotated already, or has expired.",
        request=RotateTokenSerializer,
        responses={201: NewTokenSerializer},
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, id: str) -> Response:
        overlap = timedelta(hours=checked(RotateTokenSerializer, request)["overlap_hours"])
        details = self.get_object()
        made = token_actions.rotate(
            details, overlap=overlap, by=actor(request), credential=_credential(request)
        )
        return self._with_key(made, status=201)

    @extend_schema(summary="Revoke a token", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:
        token_actions.revoke(self.get_object(), by=actor(request))
        return Response(status=204)

    def _with_key(self, made: token_actions.NewToken, status: int) -> Response:
        self._salt = made.salt
        answer = NewTokenSerializer(made.details, context={"key": made.key})
        return Response(answer.data, status=status, headers={"Cache-Control": "private, no-store"})


def _credential(request: Request) -> Credential | None:
    """The token that asks; None for a session."""
    return request.auth if isinstance(request.auth, Credential) else None


def _owner(username: str | None, by: User) -> User:
    if username is None or username == by.get_username():
        return by
    found = token_actions.owners_for(by).filter(username=username).first()
    if found is None:
        raise serializers.ValidationError(
            {"username": ["You may create no token of such an account: leave it out for your own."]}
        )
    return found
