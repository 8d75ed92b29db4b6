"""Which part of a request a server wants in another way: its path, its schema or its limit of tokens."""

from __future__ import annotations

import re
from collections.abc import Collection

from tasks.pipeline.providers.model_servers.vendor_protocol import Feature

NO_SUCH_PATH = frozenset({404, 405})
REFUSED = frozenset({400, 422, 500})
MODEL = re.compile(r"\bmodels?\b|deployment", re.IGNORECASE)
ABOUT_PATH = re.compile(
    r"invalid url|unknown (?:url|path|route)|cannot post|no route|unexpected endpoint", re.IGNORECASE
)
LIMIT = re.compile(
    r"max_(?:completion_|output_|new_)?tokens|max_?output_?tokens|in the completion|output tokens",
    re.IGNORECASE,
)
UNKNOWN = re.compile(
    r"unsupported|not supported|unknown|unrecogni[sz]ed|unexpected|extra (?:inputs|fields)|not permitted"
    r"|not allowed"
    r"|deprecated|no longer|use ['\"`]?max_",
    re.IGNORECASE,
)
TOO_MUCH = re.compile(
    r"too (?:large|high|big|many)|at most|less than|greater than|range|maximum|exceed|<=|>|up to|between",
    re.IGNORECASE,
)
SCHEMA = re.compile(r"response_?json_?schema", re.IGNORECASE)


def wanted_otherwise(status: int, message: str, alternatives: Collection[Feature]) -> Feature | None:
    """What of the request's alternatives to leave out, to ask again in the other way."""
    message = message[:5_000]
    is_about_path = ABOUT_PATH.search(message) or not MODEL.search(message)
    if "usual_path" in alternatives and status in NO_SUCH_PATH and is_about_path:
        return "usual_path"
    if status not in REFUSED:
        return None
    if "usual_schema" in alternatives and SCHEMA.search(message):
        return "usual_schema"
    if LIMIT.search(message):
        if "usual_token_limit" in alternatives and UNKNOWN.search(message):
            return "usual_token_limit"
        if "token_limit" in alternatives and (UNKNOWN.search(message) or TOO_MUCH.search(message)):
            return "token_limit"
    return None
