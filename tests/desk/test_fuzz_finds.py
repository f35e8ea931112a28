"""What fuzzing found once (`scripts/fuzz_desk.py`), so that it does not come back."""

import json
from pathlib import Path

import pytest

from monazite.desk.dates import find_dates
from monazite.desk.page import from_html, from_text, read
from monazite.desk.recognise import recognise
from monazite.desk.schema import DateBasis, Dated, Precision
from monazite.errors import InputError

EXAMPLES = Path(__file__).parents[2] / "examples" / "pages"
STORY = "China banned exports of gallium to the United States on Tuesday, the ministry said."


def test_linked_data_may_have_kinds_that_are_no_names():
    for kinds in ([["NewsArticle"]], {"a": 1}, [{}], 5, None, [None, "NewsArticle"]):
        data = json.dumps({"@type": kinds, "headline": "A title", "datePublished": "2025-04-04"})
        source = f'<script type="application/ld+json">{data}</script><h1>A title</h1><p>{STORY}</p>'
        assert from_html(source, id="p").headline == "A title"


@pytest.mark.parametrize(
    "day",
    ["0000-01-01", "2025-02-30", "2025-13", "0000", "9999-99-99", "٢٠٢٥-٠٤-٠٤", "2025-\ud800"],
)
def test_a_day_that_no_calendar_has_is_no_day_of_publication(day):
    with pytest.raises(InputError, match="is not a date") as raised:
        from_text(STORY, id="p", published=day)
    raised.value.line().encode()


@pytest.mark.parametrize(
    "value", ["0001-01-01", "9999-12-31", "0001-01", "9999-12", "0001", "9999"]
)
def test_no_date_is_reckoned_past_the_ends_of_the_calendar(value):
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(value)]
    said = Dated(value=value, precision=precision, basis=DateBasis.GIVEN)
    text = (
        "last year, next year, last quarter, next quarter, last month, next month, two years ago, "
        "three months ago, 9 days ago, next week, Q1 last year, in December, in January"
    )
    for mention in find_dates(text, published=said):
        assert "0001" <= mention.value[:4] <= "9999"
        assert len(mention.value) in (4, 7, 10)
    page = from_text(
        f"{STORY} It did so last year and will do so next year.", id="p", published=value
    )
    recognise(page)


def test_halves_of_characters_beside_a_text_do_not_stop_its_writing():
    page = from_text(STORY, id="p", url="https://a.example/\ud800", language="e\udfff")
    page.model_dump_json()


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_evidence_lies_in_a_line_of_its_zone(path):
    page = read(path)
    lines = [(line.zone, line.start, line.end) for line in page.lines]
    spans = [span for event in recognise(page) for span in event.evidence]
    assert spans
    for span in spans:
        assert page.text[span.start : span.end] == span.text
        assert any(
            zone is span.zone and start <= span.start and span.end <= end
            for zone, start, end in lines
        )


def test_an_act_may_last_past_the_end_of_the_calendar():
    text = "Indonesia suspended its nickel ore export ban for 90 days, the ministry said on Friday."
    page = from_text(text, id="p", published="9999-12-31")
    assert all(event.end is None for event in recognise(page))
