"""What prevents a publication. Checked before an approval, when a text is scheduled, and by `publish`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import connection

from approvals.objections import Objection
from publishing.errors import ImageMissing, PublishingError, SlugTaken, SlugUnusable, TextMissing
from publishing.images.body_images import images_by_name, missing_images, require_body_images
from publishing.images.covers import require_cover
from publishing.images.objections import images_objections
from publishing.models import Image
from publishing.pages import is_reserved
from publishing.redirects import hold_addresses_sql
from tasks.models import Draft
from tasks.naming import validate_slug

Holders = Mapping[str, Sequence[tuple[int, str]]]
"""By address: the drafts that hold it, and whether by a post, an earlier address or a schedule."""
SCHEDULED = "scheduled"
HOLDERS = """\
SELECT slug, draft_id, 'live' FROM publishing_post WHERE slug = ANY(%(slugs)s)
UNION ALL SELECT redirect.slug, post.draft_id, 'earlier'
FROM publishing_redirect redirect JOIN publishing_post post ON post.id = redirect.post_id
WHERE redirect.slug = ANY(%(slugs)s)
UNION ALL SELECT slug, draft_id, 'scheduled' FROM publishing_schedule
WHERE ended_at IS NULL AND slug = ANY(%(slugs)s)
"""
CATEGORIES = """\
UNION ALL SELECT draft.category, 0, 'category' FROM unnest(%(categories)s::text[]) AS draft (category)
WHERE EXISTS (SELECT FROM publishing_category WHERE name_key(name) = name_key(draft.category))
"""
CATEGORY = "category"
KINDS: dict[type[PublishingError], str] = {
    TextMissing: "text_missing",
    SlugUnusable: "slug_unusable",
    SlugTaken: "slug_taken",
    ImageMissing: "image_missing",
}


def refusals(draft: Draft) -> list[PublishingError]:
    """Every reason why publishing would refuse this text; empty if nothing but an approval is missing."""
    holders = _by_slug(_rows(HOLDERS, [draft.slug]))
    return _refusals(draft, holders, _image_named_by(draft), images_by_name([draft]))


def require_publishable(draft: Draft) -> None:
    """Raise the first of the refusals: TextMissing, SlugUnusable, SlugTaken or ImageMissing."""
    for error in refusals(draft):
        raise error


def require_publishable_at_held_address(draft: Draft, image: Image | None, earlier_slug: str) -> None:
    """The same for a caller that has the draft's image, and publishes it in this transaction.

    Until that ends, no other takes or gives up its address, or the earlier one of its post.
    """
    hold = hold_addresses_sql({draft.slug, earlier_slug} - {""} or {""})
    rows = _rows(f"{hold}; {HOLDERS}", [draft.slug])
    for error in _refusals(draft, _by_slug(rows), image):
        raise error
    require_body_images(draft)


def objections_to(drafts: Sequence[Draft]) -> dict[int, list[Objection]]:
    """The refusals, and what else readers would miss, by draft. As many queries for many as for one."""
    categories = list({draft.category for draft in drafts})
    rows = _rows(HOLDERS + CATEGORIES, [draft.slug for draft in drafts], categories=categories)
    holders = _by_slug(row for row in rows if row[2] != CATEGORY)
    known = {name for name, _, what in rows if what == CATEGORY}
    images = images_by_name(drafts)
    return {draft.pk: _objections(draft, holders, known, images) for draft in drafts}


def _objections(
    draft: Draft, holders: Holders, known: set[str], images: Mapping[str, Image]
) -> list[Objection]:
    image = _image_named_by(draft)
    found = [Objection(KINDS[type(error)], str(error)) for error in _refusals(draft, holders, image, images)]
    found += images_objections(draft, images)
    if image is not None and image.title and image.title != draft.title:
        older = f"The cover shows an earlier title: “{image.title}”. Draw a new one on the page of the cover."
        found.append(Objection("cover_outdated", older))
    if not draft.summary.strip():
        found.append(Objection("summary_missing", "There is no summary; lists and feeds show one."))
    if draft.category and draft.category not in known:
        new = f"The category “{draft.category}” is new; publishing creates it."
        found.append(Objection("category_new", new, needs_confirmation=False))
    return found


def _refusals(
    draft: Draft, holders: Holders, image: Image | None, images: Mapping[str, Image] | None = None
) -> list[PublishingError]:
    """`images` are those in the body that are stored; without them, nothing is said of these."""
    found: list[PublishingError | None] = [_missing(draft, "title"), _missing(draft, "body")]
    found += [
        _unusable(draft.slug) or _reserved(draft),
        _taken(draft, holders),
        _unusable_image(draft, image),
    ]
    found += [missing_images(draft, images)] if images is not None else []
    return [error for error in found if error]


def _missing(draft: Draft, field: str) -> TextMissing | None:
    if getattr(draft, field).strip():
        return None
    return TextMissing(f"The draft has no {field}: write one.")


def _unusable(slug: str) -> SlugUnusable | None:
    if not slug:
        return SlugUnusable("The draft has no slug, so the post would have no address: add one.")
    try:
        validate_slug(slug)
    except ValidationError:
        return SlugUnusable(
            f"The slug {slug!r} cannot be used in an address: use letters, digits, hyphens and underscores."
        )
    return None


def _reserved(draft: Draft) -> SlugTaken | None:
    if not draft.task.is_page or not is_reserved(draft.slug):
        return None
    return SlugTaken(
        f"The address /{draft.slug}/ is the site's own: give the page another slug, such as {draft.slug}-us."
    )


def _taken(draft: Draft, holders: Holders) -> SlugTaken | None:
    others = [how for draft_id, how in holders.get(draft.slug, ()) if draft_id != draft.pk]
    if not others:
        return None
    if others == [SCHEDULED]:
        return SlugTaken(f"Another text is scheduled for the address {draft.slug}: edit the draft's slug.")
    return SlugTaken(f"Another post has or had the address {draft.slug}: edit the draft's slug.")


def _image_named_by(draft: Draft) -> Image | None:
    return Image.objects.filter(name=draft.cover_image).first() if draft.cover_image else None


def _unusable_image(draft: Draft, image: Image | None) -> ImageMissing | None:
    try:
        require_cover(draft, image)
    except ImageMissing as error:
        return error
    return None


def _rows(statement: str, slugs: Sequence[str], **more: list[str]) -> list[tuple[str, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"slugs": list(slugs), **more})
        while cursor.nextset():
            pass  # to the last of several statements
        found: list[tuple[str, int, str]] = cursor.fetchall()
        return found


def _by_slug(rows: Iterable[tuple[str, int, str]]) -> Holders:
    """Links to an address that a text has or had must never lead to another text, so all of them hold it."""
    found = defaultdict(list)
    for slug, draft_id, how in rows:
        found[slug].append((draft_id, how))
    return found
