"""Who answers for a text, and is named only if they want to be.

Texts are written by machines and approved by people, so the person beside a text is the one who approved it:
the decision binds them to its very bytes. Nobody is named who did not ask for it with a page of their own.
"""

from __future__ import annotations

from approvals.models import Decision
from publishing.models import Author, Post


def author_of(approval: Decision) -> Author | None:
    return Author.objects.filter(user_id=approval.actor_id).first()


def sign(author: Author) -> int:
    """Put the author beside every text that they approved so far; return how many there are."""
    approved = Post.objects.filter(approval__actor_id=author.user_id)
    return approved.exclude(author=author).update(author=author)
