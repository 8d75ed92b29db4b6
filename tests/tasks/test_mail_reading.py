"""A saved e-mail is read by its best part, and what was left out is named."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes

HEAD = (
    b"From: A. Writer <a@x.example>\r\nSubject: Ships\r\nMIME-Version: 1.0\r\n"
    b"Date: Mon, 06 May 2024 10:00:00 +0200\r\n"
)


def texts(data: bytes) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in read_bytes(data, name="m.eml").blocks]


def test_headers_become_title_author_and_date():
    message = EmailMessage()
    message["Subject"], message["From"] = "Häfen im Frühjahr", "Jürgen Müller <j@x.example>"
    message["Date"], message["Message-ID"] = "Mon, 06 May 2024 10:00:00 +0200", "<1@x.example>"
    message.set_content("The office counted 412 ships – for €5.\n")
    for name in ("m.eml", ""):
        reading = read_bytes(message.as_bytes(), name=name)
        assert (reading.title, reading.author) == ("Häfen im Frühjahr", "Jürgen Müller")
        assert (reading.published, reading.media_type) == ("2024-05-06T10:00:00+02:00", "message/rfc822")
        assert reading.text == "The office counted 412 ships – for €5."


def test_a_part_declared_iso_8859_1_keeps_its_quotes_and_euro_sign():
    body = (
        b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"He said \x93now\x94 for \x805.\r\n"
    )
    assert texts(HEAD + body) == [("paragraph", "He said “now” for €5.")]


def test_raw_bytes_in_a_subject_are_decoded():
    data = "Subject: Häfen\nFrom: Jürgen <j@x.example>\nMessage-ID: <1@x>\n\nText of it.\n".encode()
    reading = read_bytes(data, name="m.eml")
    assert (reading.title, reading.author) == ("Häfen", "Jürgen")


@pytest.mark.parametrize("plain", ["", " \n", "Please view this message as HTML.\n"])
def test_html_is_read_where_the_plain_part_says_nothing(plain):
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(plain)
    sentences = "".join(f"<p>The office counted {n} ships in the spring of that year.</p>" for n in range(40))
    message.add_alternative(f"<html><body>{sentences}</body></html>", subtype="html")
    assert (
        "The office counted 7 ships in the spring of that year."
        in read_bytes(message.as_bytes(), name="m.eml").text
    )


def test_the_plain_part_is_preferred_where_it_has_the_text():
    message = EmailMessage()
    message.set_content("The office counted 412 ships in the spring.\n")
    message.add_alternative("<p>HTML</p>", subtype="html")
    assert texts(message.as_bytes()) == [("paragraph", "The office counted 412 ships in the spring.")]


def test_attachments_are_named_and_not_read():
    message = EmailMessage()
    message.set_content("The text.\n")
    message.add_attachment(b"SECRET", maintype="text", subtype="plain", filename="naïve.txt")
    inner = EmailMessage()
    inner.set_content("SECRET\n")
    message.add_attachment(inner)
    reading = read_bytes(message.as_bytes(), name="m.eml")
    assert reading.text == "The text."
    assert "“naïve.txt”" in reading.warnings[0]


def test_flowed_lines_are_joined_and_quoted_ones_stay_apart():
    body = (
        b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"
        b"The office counted 412 \r\nships in the spring.\r\n\r\nOn Monday, B wrote:\r\n"
        b"> It was \r\n> closed.\r\n"
        b"\r\n-- \r\nA. Writer\r\n"
    )
    reading = read_bytes(HEAD + body, name="m.eml")
    assert [(block.kind.value, block.text) for block in reading.blocks] == [
        ("paragraph", "The office counted 412 ships in the spring."),
        ("quotation", "It was closed."),
    ]
    assert any("quotes earlier ones" in warning for warning in reading.warnings)


def test_a_message_without_text_is_refused():
    message = EmailMessage()
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="a.pdf")
    with pytest.raises(UnreadableText, match="only attachments"):
        read_bytes(message.as_bytes(), name="m.eml")


def test_parts_within_parts_are_bounded():
    data = HEAD
    for depth in range(300):
        data += f'Content-Type: multipart/mixed; boundary="b{depth}"\r\n\r\n--b{depth}\r\n'.encode()
    with pytest.raises(UnreadableText):
        read_bytes(data + b"Content-Type: text/plain\r\n\r\nDeep.\r\n", name="m.eml")


@pytest.mark.parametrize(
    "damaged",
    [
        b"Subject: =?utf-8?q?H=C3?=\nFrom: <<<>>,,@\nDate: never\n\nThe text is here.\n",
        b"Content-Type: text/plain; charset=no-such\n\nThe text is here.\n",
        b"Content-Type: text/plain; charset*=x''%ff; name*0*=a\n\nThe text is here.\n",
        b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nThe text is here.\n",
        b"Date: Mon, 99 May 99999 99:99:99 +9999\nFrom: =?x?y?z?=\n\nThe text is here.\n",
    ],
)
def test_broken_headers_do_not_hide_the_text(damaged):
    assert read_bytes(b"X: y\n" + damaged, name="m.eml").text == "The text is here."


@pytest.mark.parametrize(
    "damaged",
    [
        b"Content-Type: multipart/mixed; boundary=B\n\n",
        b"Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n!!!!\n",
        b"Subject: only headers\n",
    ],
)
def test_messages_without_a_body_are_refused(damaged):
    with pytest.raises(UnreadableText, match=";"):
        read_bytes(b"X: y\n" + damaged, name="m.eml")
