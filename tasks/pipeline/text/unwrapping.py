"""Takes off what models put around a text: a fence, "Sure! Here is the article:", "Let me know if …"."""

from __future__ import annotations

import re

from tasks.pipeline.text.reply_phrases import PHRASES, plain

FENCE_AROUND = re.compile(
    r"\A(?P<ticks>`{3,}|~{3,})[ \t]*(?P<named>markdown|md|mdx|text|txt|plaintext)?[ \t]*\n"
    r"(?P<text>.*)\n(?P=ticks)[`~]*\Z",
    re.DOTALL | re.IGNORECASE,
)
FENCE_INSIDE = re.compile(
    r"\A(?P<before>[^`~]{0,400}\n)(?P<ticks>`{3,}|~{3,})[ \t]*(?:markdown|md|mdx)[ \t]*\n"
    r"(?P<text>.*)\n(?P=ticks)[ \t]*(?P<after>\n[^`~]{0,800})?\Z",
    re.DOTALL | re.IGNORECASE,
)
FENCE_LEFT_OPEN = re.compile(r"\A(?:`{3,}|~{3,})[ \t]*(?:markdown|md|mdx)[ \t]*\n", re.IGNORECASE)
FENCE_LINE = re.compile(r"^[ \t]{0,3}(?:`{3,}|~{3,})", re.MULTILINE)
TAGGED = re.compile(
    r"\A<(article|answer|final_answer|final|response|output|draft|text|body|markdown|result|content)>"
    r"(.*)</\1>\Z",
    re.DOTALL | re.IGNORECASE,
)
RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*\Z")
MOST_CHARACTERS = 300
MOST_LAYERS = 4
CITED = re.compile(r"\[\d{1,3}\]")
OPENING = re.compile(
    f"(?:(?:{'|'.join(PHRASES['interjections'])})[,.!:;。！：、，—–-]*(?: |\\Z)?)*"
    f"(?:(?P<hands_over>(?:{'|'.join(PHRASES['openings'])})(?=\\W|\\Z|[\\u3040-\\u9fff\\uac00-\\ud7af]))"
    f"|(?P<label>(?:{'|'.join(PHRASES['labels'])})(?=\\W|\\Z)))?",
    re.IGNORECASE,
)
OBJECT = re.compile(PHRASES["objects"], re.IGNORECASE)
CLOSING = re.compile(f"(?:(?:please )?note(?: that)?:? )?(?:{'|'.join(PHRASES['closings'])})", re.IGNORECASE)


def without_wrapping(reply: str) -> str:
    """The text alone, without white space around it."""
    text = reply.strip()
    if "<s>" not in text[3:]:
        text = text.removeprefix("<s>").removesuffix("</s>").strip()  # a tokenizer's marks of start and end
    for _ in range(MOST_LAYERS):
        inner = _without_closing(_without_opening(_without_fence(text)))
        if inner == text:
            break
        text = inner
    return text


def _without_fence(text: str) -> str:
    if (tagged := TAGGED.match(text)) and f"</{tagged[1]}" not in tagged[2].lower():
        return tagged[2].strip()
    if around := FENCE_AROUND.match(text):
        # Else it begins and ends with a code block.
        if around["named"] or not FENCE_LINE.search(around["text"]):
            return around["text"].strip()
        return text
    if inside := FENCE_INSIDE.match(text):
        return inside["text"].strip()
    if (opened := FENCE_LEFT_OPEN.match(text)) and len(FENCE_LINE.findall(text)) % 2:
        return text[opened.end() :].strip()
    return text


def _without_opening(text: str) -> str:
    first, _, rest = text.partition("\n")
    rest = rest.lstrip()
    if not rest or len(first) > MOST_CHARACTERS or not _is_opening(_bare(first)):
        return text
    line, _, after = rest.partition("\n")
    return after.lstrip() if RULE.match(line) else rest


def _is_opening(line: str) -> bool:
    found = OPENING.match(line)
    if found is None or not found.end() or CITED.search(line):
        return False
    said = line[found.end() :].strip(" .!:;…。！：—–-*_")
    ending = line.rstrip("*_ ")[-1:]
    if not said:
        return not found["label"] or ending in ":："
    if not OBJECT.search(line):
        return False
    return ending in ":：" or (bool(found["hands_over"]) and ending in ".!。！…-—")


def _without_closing(text: str) -> str:
    for _ in range(MOST_LAYERS):
        before, _, last = text.rpartition("\n\n")
        if not before.strip():
            return text
        if len(last) > MOST_CHARACTERS or CITED.search(last):
            return text
        if not (RULE.match(last.strip()) or CLOSING.match(_bare(last))):
            return text
        text = before.rstrip()
    return text


def _bare(line: str) -> str:
    """Without emphasis, brackets and quotation marks around it."""
    return plain(line).strip().lstrip("*_>#([-–— ").replace("**", "").replace("__", "")
