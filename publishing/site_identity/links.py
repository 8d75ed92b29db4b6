"""Links that people type on the desk: a label and an address on each line."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator

from publishing.known_paths import unknown_paths

MAX_LABEL = 60
MAX_ADDRESS = 500
MAX_LINKS = 20
HOW = "Begin it with https:// for another site, with / for a page of this site, or with mailto: for mail."

_is_url = URLValidator(schemes=["https", "http"])
_is_mail = EmailValidator()


class LabelledLink(NamedTuple):
    label: str
    address: str


def checked_address(address: str, *, known: bool = True) -> str:
    """An address that a link of the site may lead to. Raises ValidationError.

    `known`: a path must be one of this site's pages.
    """
    address = address.strip()
    if not address:
        raise ValidationError(f"The address is missing. {HOW}")
    if len(address) > MAX_ADDRESS:
        raise ValidationError(f"The address has over {MAX_ADDRESS} characters.")
    if any(character.isspace() or not character.isprintable() for character in address):
        raise ValidationError("The address contains a blank or a control character: remove it.")
    if address.startswith("/") and not address.startswith(("//", "/\\")):
        path = urlsplit(address).path
        if known and unknown_paths([path]):
            raise ValidationError(f"This site has no page at {path}: correct the address.")
        return address
    scheme, _, rest = address.partition(":")
    try:
        if scheme.lower() == "mailto":
            _is_mail(rest.partition("?")[0])
        else:
            _is_url(address)
    except (ValidationError, ValueError):
        raise ValidationError(f"“{address}” is no address that a link can lead to. {HOW}") from None
    return address


def parse_lines(text: str) -> list[LabelledLink]:
    """Each line is an address, or a label and an address. Raises ValidationError naming the lines."""
    found, problems = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not (words := line.split()):
            continue
        label, address = " ".join(words[:-1]), words[-1]
        try:
            address = checked_address(address)
            if len(label) > MAX_LABEL:
                raise ValidationError(f"The label has over {MAX_LABEL} characters: shorten it.")
            found.append(LabelledLink(label or _label_of(address), address))
        except ValidationError as error:
            problems += [f"Line {number}: {message}" for message in error.messages]
    if len(found) > MAX_LINKS:
        problems.append(f"There are {len(found)} links; the limit is {MAX_LINKS}.")
    if problems:
        raise ValidationError(problems)
    return found


def as_lines(links: list[list[str]]) -> str:
    return "\n".join(f"{label} {address}" for label, address in links)


def _label_of(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "mailto":
        return parts.path
    return (parts.hostname or parts.path.strip("/") or "Home").removeprefix("www.")[:MAX_LABEL]
