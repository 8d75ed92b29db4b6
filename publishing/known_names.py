"""Categories and tags of readers, for the forms that complete names."""

from tasks.known_names import MAX_NAMES, NameKind, other_names


def _categories() -> list[str]:
    from publishing.models import Category

    return list(Category.objects.values_list("name", flat=True)[:MAX_NAMES])


def _tags() -> list[str]:
    from publishing.models import Tag

    return list(Tag.objects.values_list("name", flat=True)[:MAX_NAMES])


other_names[NameKind.CATEGORY].append(_categories)
other_names[NameKind.TAGS].append(_tags)
