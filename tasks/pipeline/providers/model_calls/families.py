"""Which family a model is of: models of one family err alike, so another is the better critic."""

from __future__ import annotations

import re
from collections.abc import Sequence

FAMILIES = {
    "openai": r"gpt|chatgpt|davinci|codex|o[1345](?:$|[-:])",
    "anthropic": r"claude",
    "google": r"gemini|gemma|medgemma|palm|learnlm",
    "mistral": r"mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral|open-?hermes|zephyr",
    "deepseek": r"deepseek",
    "qwen": r"qwen|qwq|qvq|tongyi",
    "llama": r"llama|vicuna|alpaca|hermes|nemotron|tulu|wizardlm",
    "microsoft": r"phi(?:$|[-:\d])|orca|mai-",
    "cohere": r"command|aya(?:$|[-:\d])|c4ai",
    "xai": r"grok",
    "moonshot": r"kimi|moonshot",
    "zhipu": r"glm|chatglm",
    "minimax": r"minimax|abab",
    "ibm": r"granite",
    "amazon": r"nova|titan",
    "falcon": r"falcon",
    "yi": r"yi(?:$|[-:])",
    "bytedance": r"seed|doubao",
    "baidu": r"ernie",
    "nvidia": r"nvidia",
    "olmo": r"olmo",
    "smollm": r"smollm",
    "apertus": r"apertus",
    "exaone": r"exaone",
    "hunyuan": r"hunyuan",
    "internlm": r"intern",
}
# A distilled model is named after both: what it was made from decides how it writes.
BEGINS = {family: re.compile(rf"(?:^|[/:._-])(?:{names})") for family, names in FAMILIES.items()}


def family(name: str) -> str:
    """The family of a model "vendor:name"; its vendor and name where none is known."""
    vendor, _, model = name.lower().partition(":")
    found = [(match.start(), known) for known, begins in BEGINS.items() if (match := begins.search(model))]
    if found:
        return min(found)[1]
    # These vendors have only models of their own; others, and compatible servers, may have any.
    return vendor if vendor in ("anthropic", "google") else name.lower()


def others_first(names: Sequence[str], unlike: str) -> tuple[str, ...]:
    """The models in their order, those of another family than `unlike` first."""
    if not unlike:
        return tuple(names)
    avoided = family(unlike)
    return tuple(sorted(names, key=lambda name: family(name) == avoided))
