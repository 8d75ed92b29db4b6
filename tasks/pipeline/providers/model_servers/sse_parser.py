"""Finds the events in a reply of a language model, from pieces that are cut anywhere.

Most servers send Server-Sent Events. Some send one JSON object a line (Ollama), one JSON document in place of
a stream (gateways' errors, servers that cannot stream), or a web page.
"""

from __future__ import annotations

import json

MAX_EVENT_BYTES = 1_000_000
"""Far more than any vendor sends: an endless line must not fill the memory."""
MAX_OTHER_BYTES = 50_000
BOM = b"\xef\xbb\xbf"
DONE = b"[DONE]"
JSON_STARTS = (b"{", b"[", b'"{')


class EventTooLarge(ValueError):
    """A line or an event is longer than MAX_EVENT_BYTES."""


class EventStreamParser:
    """Parses one response. Names, ids and comments are dropped: our vendors put everything into the data.

    Only of an event named "error" the name counts: its data comes out as {"error": data}.
    """

    def __init__(self) -> None:
        self.has_events = False
        self.other = b""
        """The start of what is neither an event nor JSON: a web page, or a server's words."""
        self._line: list[bytes] = []
        """The received part of an unfinished line, or of the document."""
        self._line_bytes = 0
        self._data: list[bytes] = []
        """The data lines of an event that has not ended."""
        self._data_bytes = 0
        self._is_error = False
        self._ended_with_cr = False
        self._is_first_line = True
        self._is_document = False
        """Whether all that follows is one JSON document, which only the end of the response completes."""

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of the events that this piece completes. Raises EventTooLarge."""
        if self._is_document:
            self._append(piece)
            return []
        if self._ended_with_cr and piece.startswith(b"\n"):
            piece = piece[1:]  # of a CRLF whose CR has already ended the line
        if not piece:
            return []
        self._ended_with_cr = piece.endswith(b"\r")
        lines = piece.splitlines()
        rest = b"" if piece.endswith((b"\n", b"\r")) else lines.pop()
        if lines and self._line:
            lines[0] = self._taken_line(lines[0])
        events: list[bytes] = []
        for number, line in enumerate(lines, start=1):
            if self._take(line, events):
                rest = b"\n".join([*lines[number:], rest])
                break
        if rest:
            self._append(rest)
        self.has_events |= bool(events)
        return events

    def end(self) -> list[bytes]:
        """Return what only the end of the response completes. An event cut off in the middle is not."""
        events: list[bytes] = []
        if self._line and not self._is_document:
            self._take(self._taken_line(b""), events)
        if self._is_document:
            events.append(self._taken_line(b""))
        elif self._data and (self._data[-1] == DONE or _is_json(b"\n".join(self._data))):
            self._complete(events)
        self.has_events |= bool(events)
        return events

    def _take(self, line: bytes, events: list[bytes]) -> bool:
        """Take a line, and return whether it and all that follows is one document."""
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(BOM)
        if line.startswith(b"data:"):
            self._take_data(line[6:] if line[5:6] == b" " else line[5:], events)
        elif not line:
            self._complete(events)
        elif not line.startswith(b":"):
            self._take_other(line, events)
        return self._is_document

    def _take_data(self, data: bytes, events: list[bytes]) -> None:
        # Some servers forget the empty line between events; no JSON has these two inside.
        if self._data and data.startswith((b"{", DONE)) and self._data[-1].endswith(b"}"):
            self._complete(events)
        self._data.append(data)
        self._data_bytes += len(data) + 5
        if self._data_bytes > MAX_EVENT_BYTES:
            raise EventTooLarge(f"an event of more than {MAX_EVENT_BYTES:,} bytes")

    def _take_other(self, line: bytes, events: list[bytes]) -> None:
        """Take a line that is no data: another field, JSON without a field, or no event stream at all."""
        is_page = self.other.startswith(b"<")
        field, _, value = line.partition(b":")
        if is_page:
            pass
        elif line.lstrip().startswith(JSON_STARTS) and not self._data:
            if line.strip() == DONE or _is_json(line):
                events.append(line.strip())
            else:
                self._is_document = True
                self._append(line + b"\n")
            return
        elif field == b"data":
            self._take_data(b"", events)
            return
        elif field == b"event":
            self._is_error = value.strip() == b"error"
            return
        elif field == b"error" and value:
            events.append(_as_error(value.strip()))  # older servers of llama.cpp
            return
        elif field in (b"id", b"retry"):
            return
        if line.strip() and len(self.other) < MAX_OTHER_BYTES:
            self.other += (b"\n" if self.other else b"") + line.strip()[:MAX_OTHER_BYTES]

    def _complete(self, events: list[bytes]) -> None:
        if self._data:
            data = b"\n".join(self._data)
            events.append(_as_error(data) if self._is_error else data)
            self._data.clear()
            self._data_bytes = 0
        self._is_error = False

    def _taken_line(self, end: bytes) -> bytes:
        line = b"".join((*self._line, end))
        self._line.clear()
        self._line_bytes = 0
        return line

    def _append(self, piece: bytes) -> None:
        self._line.append(piece)
        self._line_bytes += len(piece)
        if self._line_bytes > MAX_EVENT_BYTES:
            raise EventTooLarge(f"a line of more than {MAX_EVENT_BYTES:,} bytes")


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _as_error(data: bytes) -> bytes:
    if _is_json(data):
        return b'{"error": ' + data + b"}"
    return json.dumps({"error": data.decode("utf-8", "replace")}).encode()
