"""What a vendor's error is about: recognised by its codes, and by its words where no code says it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tasks.pipeline.providers.model_servers.error_details import ErrorDetails

TEMPORARY_STATUS = frozenset({408, 409, 424, 425, 429, 498, 499})
CREDIT_CODES = frozenset(
    {
        "insufficient_quota", "billing_hard_limit_reached", "billing_error", "credit_balance_exhausted",
        "organization_spend_limit_exceeded", "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded", "exceeded_current_quota_error", "budget_exceeded", "arrearage",
        "accountoverdueerror", "billing_disabled", "insufficient_balance",
        "insufficient_credits", "payment_required",
        "billing_not_active", "account_deactivated_billing", "insufficient_user_quota", "1113",
    }
)  # fmt: skip
THROTTLED_CODES = frozenset({"throttlingexception", "throttling", "toomanyrequestsexception"})
# Inside a stream there is no status: the one that the same error has before a stream begins.
STATUS_OF_CODE = {
    **dict.fromkeys(("rate_limit_exceeded", "rate_limit_error", "too_many_requests", "rate_limited"), 429),
    **dict.fromkeys(THROTTLED_CODES | {"toomanyrequests", "ratelimiterror"}, 429),
    **dict.fromkeys(CREDIT_CODES - {"billing_error"}, 429),
    **dict.fromkeys(("invalid_request_error", "context_length_exceeded", "badrequesterror"), 400),
    **dict.fromkeys(("validationexception", "invalidparameter", "validation", "bad_request"), 400),
    **dict.fromkeys(("service_unavailable", "service_unavailable_error", "server_is_overloaded"), 503),
    **dict.fromkeys(("server_error", "api_error", "internal_server_error", "internalservererror"), 500),
    **dict.fromkeys(("authentication_error", "invalid_api_key", "unauthorized"), 401),
    "billing_error": 402,
    **dict.fromkeys(("permission_error", "accessdeniedexception", "forbidden"), 403),
    **dict.fromkeys(("not_found_error", "model_not_found", "notfounderror"), 404),
    "request_too_large": 413,
    **dict.fromkeys(("overloaded", "unavailable_error", "modelnotreadyexception"), 503),
    "timeout_error": 504,
    "overloaded_error": 529,
}
NO_CREDIT = re.compile(
    r"credit balance is too low|insufficient[ _](?:balance|credits?|funds|quota)"
    r"|not enough (?:credits?|balance)"
    r"|(?:out of|no|used all available|requires more|exceeded your [a-z ]{0,20}included) credits?\b"
    r"|credits? (?:are |is |have been |has been )?(?:depleted|exhausted|used up)|credit limit"
    r"|spend(?:ing)? (?:limit|cap)"
    r"|(?:reached|exceeded) (?:your|its|the) (?:specified )?(?:api )?usage limits?|budget has been exceeded"
    r"|billing hard limit|account is (?:not active|suspended|overdue)|past due|overdue payment|in arrears"
    r"|billing to be enabled|enable billing|need to pay|payment required|top up|余额不足|欠费|账户.{0,6}余额",
    re.IGNORECASE,
)
OVER_QUOTA = re.compile(
    r"exceeded your current quota|quota (?:has been )?exceeded|exceeded [a-z ]{0,20}quota", re.IGNORECASE
)
PER_DAY = re.compile(r"per[ _-]?day|\b(?:TPD|RPD)\b|\bdaily\b|/\s?day\b", re.IGNORECASE)
PER_MONTH = re.compile(r"per[ _-]?month|\bmonthly\b|/\s?month\b", re.IGNORECASE)
PER_MINUTE = re.compile(
    r"per[ _-]?(?:min(?:ute)?|sec(?:ond)?|hour)|\b(?:TPM|RPM|ITPM|OTPM|RPS)\b|retry in|retryDelay"
    r"|try again in"
    r"|retry after",
    re.IGNORECASE,
)
NOTHING_FREE = re.compile(r"\blimit: 0\b")
TOO_LONG = re.compile(
    r"maximum context length|reduce the length of the messages|prompt is too long"
    r"|exceeds the available context|context (?:length|size) of only|when context the overflows"
    r"|input token count.{0,40}exceeds|too large for (?:the )?model|maximum prompt length|input is too long"
    r"|exceeds? the (?:model'?s )?(?:maximum )?(?:context|number of tokens)|context window"
    r"|max_new_tokens`? must"
    r"|request too large for|input length .{0,40}exceed|context[ _]length[ _]exceeded",
    re.IGNORECASE,
)
TOO_LONG_CODES = frozenset(
    {"context_length_exceeded", "exceed_context_size_error", "request_too_large", "string_above_max_length"}
)
FILTER_CODES = frozenset(
    {
        "content_filter", "content_policy_violation", "responsibleaipolicyviolation",
        "data_inspection_failed", "moderation_blocked", "content_filtered", "datainspectionfailed",
        "guardrail_intervened", "invalid_prompt",
        "contentfilter", "content_blocked", "prohibited_content", "safety",
    }
)  # fmt: skip
LOADING = re.compile(
    r"\b(?:is|still|currently) (?:\w{1,20} )?(?:loading|starting|warming up)|\bloading (?:the )?model\b"
    r"|model.{0,20}not ready"
    r"|cold.?start|model is being (?:loaded|deployed)|server is (?:booting|starting)",
    re.IGNORECASE,
)
NO_MODEL = re.compile(
    r"model.{0,80}(?:not found|not exist|does not exist|is not (?:available|supported|served)|unknown)"
    r"|(?:no such|unknown|invalid) model\b|invalid model (?:name|id)|no models? (?:is )?loaded"
    r"|does not have access to model|deployment.{0,40}not exist",
    re.IGNORECASE | re.DOTALL,
)
WRONG_KEY = re.compile(
    r"api.?key (?:is )?(?:not valid|invalid|expired|not found|missing)"
    r"|(?:invalid|incorrect|wrong|missing|no) (?:api|x-api|x-goog-api|auth).?key"
    r"|incorrect api key|api_key_invalid|no auth credentials|invalid (?:authentication|bearer|token)",
    re.IGNORECASE,
)
NOT_THE_KEY = re.compile(
    r"country|region|territory|location is not supported|terms|not (?:been )?(?:enabled|used)|ip address"
    r"|blocked by|banned"
    r"|disabled for (?:this )?model|moderation",
    re.IGNORECASE,
)


def status_of(error: ErrorDetails, status: int | None) -> int | None:
    """The status of the response, else the one that the error names or that its codes mean."""
    if status in (400, 403) and error.codes & THROTTLED_CODES:
        return 429  # Bedrock's gateways
    if status is not None:
        return status
    if error.status is not None:
        return error.status
    return next((STATUS_OF_CODE[code] for code in sorted(error.codes) if code in STATUS_OF_CODE), None)


def used_up(error: ErrorDetails, status: int | None) -> str:
    """Which limit of the account is used up, so that waiting a minute does not help; "" if none is."""
    if error.codes & CREDIT_CODES or status == 402 or NO_CREDIT.search(error.text):
        return "credit"
    if status not in (429, 403, None) and "resource_exhausted" not in error.codes:
        return ""
    is_limit = status == 429 or OVER_QUOTA.search(error.text) or "rate_limit_exceeded" in error.codes
    if not is_limit:
        return ""
    if PER_DAY.search(error.text):
        return "limit for the day"
    if PER_MONTH.search(error.text):
        return "limit for the month"
    if NOTHING_FREE.search(error.text):
        return "free use of this model"
    return "credit" if OVER_QUOTA.search(error.text) and not PER_MINUTE.search(error.text) else ""


def is_about_text_length(error: ErrorDetails) -> bool:
    return bool(error.codes & TOO_LONG_CODES) or TOO_LONG.search(error.text) is not None


def is_filtered(error: ErrorDetails) -> bool:
    return bool(error.codes & FILTER_CODES)


def is_overloaded(error: ErrorDetails) -> bool:
    return any(words in code for code in error.codes for words in ("overloaded", "over capacity"))


def is_loading(error: ErrorDetails) -> bool:
    return LOADING.search(error.text) is not None


def is_about_model(error: ErrorDetails, status: int | None) -> bool:
    if "model_not_found" in error.codes or status in (404, 405):
        return True
    return status in (400, 403, 422, None) and NO_MODEL.search(error.text) is not None


def is_about_key(error: ErrorDetails, status: int | None) -> bool:
    if "invalid_api_key" in error.codes or WRONG_KEY.search(error.text):
        return True
    if status not in (401, 403) or _flags_input(error.fields):
        return False
    return status == 401 or NOT_THE_KEY.search(error.text) is None


def _flags_input(fields: Mapping[str, object]) -> bool:
    """Whether a 403 is about moderation of the text, as OpenRouter sends it, and not about the key."""
    return not fields.keys().isdisjoint({"flagged_input", "reasons"})
