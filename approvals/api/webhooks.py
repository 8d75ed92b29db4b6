"""Subscriptions to events over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.models import Webhook, WebhookDelivery
from approvals.webhooks import subscriptions
from approvals.webhooks.addresses import check_address
from approvals.webhooks.events import PING, registered_events
from approvals.webhooks.models import secret_from
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.filtering import DeskFilterSet
from tasks.api.parameters import PAGE, filter_names

SEE = "approvals.view_webhook"
CHANGE = (SEE, "approvals.change_webhook")
UID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@extend_schema_field(OpenApiTypes.URI)
class AddressField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=500, validators=[check_address], **options)


class EventsField(serializers.ListField):
    """One or more of the events there are."""

    def __init__(self, **options: Any) -> None:
        # Every app has registered its own by the time that addresses are loaded.
        child = serializers.ChoiceField(
            choices=[(name, registered_events[name].description) for name in sorted(registered_events)]
        )
        super().__init__(child=child, allow_empty=False, max_length=100, **options)


class SubscribeSerializer(StrictSerializer):
    url = AddressField(help_text="An https address on port 443 of the public internet.")
    events = EventsField()
    description = serializers.CharField(default="", allow_blank=True, max_length=200)


class ChangeWebhookSerializer(StrictSerializer):
    """Only what is given is changed."""

    url = AddressField(required=False)
    events = EventsField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    active = serializers.BooleanField(
        required=False, source="is_active", help_text="Events that happen while it is false are never sent."
    )


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A subscription. Its secret is in no answer but the one that made it."""

    active = serializers.BooleanField(source="is_active", read_only=True)
    events = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id", "owner", "url", "events", "description", "active", "deactivated_because", "failures",
            "failing_since", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields = fields


class NewSecretSerializer(WebhookSerializer):
    """A subscription and its new secret: keep it, because it is not shown again."""

    secret = serializers.SerializerMethodField(
        help_text="For the signatures, in the form of Standard Webhooks. Not shown again."
    )

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields

    def get_secret(self, hook: Webhook) -> str:
        return str(self.context["secret"])


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    id = serializers.UUIDField(source="uid", read_only=True, help_text="As sent in the call.")
    error = serializers.CharField(source="last_error", read_only=True, help_text="Of the last attempt.")
    next_try_at = serializers.SerializerMethodField()

    class Meta:
        model = WebhookDelivery
        fields = (
            "id", "event", "status", "attempts", "response_code", "error", "created_at", "next_try_at",
            "delivered_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_try_at(self, delivery: WebhookDelivery) -> datetime | None:
        hook = delivery.webhook
        return max(delivery.due_at, hook.try_at) if delivery.due_at and hook.is_active else None


class DeliveryFilter(DeskFilterSet):
    status = filters.MultipleChoiceFilter(choices=WebhookDelivery.Status.choices)
    event = filters.MultipleChoiceFilter(
        choices=[(name, name) for name in (*sorted(registered_events), PING)]
    )


@extend_schema_view(
    list=extend_schema(summary="List your subscriptions"),
    retrieve=extend_schema(summary="Read a subscription"),
)
class WebhookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Programs elsewhere that receive events. Accounts see their own, administrators all."""

    queryset = Webhook.objects.all()
    serializer_class = WebhookSerializer
    filterset_class = None  # `deliveries` has one
    permissions = {
        **dict.fromkeys(("list", "retrieve", "deliveries"), (SEE,)),
        "create": (SEE, "approvals.add_webhook"),
        **dict.fromkeys(("partial_update", "rotate_secret", "ping", "redeliver"), CHANGE),
        "destroy": (SEE, "approvals.delete_webhook"),
    }
    parameters = {"list": PAGE, "deliveries": PAGE | filter_names(DeliveryFilter)}

    def get_queryset(self) -> QuerySet[Webhook]:
        hooks = super().get_queryset()
        return hooks if self.request.user.is_superuser else hooks.filter(owner=self.request.user)

    def without_secrets(self, data: Any) -> Any:
        """What the secret is made from takes its place, as in the subscription: alone it is worth nothing."""
        if "secret" not in data:
            return data
        return data | {"secret": Webhook.objects.get(pk=data["id"]).secret_salt}

    def with_secrets(self, data: Any) -> Any:
        return data | {"secret": secret_from(data["secret"])} if "secret" in data else data

    @extend_schema(
        summary="Subscribe",
        description="Only this response contains the secret that calls will be signed with. 409: you have a "
        "subscription for this address, or too many.",
        request=SubscribeSerializer,
        responses={201: NewSecretSerializer},
    )
    def create(self, request: Request) -> Response:
        made = subscriptions.subscribe(**checked(SubscribeSerializer, request), by=actor(request))
        return _with_secret(*made, status=201)

    @extend_schema(
        summary="Change a subscription",
        description="Setting `active` also resumes a subscription that the desk has deactivated.",
        request=ChangeWebhookSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        hook = self.get_object()
        hook = subscriptions.change(hook, by=actor(request), **checked(ChangeWebhookSerializer, request))
        return Response(WebhookSerializer(hook).data)

    @extend_schema(summary="Delete a subscription, its secret and its log", responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        subscriptions.delete(self.get_object(), by=actor(request))
        return Response(status=204)

    @extend_schema(
        summary="Rotate the secret",
        description="For a day, calls are signed with both. Only this response contains the new one.",
        request=None,
        responses=NewSecretSerializer,
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        return _with_secret(*subscriptions.rotate_secret(self.get_object(), by=actor(request)))

    @extend_schema(
        summary="Send a test call",
        description=f"Its event is `{PING}`. 409: the subscription is not active.",
        request=None,
        responses={202: DeliverySerializer},
    )
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: str) -> Response:
        return Response(DeliverySerializer(subscriptions.ping(self.get_object())).data, status=202)

    @extend_schema(summary="What was sent, newest first", responses=DeliverySerializer(many=True))
    @action(detail=True, filterset_class=DeliveryFilter)
    def deliveries(self, request: Request, pk: str) -> Response:
        hook = get_object_or_404(self.get_queryset(), pk=pk)
        rows = self.filter_queryset(hook.deliveries.select_related("webhook").defer("data"))
        return self.listing(rows, DeliverySerializer)

    @extend_schema(
        summary="Send it again, under the same id",
        description="409: the subscription is not active.",
        parameters=[OpenApiParameter("delivery", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        request=None,
        responses={202: DeliverySerializer},
    )
    @action(detail=True, methods=["post"], url_path=f"deliveries/(?P<delivery>{UID})/redeliver")
    def redeliver(self, request: Request, pk: str, delivery: str) -> Response:
        found = get_object_or_404(self.get_object().deliveries, uid=delivery)
        return Response(DeliverySerializer(subscriptions.redeliver(found)).data, status=202)


def _with_secret(hook: Webhook, secret: str, status: int = 200) -> Response:
    answer = NewSecretSerializer(hook, context={"secret": secret})
    return Response(answer.data, status=status, headers={"Cache-Control": "private, no-store"})
