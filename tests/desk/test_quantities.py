"""Sizes are read as they are written, in the unit that they are given in."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk.numerals import find_numbers, read_figure
from monazite.desk.quantities import QuantityKind, currency_of, find_quantities


def sizes(text: str, **options: str) -> list[tuple[float, str]]:
    return [(one.value, one.unit) for one in find_quantities(text, **options)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$12 billion", 12e9, "USD"),
        ("US$150M", 150e6, "USD"),
        ("A$1.25 billion", 1.25e9, "AUD"),
        ("C$20m", 20e6, "CAD"),
        ("€1.2bn", 1.2e9, "EUR"),
        ("£75 million", 75e6, "GBP"),
        ("¥ 20 billion", 20e9, "JPY"),
        ("1.67 billion yuan", 1.67e9, "CNY"),
        ("¥2 billion yuan", 2e9, "CNY"),
        ("₹7,280 crore", 7280e7, "INR"),
        ("Rs 1,345 crore", 1345e7, "INR"),
        ("Rs 7,280-crore", 7280e7, "INR"),
        ("5 lakh rupees", 5e5, "INR"),
        ("AUD 200m", 200e6, "AUD"),
        ("a billion dollars", 1e9, "USD"),
        ("half a billion euros", 0.5e9, "EUR"),
        ("50 trillion won", 50e12, "KRW"),
        ("six million dollars", 6e6, "USD"),
    ],
)
def test_money_is_in_units_of_its_currency(text, value, unit):
    assert sizes(text) == [(pytest.approx(value), unit)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("US$110/kg", 110, "USD/kg"),
        ("US$110 per kilogram", 110, "USD/kg"),
        ("$18,470 a tonne", 18470, "USD/t"),
        ("$4.2 per pound", 4.2, "USD/lb"),
        ("81,000 yuan per metric ton", 81000, "CNY/t"),
    ],
)
def test_a_price_is_per_the_mass_that_the_text_gives(text, value, unit):
    (one,) = find_quantities(text)
    assert (one.value, one.unit, one.kind) == (value, unit, QuantityKind.PRICE)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("135,000 metric tons", 135e3, "t"),
        ("7.5 million tonnes", 7.5e6, "t"),
        ("10.8-million tonnes", 10.8e6, "t"),
        ("1.1 Mt", 1.1e6, "t"),
        ("12 million mt", 12e6, "t"),
        ("816.4kt Cu", 816.4e3, "t"),
        ("5,000 MT of ore", 5000, "t"),
        ("60k dmt", 60e3, "t"),
        ("500 kg", 0.5, "t"),
        ("2,204.62 pounds of oxide", 1, "t"),
        ("10ktpy", 10e3, "t/yr"),
        ("6,000 MTPA", 6000, "t/yr"),
        ("1.2 Mtpa", 1.2e6, "t/yr"),
        ("35,000 tonnes a year", 35e3, "t/yr"),
        ("2,000 tonnes of magnet blocks a year", 2000, "t/yr"),
        ("annual capacity of 3,000 tonnes", 3000, "t/yr"),
        ("96,600 t per year", 96600, "t/yr"),
        ("14 000 t", 14e3, "t"),
    ],
)
def test_mass_is_in_tonnes(text, value, unit):
    assert sizes(text) == [(pytest.approx(value, rel=1e-5), unit)]


@pytest.mark.parametrize(
    ("text", "value", "signed"),
    [
        ("25%", 25, False),
        ("40 percent", 40, False),
        ("63.4 per cent", 63.4, False),
        ("five per cent", 5, False),
        ("12.5% more than a year before", 12.5, True),
        ("down 40%", -40, True),
        ("some 40 percent smaller", -40, True),
        ("35% lower", -35, True),
        ("as much as 35% under the forecast", -35, True),
        ("cut by 20%", -20, True),
        ("up 5.9% on 2023", 5.9, True),
        ("an increase of 4.2%", 4.2, True),
        ("fell more than 5%", -5, True),
        ("a change of -7%", -7, True),
        ("cut to 40% of capacity", 40, False),
        ("no less than 51%", 51, False),
        ("up to 30% of costs", 30, False),
        ("half of the output", 50, False),
    ],
)
def test_a_share_has_a_sign_where_the_text_says_that_it_is_a_change(text, value, signed):
    one = find_quantities(text)[0]
    assert (one.value, one.unit, one.signed) == (value, "%", signed)


def test_points_of_a_percentage_are_no_percentage():
    assert sizes("raised by 10 percentage points") == [(10, "percentage point")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a scale of 14% to 19%", [(14, "%"), (19, "%")]),
        ("14-19%", [(14, "%"), (19, "%")]),
        ("between 260 and 270 million tonnes", [(260e6, "t"), (270e6, "t")]),
        ("$8-9 billion", [(8e9, "USD"), (9e9, "USD")]),
        ("A$1.7 billion to 1.8 billion", [(1.7e9, "AUD"), (1.8e9, "AUD")]),
        ("250-260 Mt", [(250e6, "t"), (260e6, "t")]),
    ],
)
def test_both_ends_of_a_range_have_its_unit(text, expected):
    assert sizes(text) == [(pytest.approx(value), unit) for value, unit in expected]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2,400 operators", 2400, "worker"),
        ("140 companies", 140, "company"),
        ("38 artisanal sites", 38, "site"),
        ("four more critical mineral projects", 4, "project"),
        ("a dozen smelters", 12, "smelter"),
        ("one hundred and sixty-five permits", 165, "permit"),
        ("two dozen companies", 24, "company"),
        ("100 parts per million", 100, "ppm"),
        ("90 days", 90, "day"),
        ("for ten years", 10, "year"),
    ],
)
def test_things_are_counted_by_what_they_are(text, value, unit):
    assert sizes(text) == [(value, unit)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1.345 millones de dólares", "es", (1345e6, "USD")),
        ("cerca del 5,4% del cobre", "es", (5.4, "%")),
        ("2.400 operadores", "es", (2400, "worker")),
        ("14.000 toneladas anuales", "es", (14e3, "t/yr")),
        ("1,8 milliard d'euros", "fr", (1.8e9, "EUR")),
        ("18 125 tonnes", "fr", (18125, "t")),
        ("150 Mio. Euro", "de", (150e6, "EUR")),
        ("einer Milliarde Euro", "de", (1e9, "EUR")),
        ("約20億円", "ja", (20e8, "JPY")),
        ("1億1000万ユーロ", "ja", (1.1e8, "EUR")),
        ("2割", "ja", (20, "%")),
        ("７社", "ja", (7, "company")),
        ("٢٥٪", "ar", (25, "%")),
        ("\u0663\u066b\u0665 مليون طن", "ar", (3.5e6, "t")),
    ],
)
def test_other_languages_write_numbers_their_way(text, language, expected):
    assert sizes(text, language=language) == [(pytest.approx(expected[0]), expected[1])]


@pytest.mark.parametrize(
    "text",
    [
        "in 2010 companies were told",
        "Section 301",
        "a 10-2 win over Osbourn",
        "October 9",
        "15 at Bull Hill, six at Whitetail Ridge",
        "two of the projects",
        "the first half of 2026",
        "",
    ],
)
def test_years_scores_and_sections_are_no_sizes(text):
    assert sizes(text) == []


def test_a_bare_dollar_is_the_publishers():
    assert sizes("$200 million", currency="AUD") == [(200e6, "AUD")]
    assert sizes("US$200 million", currency="AUD") == [(200e6, "USD")]


@pytest.mark.parametrize(
    ("options", "currency"),
    [
        ({"url": "https://news.example.com.au/a"}, "AUD"),
        ({"url": "https://example.ca/a.au"}, "CAD"),
        ({"url": "", "site": "example.co.nz"}, "NZD"),
        ({"url": "https://example.com", "country": "SGP"}, "SGD"),
        ({"url": "https://example.com"}, "USD"),
        ({"url": "http://[broken"}, "USD"),
    ],
)
def test_the_dollar_of_a_publisher_is_known_by_its_host_or_country(options, currency):
    assert currency_of(**options) == currency


@given(st.integers(1, 999), st.integers(0, 9))
def test_one_amount_written_many_ways_is_one_amount(whole, tenth):
    amount = whole * 1e6 + tenth * 1e5
    figure = f"{whole}.{tenth}"
    written = (
        f"${figure} million",
        f"US${figure}m",
        f"{figure}-million dollars",
        f"${amount:,.0f}",
    )
    for text in written:
        assert sizes(f"a loan of {text} for the mine") == [(pytest.approx(amount), "USD")]
    spanish = f"{figure.replace('.', ',')} millones de dólares"
    assert sizes(spanish, language="es") == [(pytest.approx(amount), "USD")]


@given(st.integers(0, 10**12))
def test_thousands_may_be_parted_by_any_sign(number):
    plain = f"{number:,}"
    assert read_figure(plain) == number
    assert read_figure(plain.replace(",", "."), decimal_comma=True) == number
    assert read_figure(plain.replace(",", "\u202f")) == number


pieces = st.sampled_from(
    [
        "$",
        "US$",
        "₹",
        "€",
        "1",
        "1.5",
        "1,000",
        "2025",
        "12,5",
        "%",
        "per",
        "cent",
        "million",
        "crore",
        "t",
        "Mt",
        "tonnes",
        "a",
        "year",
        "and",
        "to",
        "-",
        "between",
        "down",
        "half",
        "of",
        "the",
        "two",
        "workers",
        "億",
        "万",
        "円",
        "割",
        "٣",
        "/kg",
        "days",
        "for",
        "İ",
        "\n",
    ]
)


@given(
    st.one_of(st.text(max_size=80), st.lists(pieces).map(" ".join), st.lists(pieces).map("".join))
)
def test_every_place_holds_the_words_of_the_size(text):
    for language in ("en", "fr", "ja", "xx"):
        free = 0
        for one in find_quantities(text, language=language):
            assert free <= one.start < one.end <= len(text)
            assert one.unit
            free = one.end
        for number in find_numbers(text.lower(), language=language):
            assert 0 <= number.start < number.end


def test_a_place_is_counted_from_the_start_that_is_given():
    (one,) = find_quantities("İn all $5 million", start=50)
    assert (one.start, one.end) == (57, 67)


@pytest.mark.parametrize(
    "unit",
    ["1 ", "1", "1,", "$", "1 to 2 to ", "a million ", "5 aaaa bbbb ", "up by 1% ", "half of "],
)
def test_time_grows_with_the_length_of_hostile_text(unit):
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        begin = time.process_time()
        find_quantities(text)
        return time.process_time() - begin

    seconds(1_000)
    assert min(seconds(80_000) for _ in range(2)) < 12 * seconds(20_000) + 0.05
