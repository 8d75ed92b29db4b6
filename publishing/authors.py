"""Bylines: who answers for a text, named only if they want to be.

Texts are written by machines and approved by people, so the byline names the person who approved the text:
the decision binds them to its exact bytes. Only those who created an author page of their own are named.
"""

from __future__ import annotations

from publishing.models import Author, Post


def add_bylines(author: Author) -> int:
    """Give every text that the author has approved so far their byline; return how many changed."""
    approved = Post.objects.filter(approval__actor_id=author.user_id)
    return approved.exclude(author=author).update(author=author)
