"""Redirects from a post's earlier addresses to its current one, without chains or loops."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import connection
from django.http import Http404

from approvals.audit import chain
from publishing.errors import Withdrawn
from publishing.models import Post, Redirect
from tasks.advisory_locks import Call, Lock, statement_for_all


def hold_addresses(*slugs: str) -> None:
    """Until the transaction ends, no other takes or gives up these addresses."""
    with connection.cursor() as cursor:
        cursor.execute(hold_addresses_sql(slugs))


def hold_addresses_sql(slugs: Iterable[str]) -> str:
    return statement_for_all(Call.TRANSACTION, Lock.POST_ADDRESS, slugs)


def current_slug(slug: str, *, is_page: bool = False) -> str:
    """For an address that no live post, or page, has: the one that it redirects to.

    Raises Withdrawn or Http404.
    """
    found = (
        Redirect.objects.filter(slug=slug, post__is_page=is_page)
        .values_list("post__slug", "post__is_live")
        .first()
    )
    if found and found[1]:
        return str(found[0])
    if not found and not Post.objects.filter(slug=slug, is_page=is_page).exists():
        raise Http404("No post has this address.")
    raise Withdrawn("The post that had this address was withdrawn.")


def follow(post: Post, old_slug: str, *, by: User) -> None:
    """Redirect the address that the post gives up to it; the one that it takes redirects no longer."""
    Redirect.objects.filter(slug=post.slug, post=post).delete()
    made = Redirect.objects.create(slug=old_slug, post=post)
    chain.add(
        [
            chain.Fact(
                "redirect.created",
                object_type="redirect",
                object_id=made.pk,
                task_id=post.draft.task_id,
                by=by,
                data={"from": old_slug, "to": post.slug},
            )
        ]
    )
