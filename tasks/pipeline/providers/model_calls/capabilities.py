"""What servers and models refuse: found out by asking, and remembered for the process.

A server that does not know a field of a request says so in a status of 400 or 422, usually with the name of
the field. The request is then made again without it. What was left out of a request that succeeded is left
out of all later ones to this model.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tasks.pipeline.providers.model_servers.vendor_protocol import Feature, ReplyForm, RequestOptions

REFUSED_STATUS = frozenset({400, 404, 405, 415, 422, 500, 501})
"""llama.cpp says 500 of a schema it cannot use, OpenRouter 404 of a model without tools."""
UNNAMED_STATUS = frozenset({400, 422})
"""With these, an answer's form is doubted even if the message does not name it."""
NAMED: Mapping[Feature, re.Pattern[str]] = {
    "stream_options": re.compile(r"stream_options|include_usage", re.IGNORECASE),
    "temperature": re.compile(r"\btemperature\b", re.IGNORECASE),
    "system_role": re.compile(
        r"system (?:role|message|prompt|instruction)|role.{0,40}\bsystem\b|developer instruction"
        r"|\bsystem\b.{0,40}\brole|alternate user",
        re.IGNORECASE | re.DOTALL,
    ),
    "stop": re.compile(r"\bstop(?:_sequences?|_words)?\b['\"`]?", re.IGNORECASE),
    "tool": re.compile(r"\btools?\b|tool_choice|tool_use|function.?call|\bfunctions?\b", re.IGNORECASE),
    "json_schema": re.compile(
        r"json.?schema|response_?(?:format|schema)|output_(?:format|config)|text\.format|structured|\bschema\b"
        r"|grammar|guided|additionalProperties|json.?(?:mode|object)",
        re.IGNORECASE,
    ),
}
FORMS: tuple[Feature, ...] = ("json_schema", "tool", "json_object")
UNSUPPORTED = re.compile(r"(?:support|handle) the requested parameters", re.IGNORECASE)
"""What OpenRouter says where no provider knows a form."""
NOT_ABOUT_FORM = re.compile(
    r"context.{0,3}(?:length|window|size)|too (?:long|large|many tokens)|maximum (?:context|tokens)|n_ctx"
    r"|api.?key|unauthori[sz]ed|billing|credit|quota|balance|budget|max_new_tokens"
    r"|model.{0,60}(?:not (?:found|exist)|does not exist)"
    r"|content.?(?:policy|filter|management)|moderation|safety",
    re.IGNORECASE | re.DOTALL,
)


class Capabilities:
    """What each model of one set of vendors refuses; the base URLs of those do not change."""

    def __init__(self) -> None:
        self._missing: dict[str, set[Feature]] = defaultdict(set)

    def missing(self, name: str) -> frozenset[Feature]:
        return frozenset(self._missing.get(name, ()))

    def remember_missing(self, name: str, features: Collection[Feature]) -> None:
        if features:
            self._missing[name].update(features)


def adapted(
    options: RequestOptions, forms: Sequence[ReplyForm], without: frozenset[Feature]
) -> RequestOptions:
    """The options without what a model refuses, in the best of its protocol's forms that is left."""
    reply_format = options.reply_format
    if reply_format is not None:
        left: list[ReplyForm] = [form for form in forms if form not in without]
        reply_format = replace(reply_format, form=left[0] if left else "words")
    return replace(
        options,
        reply_format=reply_format,
        temperature=None if "temperature" in without else options.temperature,
        stop=() if "stop" in without else options.stop,
        without=without,
    )


def refused_feature(status: int | None, message: str, options: RequestOptions) -> Feature | None:
    """What a server's error is about, of all that the request used; None if it is about something else.

    `message` is all that the error says; without a status it came inside a stream.
    """
    if status is not None and status not in REFUSED_STATUS:
        return None
    message = message[:5_000]
    used = _used(options)
    form = options.form
    for feature, named in NAMED.items():
        if feature in used and named.search(message):
            return feature
    if form == "words":
        return None
    if any(NAMED[named].search(message) for named in ("json_schema", "tool")) or UNSUPPORTED.search(message):
        return form
    if status in UNNAMED_STATUS and not NOT_ABOUT_FORM.search(message):
        return form
    return None


def _used(options: RequestOptions) -> set[Feature]:
    always: tuple[Feature, ...] = ("stream_options", "system_role")
    used = {feature for feature in always if feature not in options.without}
    if options.temperature is not None:
        used.add("temperature")
    if options.stop:
        used.add("stop")
    if options.form != "words":
        used.add(options.form)
    return used
