"""What the desk's navigation shows of the site."""

from tasks.navigation import Group, NavigationItem, permitted, register

register(
    NavigationItem(
        "calendar", "Calendar", "publishing_desk:calendar", Group.WORK, 40, permitted("tasks.view_draft"),
        keywords=("due", "schedule"), icon="calendar", key="c",
    )
)  # fmt: skip
register(
    NavigationItem(
        "published", "Published", "publishing_desk:published", Group.SITE, 10,
        permitted("publishing.view_post"),
        keywords=("posts", "live"), icon="published", key="p",
        covers=("/admin/publishing/post/",),
    )
)  # fmt: skip
register(
    NavigationItem(
        "media", "Media", "publishing_desk:images", Group.SITE, 20, permitted("publishing.view_mediaitem"),
        keywords=("images", "pictures", "photos", "library", "upload"),
        icon="media", key="m",
    )
)  # fmt: skip
register(
    NavigationItem(
        "pages", "Pages", "publishing_desk:pages", Group.SITE, 30, permitted("tasks.view_draft"),
        keywords=("about", "imprint", "contact", "privacy", "write a page"),
    )
)  # fmt: skip
register(
    NavigationItem(
        "write", "Write an article", "publishing_desk:write-article", Group.WORK, 35,
        permitted("tasks.add_contenttask", "tasks.change_draft"), keywords=("new", "own text"),
        icon="write",
    )
)  # fmt: skip
register(
    NavigationItem(
        "identity", "Identity", "publishing_desk:identity", Group.SITE, 80,
        permitted("publishing.view_siteidentity"),
        keywords=("name", "logo", "colour", "menu", "footer", "time zone", "language"),
        icon="site",
    )
)  # fmt: skip
