"""The public site is on top: what publish, search and the desk share with it is one level up."""

from tests.test_architecture import BASE_DIR, violations_in


def test_only_the_site_imports_the_site():
    others = [
        str(path.relative_to(BASE_DIR))
        for path in sorted((BASE_DIR / "publishing").iterdir())
        if path.name not in {"site", "migrations"} and (path.is_dir() or path.suffix == ".py")
    ]
    assert {"publishing/search", "publishing/publish.py", "publishing/templatetags"} <= set(others)
    assert violations_in({"publishing.site"}, *others) == {}
