"""Parses Server-Sent Events as language models send them, from pieces that are cut anywhere."""

from __future__ import annotations

MAX_EVENT_BYTES = 1_000_000
"""Far more than any vendor sends: an endless line must not fill the memory."""


class EventTooLarge(ValueError):
    """A line or an event is longer than MAX_EVENT_BYTES."""


class EventStreamParser:
    """Parses one response. Names, ids and comments are dropped: our vendors put everything into the data.

    A response that begins with a brace is no event stream but one JSON object: a gateway's error, or the
    answer of a server that cannot stream. It comes out of `end`.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []
        """The received part of an unfinished line; of the whole response, when it is JSON."""
        self._line_bytes = 0
        self._data: list[bytes] = []
        """The data lines of an event that has not ended."""
        self._data_bytes = 0
        self._ended_with_cr = False
        self._is_json: bool | None = None
        """None until something but white space has come."""

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of the events that this piece completes. Raises EventTooLarge."""
        if not self._is_json:
            if self._is_json is None and (start := piece.lstrip()):
                self._is_json = start.startswith(b"{")
            if not self._is_json:
                return self._events(piece)
        self._append(piece)
        return []

    def end(self) -> list[bytes]:
        """Return what only the end of the response completes. An event cut off in the middle is not."""
        return [b"".join(self._line)] if self._is_json else []

    def _events(self, piece: bytes) -> list[bytes]:
        if self._ended_with_cr and piece.startswith(b"\n"):
            piece = piece[1:]  # of a CRLF whose CR has already ended the line
        if not piece:
            return []
        self._ended_with_cr = piece.endswith(b"\r")
        lines = piece.splitlines()
        rest = b"" if piece.endswith((b"\n", b"\r")) else lines.pop()
        if lines and self._line:
            lines[0] = b"".join((*self._line, lines[0]))
            self._line.clear()
            self._line_bytes = 0
        if rest:
            self._append(rest)
        return self._completed(lines)

    def _completed(self, lines: list[bytes]) -> list[bytes]:
        events = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
                self._data_bytes += len(line)
                if self._data_bytes > MAX_EVENT_BYTES:
                    raise EventTooLarge(f"an event of more than {MAX_EVENT_BYTES:,} bytes")
            elif line == b"data":
                self._data.append(b"")
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
                self._data_bytes = 0
        return events

    def _append(self, piece: bytes) -> None:
        self._line.append(piece)
        self._line_bytes += len(piece)
        if self._line_bytes > MAX_EVENT_BYTES:
            raise EventTooLarge(f"a line of more than {MAX_EVENT_BYTES:,} bytes")
