"""How the site presents itself, as it is edited on the desk."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

is_colour = RegexValidator(
    r"^#[0-9a-f]{6}\Z", "Enter a colour as #a03c14: six digits from 0 to 9 and a to f."
)


def is_time_zone(name: str) -> None:
    """Validator."""
    if name not in available_timezones():
        raise ValidationError(f"There is no time zone “{name}”: use a name such as Europe/Berlin, or UTC.")


class SiteLanguage(models.TextChoices):
    """Languages of the site's own words, such as those of its buttons."""

    ENGLISH = "en", "English"
    GERMAN = "de", "German"
    FRENCH = "fr", "French"
    SPANISH = "es", "Spanish"


class SiteIdentity(models.Model):
    """One row, missing until someone edits it. Written by `publishing.site_identity.actions` alone."""

    ONLY = 1
    """The primary key of the row."""

    _history_user: User | None
    _change_reason: str

    name = models.CharField(max_length=60, help_text="Shown on every page, in feeds and on mails.")
    tagline = models.CharField(
        max_length=120, blank=True, help_text="A few words under the name on the front page."
    )
    description = models.TextField(
        max_length=300, blank=True,
        help_text="One or two sentences for search engines, feed readers and programs.",
    )  # fmt: skip
    logo = models.JSONField(default=dict, blank=True, help_text="See logos.py. Empty: the name in letters.")
    icon = models.JSONField(
        default=dict, blank=True, help_text="See logos.py. Empty: the icon that is shipped."
    )
    accent = models.CharField(max_length=7, blank=True, validators=[is_colour])
    accent_dark = models.CharField(max_length=7, blank=True, validators=[is_colour])
    menu = models.JSONField(default=list, blank=True, help_text="Its entries in order: see menu.py.")
    footer_text = models.TextField(max_length=2000, blank=True, help_text="Markdown.")
    footer_links = models.JSONField(default=list, blank=True, help_text="Each with a label and an address.")
    social_links = models.JSONField(default=list, blank=True, help_text="Each with a label and an address.")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[is_time_zone])
    language = models.CharField(max_length=10, choices=SiteLanguage, default=SiteLanguage.ENGLISH)
    posts_per_page = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    version = models.PositiveIntegerField(default=0, editable=False, help_text="Grows with each change.")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    changed_by_name = models.CharField(max_length=150, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        verbose_name = "site identity"
        verbose_name_plural = "site identity"
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="publishing_one_identity")]

    def __str__(self) -> str:
        return self.name
