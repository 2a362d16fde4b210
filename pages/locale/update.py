"""Bring the catalogues up to date with the messages in the code: python -m pages.locale.update."""

from __future__ import annotations

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_messages
from babel.messages.pofile import read_po, write_po

from pages.locale.catalogue import LANGUAGES, LOCALE_DIR, catalogue_path

ROOT = LOCALE_DIR.parent.parent
KEYWORDS = {"_": None, "translate": None, "mark": None, "Sentence": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Collect every message in the code."""
    template = Catalog(project="rnn-explorer")
    files = [
        ROOT / "streamlit_app.py",
        *sorted((ROOT / "rnn_core").rglob("*.py")),
        *sorted((ROOT / "pages").rglob("*.py")),
    ]
    for path in files:
        with path.open("rb") as file:
            for line, message, comments, context in extract_messages(
                "python", file, KEYWORDS, options={"encoding": "utf-8"}
            ):
                if isinstance(message, str) or all(message):  # the latter singular and plural
                    location = (str(path.relative_to(ROOT)), line)
                    template.add(message, locations=[location], auto_comments=comments, context=context)
    return template


def main() -> None:
    """Add new messages and drop unused ones, leaving translations as they are."""
    template = extract()
    for lang in LANGUAGES:
        if lang == "en":
            continue
        path = catalogue_path(lang)
        catalogue = Catalog(locale=lang)
        if path.exists():
            with path.open("rb") as file:
                catalogue = read_po(file, locale=lang)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, omit_header=True, no_location=True)


if __name__ == "__main__":
    main()
