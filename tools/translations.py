"""The translations of the public site: what is to be translated, and the files made from it.

    python -m tools.translations          bring locale/*/LC_MESSAGES/django.po up to date, and compile them
    python -m tools.translations --check  change nothing; exit status 1 if there is anything to do

Babel does what Django's own commands do with the gettext programs, which not every machine has. Both files
are in the repository, so that an installation compiles nothing.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("de", "fr", "es")
TEMPLATES = ("templates/base.html", "templates/40[34].html", "templates/500.html", "templates/publishing/*",
             "templates/preview/*")  # fmt: skip
"""Of the public site. That of a refused form, 403_csrf.html, is a page of the desk."""
MODULES = ("publishing/**/*.py", "approvals/links/*.py")
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
HEADER = "# Words of the public site. tools/translations.py finds the texts, and compiles this file."
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
UNUSED = re.compile(
    rb"^\"?(?:Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator"
    rb"|Language-Team|Generated-By):.*\n",
    re.MULTILINE,
)
"""Lines of the header that say nothing, or something different at each run."""
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")


def templates() -> list[Path]:
    found = {path for pattern in TEMPLATES for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.name != "403_csrf.html")


def source() -> Catalog:
    """Everything that can be translated, with the files in which it is."""
    catalog = Catalog()
    for path in templates():
        _add(catalog, path, _as_python(path))
    for path in sorted({path for pattern in MODULES for path in ROOT.glob(pattern)}):
        _add(catalog, path, path.read_text())
    return catalog


def _as_python(template: Path) -> str:
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    from django.utils.translation.template import templatize

    return str(templatize(template.read_text(), origin=str(template)))


def _add(catalog: Catalog, path: Path, code: str) -> None:
    name = path.relative_to(ROOT).as_posix()
    for _, text, _, context in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
        catalog.add(text, locations=[(name, 0)], context=context)


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str, texts: Catalog) -> Catalog:
    """The translations of `texts` as far as there are any, in the order of the source."""
    old = read(language) if po_file(language).exists() else Catalog(locale=language)
    new = Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment=HEADER)
    for message in texts:
        if not message.id:
            continue
        known = old.get(_key(message.id), context=message.context)
        files = sorted({(name, 0) for name, _ in message.locations})
        translated = known.string if known and type(known.id) is type(message.id) else None
        new.add(message.id, translated, locations=files, context=message.context)
    return new


def _key(text: str | list[str] | tuple[str, ...]) -> str:
    """The singular, by which a catalogue is searched."""
    return text if isinstance(text, str) else text[0]


def as_po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=110, omit_header=False, include_lineno=False, sort_output=False)
    return UNUSED.sub(b"", out.getvalue())


def as_mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    catalog.creation_date = EPOCH  # the time of the run would make every file differ from the last
    write_mo(out, catalog)
    return out.getvalue()


def gaps(catalog: Catalog) -> Iterator[str]:
    """What is wrong with a translation, a sentence each."""
    for message in catalog:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if message.fuzzy or not strings or not all(strings):
            yield f"no translation: {ids[0]}"
            continue
        for string in strings:
            wanted = [sorted(PLACEHOLDER.findall(one)) for one in ids]
            if sorted(PLACEHOLDER.findall(str(string))) not in wanted:
                yield f"other placeholders: {string}"


def main(arguments: list[str]) -> int:
    is_check, texts, problems = "--check" in arguments, source(), []
    for language in LANGUAGES:
        catalog, po = renewed(language, texts), po_file(language)
        files = {po: as_po(catalog), po.with_suffix(".mo"): as_mo(catalog)}
        for path, content in files.items():
            if path.exists() and path.read_bytes() == content:
                continue
            if is_check:
                problems.append(f"{path.relative_to(ROOT)} is not up to date")
            else:
                os.makedirs(path.parent, exist_ok=True)
                path.write_bytes(content)
        problems += [f"{language}: {gap}" for gap in gaps(catalog)]
    print("\n".join(problems) or "Every text is translated.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
