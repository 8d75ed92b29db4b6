"""Images and link cards of bodies, for every page that shows a text. The app that stores them finds them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tasks.pipeline.text.attachments import Attachments
from tasks.pipeline.text.body_images import BodyImages, names_in
from tasks.pipeline.text.link_lines import CardTexts, addresses_in

image_stores: list[Callable[[Collection[str], str], BodyImages]] = []
"""Each takes hashes, and the path of the folder of images; an empty one is the desk's own."""
card_stores: list[Callable[[Collection[str]], CardTexts]] = []
"""Each takes addresses."""


def attachments_of(*bodies: str, folder: str = "") -> Attachments:
    """Those of the images and cards in these bodies that are stored: a query for each kind, if there is any.

    `folder` is the path below which readers of the page get images: that of the desk, if it is empty.
    """
    names, addresses = names_in(*bodies), addresses_in(*bodies)
    images = [look(names, folder) for look in image_stores] if names else []
    cards = [look(addresses) for look in card_stores] if addresses else []
    return Attachments(
        {name: image for found in images for name, image in found.items()},
        {address: card for found in cards for address, card in found.items()},
    )
