"""What a text says about time is read as a reader of the day would read it."""

import time
from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk.clock import later
from monazite.desk.date_words import DateKind
from monazite.desk.dates import find_dates, read_date
from monazite.desk.numerals import find_durations
from monazite.desk.schema import DateBasis, Dated, Precision

TUESDAY = Dated(value="2025-10-28", precision=Precision.DAY, basis=DateBasis.GIVEN)
days = st.dates(min_value=date(1950, 1, 1), max_value=date(2049, 12, 31))


def published(day: date | str) -> Dated:
    return Dated(value=str(day), precision=Precision.DAY, basis=DateBasis.GIVEN)


def values(text: str, day: Dated | None = TUESDAY, language: str = "en") -> list[str]:
    return [one.value for one in find_dates(text, published=day, language=language)]


def only(text: str, day: Dated | None = TUESDAY, language: str = "en") -> tuple[str, str]:
    (one,) = find_dates(text, published=day, language=language)
    return one.value, one.kind.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-10-28T09:30:00+09:00", "2025-10-28"),
        ("2025/10/28", "2025-10-28"),
        ("15. May 2025 - 11:05", "2025-05-15"),
        ("11:52 | 03 December 2024", "2024-12-03"),
        ("September 11, 2023 — 02:56 am EDT", "2023-09-11"),
        ("Thu, Dec 11, 2025", "2025-12-11"),
        ("January 15th, 2026|Customs", "2026-01-15"),
        ("18-Mar-2025 1:00 AM", "2025-03-18"),
        ("28/10/2025", "2025-10-28"),
        ("10/28/2025", "2025-10-28"),
        ("28.10.2025", "2025-10-28"),
        ("21 Sep 2010", "2010-09-21"),
        ("2010-11", "2010-11"),
        ("July 2025", "2025-07"),
    ],
)
def test_a_date_on_its_own_is_read(text, value):
    assert read_date(text).value == value


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("28 octobre 2025", "fr", "2025-10-28"),
        ("le 1er mars 2026", "fr", "2026-03-01"),
        ("28 de octubre de 2025", "es", "2025-10-28"),
        ("07/11/2025 à 11:34", "fr", "2025-11-07"),
        ("12. August 2025", "de", "2025-08-12"),
        ("2025年10月28日", "ja", "2025-10-28"),
        ("٢٨ أكتوبر ٢٠٢٥", "ar", "2025-10-28"),
    ],
)
def test_a_date_on_its_own_is_read_in_other_languages(text, language, value):
    assert read_date(text, language=language).value == value


@pytest.mark.parametrize("text", ["10/11/2025", "", "yesterday", "31 February 2025", "Monday", "5"])
def test_what_could_be_two_days_or_none_is_no_date(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("the ministry said on Monday", "2025-10-27", "point"),
        ("the ministry said on Tuesday", "2025-10-28", "point"),
        ("it was settled last Tuesday", "2025-10-21", "point"),
        ("talks resume next Tuesday", "2025-11-04", "point"),
        ("exports will be barred from Thursday", "2025-10-30", "from"),
        ("exports were barred from Thursday", "2025-10-23", "from"),
        ("On Friday the two are expected to sign", "2025-10-31", "point"),
        ("it is suspended until Friday", "2025-10-31", "until"),
        ("it was announced yesterday", "2025-10-27", "point"),
        ("the rule is dated October 9", "2025-10-09", "point"),
        ("a ban takes effect on Dec. 1", "2025-12-01", "from"),
        ("from Jan. 15th", "2026-01-15", "from"),
        ("effective January 1, 2029", "2029-01-01", "from"),
        ("as of 11 Sept. 2026", "2026-09-11", "from"),
        ("until October 30", "2025-10-30", "until"),
        ("The measure expires on Nov 10, 2026", "2026-11-10", "until"),
        ("controls placed at the start of April", "2025-04", "from"),
        ("last December", "2024-12", "point"),
        ("next January", "2026-01", "point"),
        ("by April", "2026-04", "until"),
        ("in force since December 2022", "2022-12", "from"),
        ("since 2010", "2010", "since"),
        ("end-March 2026", "2026-03", "point"),
        ("mid-2027", "2027", "point"),
        ("early 2026", "2026", "point"),
        ("in 2028", "2028", "point"),
        ("last month", "2025-09", "point"),
        ("next year", "2026", "point"),
        ("earlier this year", "2025", "point"),
        ("by year-end", "2025", "until"),
        ("three years ago", "2022", "point"),
        ("fiscal 2026", "2026", "point"),
        ("in FY2025-26", "2025", "point"),
        ("FY26", "2026", "point"),
        ("In force: 2024-12-03", "2024-12-03", "from"),
        ("the controls of November", "2024-11", "point"),
        ("between now and December", "2025-12", "until"),
        ("he thought Nov. 15 likely", "2025-11-15", "point"),
    ],
)
def test_a_date_in_a_sentence_is_reckoned_from_the_day_of_publication(text, value, kind):
    assert only(text) == (value, kind)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("from Q4 this year", "2025-10"),
        ("Q4 2025", "2025-10"),
        ("2025-Q3", "2025-07"),
        ("3Q26", "2026-07"),
        ("the fourth quarter of 2026", "2026-10"),
        ("the third quarter of next year", "2026-07"),
        ("this quarter", "2025-10"),
    ],
)
def test_a_quarter_is_its_first_month(text, value):
    (one,) = find_dates(text, published=TUESDAY)
    assert (one.value, one.precision) == (value, Precision.QUARTER)


