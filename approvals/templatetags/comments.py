"""What templates show of comments."""

from __future__ import annotations

import re

from django import template
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from approvals.models.desk import DraftComment

register = template.Library()


@register.filter
def is_changeable_by(comment: DraftComment, user: AbstractBaseUser | AnonymousUser) -> bool:
    return comment.may_be_changed_by(user)


@register.filter
def with_mentions(comment: DraftComment) -> SafeString:
    """Its text, with the people set off whom it mentions."""
    names = sorted((person.get_username() for person in comment.mentioned.all()), key=len, reverse=True)
    if not names:
        return escape(comment.text)
    found = re.compile(rf"@({'|'.join(map(re.escape, names))})(?![\w@+-])", re.IGNORECASE)
    parts, end = list[str](), 0
    for match in found.finditer(comment.text):
        parts += [escape(comment.text[end : match.start()])]
        parts += [format_html('<strong class="desk-mention">{}</strong>', match[0])]
        end = match.end()
    return mark_safe("".join([*parts, escape(comment.text[end:])]))  # each part is escaped
