"""Gather the messages of the briefing and bring the catalogues of its translations up to date.

Messages stand in the Python modules and templates of :mod:`monazite.briefing` and in its notes on
methods. This writes the template of the catalogues and merges it into each of them: a message that
is new has no translation yet, one that is gone is dropped. Run it after every change of a message,
then translate what is new; a test fails until both are done.

    python scripts/build_catalogues.py
"""

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from monazite.briefing.language import LANGUAGES, plural_forms

BRIEFING = Path(__file__).parents[1] / "src" / "monazite" / "briefing"
DOMAIN = "briefing"
NOT_OURS = ("site", "wording.py")
"""The site has a catalogue of its own; the wording of events is a table by language."""

METHODS = ("templates/methods.toml", "plan/templates/methods.toml")
"""Notes on methods: of every briefing, and of plans."""

KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "say": None,
    "nsay": (1, 2),
    "mark": None,
}
"""Functions whose strings are messages."""

Found = tuple[str, int, str | tuple[str, ...], str | None]
"""File, line, message or forms, context."""


def main() -> None:
    """Write the template and merge it into every catalogue."""
    template = template_of_catalogues()
    write(template, BRIEFING / "locale" / f"{DOMAIN}.pot")
    for code in LANGUAGES:
        if code != "en":
            write(merged(template, code), path_of(code))


def path_of(code: str) -> Path:
    """Return where the catalogue of a language stands."""
    return BRIEFING / "locale" / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def template_of_catalogues() -> Catalog:
    """Return all messages, without translations, in the order of their places."""
    catalog = Catalog(
        project="Monazite", domain=DOMAIN, charset="utf-8", fuzzy=False, creation_date=None
    )
    for file, line, message, context in sorted(messages(), key=lambda found: found[:2]):
        catalog.add(message, locations=[(file, line)], context=context)
    return catalog


def messages() -> Iterator[Found]:
    """Yield every message of modules, templates and notes."""
    for path in sorted(BRIEFING.rglob("*")):
        name = path.relative_to(BRIEFING).as_posix()
        if any(part in NOT_OURS for part in path.relative_to(BRIEFING).parts):
            continue
        if path.suffix == ".py":
            yield from _extracted(name, path, "python")
        elif path.suffix == ".j2":
            yield from _extracted(name, path, "jinja2")
    for name in METHODS:
        notes = tomllib.loads((BRIEFING / name).read_text(encoding="utf-8"))
        for number, entry in enumerate(notes.values(), start=1):
            yield name, number, entry["title"], None
            yield name, number, entry["text"], None


def _extracted(name: str, path: Path, method: str) -> Iterator[Found]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true"} if method == "jinja2" else {}
    with path.open("rb") as file:
        for line, message, _, context in extract(method, file, KEYWORDS, options=options):
            yield name, line, message, context


def merged(template: Catalog, code: str) -> Catalog:
    """Return the catalogue of a language with exactly the messages of the template."""
    path, forms = path_of(code), len(plural_forms(code))
    old = Catalog(locale=code)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=code, domain=DOMAIN)
    new = Catalog(locale=code, domain=DOMAIN, project="Monazite", charset="utf-8", fuzzy=False)
    new.mime_headers = [("Plural-Forms", f"nplurals={forms}; plural={_expression(code)};")]
    for message in template:
        if message.id:
            found = old.get(message.id, message.context)
            empty = ("",) * forms if message.pluralizable else ""
            text = found.string if found is not None else empty
            new.add(message.id, text, message.locations, context=message.context)
    return new


def write(catalog: Catalog, path: Path) -> None:
    """Write a catalogue: messages with their places, and no dates, so that nothing else changes."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=100, omit_header=True, include_lineno=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(catalog) + stream.getvalue())


def header(catalog: Catalog) -> bytes:
    """Return the head of a catalogue, with the number of plural forms of CLDR."""
    code = str(catalog.locale) if catalog.locale else ""
    lines = [
        "# Messages of the briefing. Made by scripts/build_catalogues.py; translations by hand.",
        'msgid ""',
        'msgstr ""',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
    ]
    if code:
        forms = len(plural_forms(code))
        lines.append(f'"Language: {code}\\n"')
        lines.append(f'"Plural-Forms: nplurals={forms}; plural={_expression(code)};\\n"')
    return ("\n".join(lines) + "\n\n").encode()


def _expression(code: str) -> str:
    """Return the rule of the forms for readers of catalogues other than the program itself."""
    return {
        "ja": "0",
        "ar": "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5",
        "es": "n==1 ? 0 : n!=0 && n%1000000==0 ? 1 : 2",
    }[code]


if __name__ == "__main__":
    main()
