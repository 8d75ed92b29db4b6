"""Serializers of decisions and the audit trail."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from approvals.audit.verification import Anchor
from approvals.models import MIN_REASON_CHARACTERS, AuditEntry, Decision, ReasonCode, Verdict
from tasks.api.base import StrictSerializer


class DecideSerializer(StrictSerializer):
    """A decision, and the text that was read. All but an approval need a reason, and its code."""

    schema_extra = {
        "not": {
            "properties": {"decision": {"enum": [Verdict.REJECT.value, Verdict.REQUEST_CHANGES.value]}},
            "anyOf": [
                {"properties": {"reason": {"maxLength": MIN_REASON_CHARACTERS - 1}}},
                {"properties": {"reason_code": {"enum": [""]}}},
            ],
        }
    }

    decision = serializers.ChoiceField(choices=Verdict.choices)
    version = serializers.IntegerField(min_value=1, help_text="Of the text that was read.")
    content_sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", help_text="Of the text that was read.")
    reason_code = serializers.ChoiceField(choices=ReasonCode.choices, default="", allow_blank=True)
    reason = serializers.CharField(default="", allow_blank=True, max_length=5000)


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    task = serializers.IntegerField(source="draft.task_id", read_only=True)
    actor = serializers.IntegerField(source="actor_id", read_only=True)

    class Meta:
        model = Decision
        fields = (
            "id", "task", "draft", "decision", "version", "content_sha256", "reason_code", "reason", "actor",
            "actor_name", "via", "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    data = serializers.DictField()  # type: ignore[assignment]  # a field may have a property's name

    class Meta:
        model = AuditEntry
        fields = (
            "seq", "at", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data",
            "prev_hash", "hash",
        )  # fmt: skip
        read_only_fields = fields


class MoveSerializer(serializers.ModelSerializer[AuditEntry]):
    """A transition of a task's lifecycle, read from its audit entry."""

    by = serializers.CharField(source="actor_name", read_only=True)
    old = serializers.CharField(source="data.from", read_only=True)
    new = serializers.CharField(source="data.to", read_only=True)
    reason = serializers.CharField(source="data.reason", read_only=True)
    run = serializers.IntegerField(source="data.run", read_only=True)

    class Meta:
        model = AuditEntry
        fields = ("seq", "at", "by", "old", "new", "reason", "run")
        read_only_fields = fields


@extend_schema_field({"type": "string", "pattern": "^[1-9][0-9]{0,18}:[0-9a-f]{64}$", "maxLength": 84})
class HeadField(serializers.CharField):
    pass


class HeadsSerializer(StrictSerializer):
    """Heads of the chain that were stored elsewhere."""

    head = serializers.ListField(
        child=HeadField(max_length=100), default=list, max_length=1000,
        help_text="SEQ:HASH, as `manage.py audit head` prints it; may be given several times.",
    )  # fmt: skip

    def validate_head(self, given: list[str]) -> list[Anchor]:
        try:
            return [Anchor.read(text) for text in given]
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None

    @classmethod
    def read(cls, query: QueryDict) -> list[Anchor]:
        """A misspelled parameter is refused: a check that did not run must not look like one that did."""
        serializer = cls(data=dict(query.lists()))
        serializer.is_valid(raise_exception=True)
        heads: list[Anchor] = serializer.validated_data["head"]
        return heads


@extend_schema_serializer(component_name="Flaw")
class IntegrityFailureSerializer(serializers.Serializer[Any]):
    """The first entry at which the chain does not verify."""

    seq = serializers.IntegerField()
    kind = serializers.CharField(help_text="altered, removed, inserted or truncated")
    detail = serializers.CharField()


class VerificationSerializer(serializers.Serializer[Any]):
    """Whether the whole chain is intact, and its head, to be stored elsewhere."""

    is_intact = serializers.BooleanField()
    first_flaw = IntegrityFailureSerializer(allow_null=True)
    heads_checked = serializers.IntegerField(help_text="How many of the given heads it was compared with.")
    head_seq = serializers.IntegerField()
    head_hash = serializers.CharField()
