"""Cards of pages that people link to on a line of their own: read once, when the version is saved.

Only for lines that a person added: what a machine wrote, perhaps because a page asked for it, gets no link.
Readers never ask the other site for anything. A card is words, and stays as it was approved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction

from approvals.audit import chain
from publishing.models import LinkCard
from tasks.models import Draft
from tasks.pipeline.errors import ProviderError, UnreadableText
from tasks.pipeline.providers.web.pages_on_demand import PagesOnDemand
from tasks.pipeline.text.link_lines import CardText, addresses_in

SECONDS = 5.0
"""For all cards of a version together: a person waits for them."""
MOST_CARDS = 10
"""That one version may add."""


def stored_cards(addresses: Collection[str]) -> dict[str, CardText]:
    """For `tasks.attachments`."""
    rows = LinkCard.objects.filter(address__in=addresses)
    columns = rows.values_list("address", "title", "site", "description")
    return {address: CardText(*words) for address, *words in columns}


def add_when_saved(draft: Draft) -> None:
    """Once the version is saved: read the pages of the lines that its author, a person, added."""
    addresses = addresses_in(draft.body) if draft.author_id else []
    if not addresses:
        return
    earlier = draft.history.filter(version=draft.version - 1).values_list("body", flat=True)
    known = set(addresses_in(*earlier)) | stored_cards(addresses).keys()
    added = [address for address in addresses if address not in known][:MOST_CARDS]
    if added:
        name = draft.written_by
        transaction.on_commit(lambda: add_cards(added, by_name=name), robust=True)


def add_cards(addresses: Sequence[str], *, by_name: str) -> None:
    """Read these pages and store what they say of themselves. Never again, whether it worked or not."""
    found = asyncio.run(_read_all(addresses))
    rows = [
        LinkCard(
            address=address, title=card.title, site=card.site, description=card.description,
            problem=problem[:500], added_by_name=by_name,
        )
        for address, (card, problem) in zip(addresses, found, strict=True)
    ]  # fmt: skip
    with transaction.atomic():
        LinkCard.objects.bulk_create(rows, ignore_conflicts=True)
        chain.record_all(
            [
                chain.Fact("linkcard.fetched", "linkcard", row.pk, by_name=by_name,
                           data={"address": row.address, "title": row.title, "problem": row.problem})
                for row in LinkCard.objects.filter(address__in=addresses)
            ]
        )  # fmt: skip


async def _read_all(addresses: Sequence[str]) -> list[tuple[CardText, str]]:
    pages = PagesOnDemand(settings.FETCH_ALLOW_PRIVATE_NETWORKS, settings.SITE_URL)
    return list(await asyncio.gather(*(_read(pages, address) for address in addresses)))


async def _read(pages: PagesOnDemand, address: str) -> tuple[CardText, str]:
    """The card, or an empty one and the reason."""
    from tasks.pipeline.reading.html.page_cards import card_of  # loads lxml

    try:
        async with asyncio.timeout(SECONDS):
            page = await pages.fetch(address)
        if "html" not in page.content_type:
            return CardText(), f"It is no web page but {page.content_type or 'of an unknown type'}."
        return await asyncio.to_thread(card_of, page.body, charset_in(page.content_type)), ""
    except TimeoutError:
        return CardText(), f"It was not read within {SECONDS:g} seconds."
    except (ProviderError, UnreadableText) as error:
        return CardText(), str(error)


def charset_in(content_type: str) -> str:
    return content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
