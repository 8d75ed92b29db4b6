"""Images in a body: `![alternative text](image:SHA256 "caption | credit")`, on a line of its own a figure.

All that readers see of one stands in the Markdown: the address is a hash over the bytes of its files, so a
decision about the text is about the image, its description, its caption and its credit too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from markdown_it.token import Token

ADDRESS = re.compile(r"image:([0-9a-f]{64})", re.IGNORECASE)
NAMED = re.compile(r"(?<![\w:])image:([0-9a-f]{64})(?![0-9a-f])", re.IGNORECASE)
BETWEEN = " | "
"""What stands between caption and credit: the last in the title counts."""
SIZES = "(min-width: 46rem) 41rem, 94vw"
FORMATS = ("avif", "webp")
"""Besides JPEG, in the order in which browsers are to choose."""


@dataclass(frozen=True)
class BodyImage:
    """A stored image as a page shows it. `folder` is the path of its files; each has a format and a width."""

    folder: str
    width: int
    height: int
    files: tuple[tuple[str, int], ...]

    def srcset(self, encoding: str) -> str:
        widths = sorted(width for one, width in self.files if one == encoding)
        return ", ".join(f"{self.folder}{width}.{encoding} {width}w" for width in widths)

    @property
    def source(self) -> str:
        return f"{self.folder}{self.width}.jpeg"


BodyImages = Mapping[str, BodyImage]
"""By the SHA-256 in the body."""


class Caption(NamedTuple):
    caption: str
    credit: str

    @classmethod
    def parse(cls, title: str) -> Caption:
        caption, bar, credit = f" {' '.join(title.split())} ".rpartition(BETWEEN)
        return cls(caption.strip(), credit.strip()) if bar else cls(credit.strip(), "")

    def __str__(self) -> str:
        if self.credit or BETWEEN in f" {self.caption} ":
            return f"{self.caption}{BETWEEN}{self.credit}".strip(" ")
        return self.caption


def names_in(*bodies: str) -> list[str]:
    """The hashes of the images that these bodies show, in their order."""
    found = (match[1].lower() for body in bodies for match in NAMED.finditer(body))
    return list(dict.fromkeys(found))


def name_of(image: Token) -> str:
    """The hash that the address of an image names; empty for an address of another kind."""
    found = ADDRESS.fullmatch(str(image.attrs.get("src", "")))
    return found[1].lower() if found else ""


def caption_of(image: Token) -> Caption:
    return Caption.parse(str(image.attrs.get("title", "")))


def alt_of(image: Token) -> str:
    return " ".join("".join(child.content or " " for child in image.children or ()).split())


def are_figures(children: Sequence[Token] | None) -> bool:
    """Whether a paragraph consists of images alone, each of which then is a figure."""
    shown = [child for child in children or () if not _is_blank(child)]
    return bool(shown) and all(child.type == "image" and name_of(child) for child in shown)


def _is_blank(token: Token) -> bool:
    return token.type in {"softbreak", "hardbreak", "not_shown", "link_open", "link_close"} or (
        token.type == "text" and not token.content.strip()
    )


def figure_markdown(name: str, alt: str = "", caption: str = "", credit: str = "") -> str:
    """The line that shows an image."""
    title = str(Caption(" ".join(caption.split()), " ".join(credit.split())))
    written = re.sub(r'([\\"])', r"\\\1", title)
    described = re.sub(r"([\\\[\]`*_<])", r"\\\1", " ".join(alt.split()))
    return f'![{described}](image:{name} "{written}")' if title else f"![{described}](image:{name})"


def picture_html(image: BodyImage, alt: str) -> str:
    """The browser chooses format and width, and reserves the space before the file is there."""
    sources = "".join(
        f'<source type="image/{encoding}" srcset="{srcset}" sizes="{SIZES}">'
        for encoding in FORMATS
        if (srcset := image.srcset(encoding))
    )
    return (
        f'<picture>{sources}<img src="{image.source}" srcset="{image.srcset("jpeg")}" sizes="{SIZES}" '
        f'width="{image.width}" height="{image.height}" alt="{escape(alt)}" decoding="async" loading="lazy">'
        "</picture>"
    )


def figure_html(image: BodyImage, alt: str, caption: Caption, notes: Iterable[str] = ()) -> str:
    """A picture with what stands below it; `notes` are for editors."""
    credit = f'<span class="credit">{escape(caption.credit)}</span>' if caption.credit else ""
    words = " ".join(filter(None, (escape(caption.caption), credit)))
    below = words + "".join(f' <span class="not-shown">{escape(note)}</span>' for note in notes)
    figcaption = f"<figcaption>{below}</figcaption>" if below else ""
    return f"<figure>{picture_html(image, alt)}{figcaption}</figure>\n"


def figures_html(children: Iterable[Token], images: BodyImages) -> str:
    """Of a paragraph of images alone, those that are stored."""
    return "".join(_figures(children, images))


def _figures(children: Iterable[Token], images: BodyImages) -> Iterator[str]:
    """Of each image that is stored; the notes that follow it are shown in any case."""
    shown: Token | None = None
    notes: list[str] = []
    for token in children:
        if token.type == "image":
            yield from _figure(shown, notes, images)
            shown, notes = token, []
        elif token.type == "not_shown":
            notes.append(token.content)
    yield from _figure(shown, notes, images)


def _figure(token: Token | None, notes: list[str], images: BodyImages) -> Iterator[str]:
    image = images.get(name_of(token)) if token else None
    if token and image:
        yield figure_html(image, alt_of(token), caption_of(token), notes)
    else:
        yield from (f'<p class="not-shown">{escape(note)}</p>\n' for note in notes)


def render_image(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """An image inside a line of text."""
    image = env.get("images", {}).get(name_of(tokens[index]))
    return picture_html(image, alt_of(tokens[index])) if image else ""


def stored(name: str, variants: Iterable[Mapping[str, Any]], folder: str) -> BodyImage:
    """From the description of an image's files, the widest JPEG last."""
    described = list(variants)
    files = tuple((str(one["format"]), int(one["width"])) for one in described)
    last = described[-1]
    return BodyImage(f"{folder}{name}/", int(last["width"]), int(last["height"]), files)
