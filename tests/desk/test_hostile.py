"""Hostile pages through the whole desk: nothing hangs, nothing is lost, nothing runs.

What each part refuses by itself is tested with it: files that are no text, deep nesting and broken
encodings in `test_page`, feeds without end in `test_feeds_fetching` and `test_feeds_formats`, two
writers and a kill in `test_store_crash`.
"""

import json
import time

import pytest
from lxml import html

from monazite import study
from monazite.cli import main

MEGABYTE = 2**20
STORY = (
    "China banned exports of gallium and germanium to the United States on Tuesday, the commerce "
    "ministry said. "
)
ATTACKS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</p></body><svg onload=alert(1)>",
    "<style>body{display:none}</style>", '"><a href="javascript:alert(1)">x</a>', "{{ 7 * 7 }}",
    "{% include 'x' %}", "\u202egnirts\u2066", "&lt;script&gt;alert(2)&lt;/script&gt;",
    '<iframe srcdoc="<script>alert(3)</script>">',
)  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        STORY * (MEGABYTE // len(STORY)),
        (STORY + "\n") * (MEGABYTE // len(STORY)),
        "a" * (8 * MEGABYTE),
        "9" * (8 * MEGABYTE),
        "<p>" + STORY * (MEGABYTE // len(STORY)),
        "<div><b>" * MEGABYTE + STORY,
    ],
    ids=["one line of acts", "many lines", "one word", "one number", "markup", "deep"],
)
def test_a_page_of_megabytes_is_read_in_time(content, tmp_path, capsys):
    path = tmp_path / "large.html"
    path.write_text(content, encoding="utf-8")
    start = time.process_time()
    status = main(["read", str(path), "--published", "2025-03-05", "--json"])
    assert time.process_time() - start < 20
    printed = capsys.readouterr()
    assert status == 0, printed.err
    (line,) = printed.out.splitlines()
    assert json.loads(line)["id"] == "large"


def test_mixed_directions_move_no_place():
    text = f"\u202b{STORY}\u202c\n\u0627\u0644\u0635\u064a\u0646 \u2067{STORY}\u2069 \u200f9 \u0663"
    reading = study.read_text(text, published="2025-03-05")
    spans = [span for event in reading.events for span in event.evidence]
    assert spans
    assert all(reading.page.text[span.start : span.end] == span.text for span in spans)


@pytest.mark.parametrize("ending", ["html", "txt"])
def test_nothing_of_a_hostile_page_runs_in_its_briefing(ending, tmp_path):
    attacks = "".join(f"<p>{STORY}{attack}</p>\n" for attack in ATTACKS)
    path = tmp_path / f"hostile.{ending}"
    path.write_text(
        f"<html><head><title>China bans gallium {ATTACKS[0]}</title>"
        f'<link rel="canonical" href="javascript:alert(1)"></head><body><h1>China bans exports of '
        f"gallium to the United States {''.join(ATTACKS)}</h1>{attacks}</body></html>",
        encoding="utf-8",
    )
    drafted = study.draft(study.read(path, published="2025-03-05"))
    run = study.stress(drafted.scenario)
    text = study.brief(run, reading=drafted, with_remedies=False)
    tree = html.document_fromstring(text)
    assert len(tree.findall(".//script")) == 2
    assert not tree.findall(".//iframe")
    for element in tree.iter():
        assert not [name for name in element.attrib if name.startswith("on")]
        for name in ("href", "src"):
            address = element.get(name, "#")
            assert address.startswith(("#", "https://", "http://", "data:image/")), address
    assert not set(text) & set("\u202e\u2066\x00")
