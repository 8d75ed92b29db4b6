"""What posts are grouped by: categories and tags."""

from __future__ import annotations

from django.db import models

from publishing.addresses import path_of
from tasks.naming import AnyScriptSlugField, name_key


class Category(models.Model):
    name = models.CharField(max_length=100, unique=True)
    slug = AnyScriptSlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"
        indexes = [models.Index(name_key("name"), name="publishing_category_key")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return path_of("category", self.slug)


class Tag(models.Model):
    name = models.CharField(max_length=100, unique=True)
    slug = AnyScriptSlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(name_key("name"), name="publishing_tag_key")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return path_of("tag", self.slug)