def test_half_a_year_is_its_first_month():
    assert values("the first half of 2026, H2 2026") == ["2026-01", "2026-07"]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("terminó el viernes", "es", "2025-10-24"),
        ("comunicó el lunes", "es", "2025-10-27"),
        ("Desde este viernes", "es", "2025-10-31"),
        ("el mes pasado", "es", "2025-09"),
        ("jusqu'au 10 novembre 2026", "fr", "2026-11-10"),
        ("a fait savoir vendredi", "fr", "2025-10-24"),
        ("l'an dernier", "fr", "2024"),
        ("am 9. August", "de", "2025-08-09"),
        ("４月初め", "ja", "2025-04"),
        ("27日の閣議", "ja", "2025-10-27"),
        ("30日の閣議", "ja", "2025-09-30"),
        ("来年", "ja", "2026"),
        ("1月14日", "zh", "2025-01-14"),
        ("يوم الاثنين", "ar", "2025-10-27"),
    ],
)
def test_other_languages_reckon_alike(text, language, value):
    assert values(text, language=language)[0] == value


@pytest.mark.parametrize(
    "text",
    [
        "Section 301 and Section 2025",
        "No. 2019 of the list",
        "7.5 million tonnes",
        "$2,010 and US$2025",
        "the IM2025x model",
        "2025 workers",
        "a may-be march",
        "the mine may 5 times",
        "10-2 over Osbourn, 11-5 to the Bobcats",
        "1.2025 or 2025.5",
    ],
)
def test_figures_and_words_that_are_no_dates_are_left_alone(text):
    assert values(text) == []


@pytest.mark.parametrize(
    "text", ["on Monday", "yesterday", "last month", "on 5 April", "in April", "this year", "in Q4"]
)
def test_without_a_day_of_publication_nothing_is_guessed(text):
    assert values(text, None) == []


def test_a_month_of_publication_settles_months_and_no_weekday():
    month = Dated(value="2024-08", precision=Precision.MONTH, basis=DateBasis.GIVEN)
    assert values("last month, on Monday, on 5 June", month) == ["2024-07", "2024-06-05"]


def test_a_span_of_days_begins_and_ends_and_lends_its_year():
    start, end = find_dates("16 Oct - 31 Dec 2023", published=TUESDAY)
    assert (start.value, start.kind) == ("2023-10-16", DateKind.FROM)
    assert (end.value, end.kind) == ("2023-12-31", DateKind.UNTIL)
    assert values("1-5 March 2026") == ["2026-03-01"]


@given(days, days)
def test_a_date_written_out_is_the_same_whatever_the_day_of_publication(day, today):
    for language, form in (("en", "long"), ("en", "medium"), ("fr", "long"), ("ja", "long")):
        text = format_date(day, form, locale=language)
        assert only(text, published(today), language)[0] == day.isoformat()


