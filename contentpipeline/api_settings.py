"""Settings of the API: who is asked for what, how much, and from where; and how it describes itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "approvals.access.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_METADATA_CLASS": "contentpipeline.api_metadata.SchemaMetadata",
    "DEFAULT_SCHEMA_CLASS": "contentpipeline.api_schema.DeskSchema",
    "DEFAULT_THROTTLE_CLASSES": [f"approvals.access.throttles.{kind}Throttle" for kind in ("Anon", "User")],
    "EXCEPTION_HANDLER": "contentpipeline.api.problem_details",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SCHEMA = {
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "contentpipeline.api_schema.complete",
    ],
    "DESCRIPTION": "Briefs, drafts, decisions and posts of the editorial desk.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # A PATCH reads its body as a POST does: what is required there is required.
    "COMPONENT_SPLIT_PATCH": False,
    # Shipped with the package: the pages load nothing from elsewhere.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # Fields of the same name with other choices.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "publishing.models.Correction.Kind",
        "LinkKindEnum": "approvals.links.models.PreviewLink.Kind",
        "SuggestionKindEnum": "publishing.api.suggestions.KINDS",
        "StatusEnum": "tasks.lifecycle.Status",
        "ProposalKindEnum": "tasks.models.Proposal.Kind",
    },
}


def read(environment: Any) -> dict[str, Any]:
    """Django's settings by their names; `environment` is the module `env`. Raises ImproperlyConfigured."""

    limits = {
        "anon": environment.integer("ANONYMOUS_REQUESTS_A_MINUTE", 120, minimum=1),
        "user": environment.integer("REQUESTS_A_MINUTE", 3000, minimum=1),
        "search": environment.integer("SEARCHES_A_MINUTE", 1200, minimum=1),
    }
    rates = {scope: f"{limit}/min" for scope, limit in limits.items()}
    return {
        "REST_FRAMEWORK": {**FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates},
        "REST_KNOX": {"TOKEN_TTL": timedelta(days=90), "AUTO_REFRESH": False},
        "SPECTACULAR_SETTINGS": SCHEMA,
        **_for_other_sites(environment.origins("API_CORS_ORIGINS")),
    }


def _for_other_sites(origins: list[str]) -> dict[str, Any]:
    """Scripts of these may read what everybody may, without credentials."""
    is_everywhere = origins == ["*"]
    return {
        "CORS_ALLOW_ALL_ORIGINS": is_everywhere,
        "CORS_ALLOWED_ORIGINS": [] if is_everywhere else origins,
        "CORS_URLS_REGEX": r"^/api/posts/([^/]+/)?$",
        "CORS_ALLOW_METHODS": ["GET", "HEAD", "OPTIONS"],
        "CORS_ALLOW_HEADERS": ["accept", "if-none-match", "x-request-id"],
        "CORS_EXPOSE_HEADERS": ["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"],
    }
