"""The parser of server-sent events, which must not care how the network cuts a stream."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.pipeline.providers.model_servers.sse_parser import (
    MAX_EVENT_BYTES,
    EventStreamParser,
    EventTooLarge,
)

LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8")), min_size=1, max_size=3)


def read(*pieces: bytes) -> list[bytes]:
    stream = EventStreamParser()
    return [data for piece in pieces for data in stream.feed(piece)] + stream.end()


@settings(deadline=None)
@given(
    st.lists(LINES, max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(0, 400)),
    st.data(),
)
def test_events_come_out_whole_however_they_are_cut(
    events: list[list[str]], newline: str, cuts: list[int], data: st.DataObject
) -> None:
    sent = ""
    for event in events:
        extra = data.draw(st.sampled_from(["", ": a comment", "event: delta", "id: 7", "retry: 10"]))
        lines = [f"data: {line}" for line in event]
        sent += newline.join([extra, *lines] if extra else lines) + newline * 2
    stream = sent.encode()
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})

    pieces = [stream[start:end] for start, end in pairwise(edges)]

    assert read(*pieces) == ["\n".join(event).encode() for event in events]


def test_each_byte_may_come_alone() -> None:
    stream = b": hello\r\n\r\ndata: one\r\ndata:two\r\n\r\ndata\n\ndata: [DONE]\n\n"

    assert read(*(bytes([byte]) for byte in stream)) == [b"one\ntwo", b"", b"[DONE]"]


def test_an_event_is_known_as_soon_as_its_empty_line_ends() -> None:
    stream = EventStreamParser()

    assert stream.feed(b"data: one\r\n\r") == [b"one"]
    assert stream.feed(b"\ndata: two\n\n") == [b"two"]


def test_only_the_first_space_belongs_to_the_field() -> None:
    assert read(b"data:  one\n\n") == [b" one"]


def test_fields_that_only_begin_like_data_are_dropped() -> None:
    assert read(b"datas: one\n\ndatabase\n\nxdata: two\n\n") == []


def test_an_event_without_its_end_is_dropped() -> None:
    assert read(b"data: one\n\ndata: tw") == [b"one"]


def test_json_in_place_of_a_stream_is_one_event() -> None:
    assert read(b" \n", b'{"error":\n', b' "none\ndata: x"}') == [b'{"error":\n "none\ndata: x"}']


@pytest.mark.parametrize("start", [b"data: ", b": ", b"{"], ids=["data", "comment", "JSON"])
def test_a_line_that_never_ends_is_refused(start: bytes) -> None:
    with pytest.raises(EventTooLarge):
        read(start, *[b"x" * 10_000] * (MAX_EVENT_BYTES // 10_000 + 1))


def test_an_event_that_never_ends_is_refused() -> None:
    with pytest.raises(EventTooLarge):
        read(*[b"data: " + b"x" * 10_000 + b"\n"] * (MAX_EVENT_BYTES // 10_000 + 1))


def test_a_long_stream_of_small_events_is_not_refused() -> None:
    stream, event = EventStreamParser(), b"data: " + b"x" * 1000 + b"\n\n"

    assert (
        sum(len(stream.feed(event)) for _ in range(2 * MAX_EVENT_BYTES // 1000))
        == 2 * MAX_EVENT_BYTES // 1000
    )