@given(days, st.integers(0, 6))
def test_a_weekday_lies_within_the_last_seven_days(today, back):
    day = date.fromordinal(today.toordinal() - back)
    (one,) = find_dates(f"he said on {day:%A}", published=published(today))
    assert (one.value, one.basis) == (day.isoformat(), DateBasis.WEEKDAY)


@given(days, st.integers(-100, 60))
def test_a_day_without_a_year_is_the_one_near_publication(today, gap):
    day = date.fromordinal(today.toordinal() + gap)
    if (day.month, day.day) != (2, 29):
        assert values(f"({day:%B} {day.day})", published(today)) == [day.isoformat()]


pieces = st.sampled_from(
    [
        "from",
        "until",
        "on",
        "of",
        "the",
        "last",
        "next",
        "Monday",
        "May",
        "March",
        "1",
        "5",
        "31",
        "2025",
        "2025-26",
        "Q4",
        "first",
        "quarter",
        "half",
        "year",
        "-",
        ",",
        ".",
        "/",
        "年",
        "月",
        "日",
        "10",
        "٢٠٢٥",
        "today",
        "ago",
        "two",
        "end",
        "fy26",
        "\n",
        "1st",
        "İ",
    ]
)


@given(
    st.one_of(st.text(max_size=80), st.lists(pieces).map(" ".join), st.lists(pieces).map("".join))
)
def test_every_place_holds_the_words_of_the_date(text):
    for language in ("en", "es", "ja", "xx"):
        free = 0
        for one in find_dates(text, published=TUESDAY, language=language):
            assert free <= one.start < one.end <= len(text)
            assert Dated(value=one.value, precision=one.precision, basis=one.basis)
            free = one.end


def test_a_place_is_counted_from_the_start_that_is_given():
    (one,) = find_dates("İt was on May 5, 2025.", published=None, start=100)
    assert (one.start, one.end) == (110, 121)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("for 90 days", 90, "day"),
        ("six months", 6, "month"),
        ("a ten-year deal", 10, "year"),
        ("within 24 hours", 24, "hour"),
        ("half a year", 6, "month"),
        ("for a decade", 10, "year"),
        ("one more week", 1, "week"),
        ("for a year", 1, "year"),
    ],
)
def test_a_length_of_time_is_read(text, value, unit):
    (one,) = find_durations(text)
    assert (one.value, one.unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "language", "value", "unit"),
    [
        ("trois jours", "fr", 3, "day"),
        ("tres días", "es", 3, "day"),
        ("３カ月", "ja", 3, "month"),
        ("drei Monaten", "de", 3, "month"),
        ("ثلاثة أشهر", "ar", 3, "month"),
    ],
)
def test_a_length_of_time_is_read_in_other_languages(text, language, value, unit):
    (one,) = find_durations(text, language=language)
    assert (one.value, one.unit) == (value, unit)


def test_both_ends_of_a_range_of_time_are_read():
    assert [(one.value, one.unit) for one in find_durations("for three to five years")] == [
        (3, "year"),
        (5, "year"),
    ]


@pytest.mark.parametrize("text", ["two years ago", "5 tonnes a year", "last year", "$5 days"])
def test_what_is_no_length_of_time_is_left_alone(text):
    assert find_durations(text) == ()


@given(days, st.integers(0, 5000))
def test_a_length_of_days_is_as_long_as_it_says(day, length):
    assert (
        date.fromisoformat(later(day.isoformat(), length, "day")).toordinal() - day.toordinal()
        == length
    )


def test_a_later_month_is_no_more_precise_than_the_first():
    assert later("2025-10", 6, "month") == "2026-04"
    assert later("2024", 5, "year") == "2029"
    assert later("9999", 5, "year") == "9999"


@pytest.mark.parametrize(
    "unit",
    ["1 ", "1", "2025-", "May 1 ", "on Monday, ", "the end of the ", "- 5", "1月", "a year ", " "],
)
def test_time_grows_with_the_length_of_hostile_text(unit):
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        begin = time.process_time()
        find_dates(text, published=TUESDAY)
        find_durations(text)
        return time.process_time() - begin

    seconds(1_000)
    assert min(seconds(80_000) for _ in range(2)) < 12 * seconds(20_000) + 0.05
