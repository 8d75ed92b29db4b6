"""The claim ledger as the API represents it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from tasks.models import ClaimLedger, ClaimRecord
from tasks.pipeline.claim_verdict import ClaimVerdict

CLAIM_FIELDS = (
    "id", "text", "section", "citations", "verdict", "why", "score", "source", "passage", "start", "end",
    "sha256", "reader", "first_version",
)  # fmt: skip


class ClaimSerializer(serializers.ModelSerializer[ClaimRecord]):
    """A factual sentence, and the nearest passage of its sources."""

    class Meta:
        model = ClaimRecord
        fields: tuple[str, ...] = CLAIM_FIELDS
        read_only_fields: tuple[str, ...] = CLAIM_FIELDS


class ClaimOfVersionSerializer(serializers.Serializer[Any]):
    """A claim with its place among those of a version."""

    number = serializers.IntegerField()

    def to_representation(self, instance: tuple[int, ClaimRecord]) -> dict[str, Any]:
        number, claim = instance
        return {"number": number, **ClaimSerializer(claim).data}


class NumberedClaimSerializer(ClaimSerializer):
    """For the schema alone: what ClaimOfVersionSerializer gives."""

    number = serializers.IntegerField(help_text="Its place among the factual sentences, from 1.")

    class Meta(ClaimSerializer.Meta):
        fields = ("number", *CLAIM_FIELDS)
        read_only_fields = fields


class ClaimCountsSerializer(serializers.Serializer[Any]):
    """How many sentences have each verdict."""

    supported = serializers.IntegerField()
    partly_supported = serializers.IntegerField()
    unsupported = serializers.IntegerField()
    contradicted = serializers.IntegerField()
    uncited = serializers.IntegerField()
    not_compared = serializers.IntegerField()


class ClaimLedgerSerializer(serializers.Serializer[ClaimLedger]):
    """All factual sentences of a version; `claims` in the context are those that were asked for."""

    draft = serializers.IntegerField(source="draft_id")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    count = serializers.SerializerMethodField(help_text="Of the version, whatever was asked for.")
    counts = serializers.SerializerMethodField()
    results = serializers.SerializerMethodField()

    def get_count(self, ledger: ClaimLedger) -> int:
        return len(ledger.claims)

    @extend_schema_field(ClaimCountsSerializer)
    def get_counts(self, ledger: ClaimLedger) -> dict[str, int]:
        return {verdict.value: ledger.counts.get(verdict, 0) for verdict in ClaimVerdict}

    @extend_schema_field(NumberedClaimSerializer(many=True))
    def get_results(self, ledger: ClaimLedger) -> Any:
        return ClaimOfVersionSerializer(self.context["claims"], many=True).data


class CurrentClaimLinksSerializer(serializers.Serializer[Any]):
    draft = serializers.URLField()
    ledger = serializers.URLField(help_text="Of the draft's current version.")


class CurrentClaimSerializer(ClaimSerializer):
    """A claim of the current text of a draft."""

    task = serializers.IntegerField(source="draft.task_id")
    version = serializers.IntegerField(source="draft.version")
    links = serializers.SerializerMethodField()

    class Meta(ClaimSerializer.Meta):
        fields = ("id", "task", "draft", "version", *CLAIM_FIELDS[1:], "links")
        read_only_fields = fields

    @extend_schema_field(CurrentClaimLinksSerializer)
    def get_links(self, claim: ClaimRecord) -> dict[str, str]:
        draft = reverse("draft-detail", args=[claim.draft_id], request=self.context.get("request"))
        return {"draft": draft, "ledger": f"{draft}claims/"}
