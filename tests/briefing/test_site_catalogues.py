"""The site's messages: all translated, their places kept, none left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

import monazite.briefing
from monazite.briefing.language import LANGUAGES, Language, catalogue

BRIEFING = Path(monazite.briefing.__file__).parent
PLACES = re.compile(r"%\(\w+\)s")


def messages() -> Iterator[str]:
    for path in sorted((BRIEFING / "site").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "mark":
                yield ast.literal_eval(node.args[0])
    for path in sorted((BRIEFING / "templates" / "site").glob("*.j2")):
        for _, message, _, _ in extract_from_file("jinja2", path, keywords={"_": None}):
            yield message if isinstance(message, str) else message[0]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_message_is_translated_and_none_is_left_over(code):
    book = catalogue(code, "site")
    known = {message.id: message.string for message in book if message.id}
    assert set(known) == set(messages())
    for message, translated in known.items():
        assert translated, message
        assert sorted(PLACES.findall(message)) == sorted(PLACES.findall(translated)), message


def test_a_page_in_english_needs_no_catalogue():
    assert Language("en", "site").gettext("By %(name)s", name="x") == "By x"
