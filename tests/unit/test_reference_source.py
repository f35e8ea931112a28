"""Sources, grades and the register."""

from pathlib import Path

import pytest

from monazite.errors import MonaziteError, TableError, UnknownCodeError
from monazite.reference.source import Grade, Source, read_sources, shipped_register

ENTRY = """
[usgs-mcs-2026]
producer = "USGS"
title = "Mineral Commodity Summaries 2026"
year = 2026
url = "https://example.org"
licence_raw = "US public domain"
licence_product = "Apache-2.0"
"""


def sources_file(folder: Path, text: str) -> Path:
    file = folder / "sources.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_source_is_read_with_both_licences(tmp_path: Path) -> None:
    register = read_sources(sources_file(tmp_path, ENTRY))
    source = register.find("usgs-mcs-2026")
    assert (source.licence_raw, source.licence_product) == ("US public domain", "Apache-2.0")
    assert source.citation() == (
        "USGS, Mineral Commodity Summaries 2026 (2026), https://example.org"
    )


def test_a_source_without_year_is_cited_as_undated() -> None:
    source = Source("page", "Maker", "Page", "none", "none")
    assert source.citation() == "Maker, Page (undated)"


def test_unknown_source_raises_and_says_where(tmp_path: Path) -> None:
    register = read_sources(sources_file(tmp_path, ENTRY))
    with pytest.raises(UnknownCodeError, match=r"prices\.csv:7: unknown source 'usgs-mcs-2062'"):
        register.find("usgs-mcs-2062", where="prices.csv:7")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (ENTRY.replace("usgs-mcs-2026", "USGS_2026"), "lower-case words joined by hyphens"),
        (ENTRY.replace('producer = "USGS"\n', ""), "'producer' is missing"),
        (ENTRY.replace('licence_raw = "US public domain"\n', ""), "'licence_raw' is missing"),
        (ENTRY.replace("2026\nurl", '"2026"\nurl'), "'year' is not a whole number"),
        (
            ENTRY.replace('title = "Mineral Commodity Summaries 2026"', "title = 3"),
            "'title' is not",
        ),
        (ENTRY + 'authr = "x"', "unknown field of a source 'authr'"),
        ("[x", "not valid TOML"),
        ('x = "text"', "a source is a section"),
    ],
)
def test_a_faulty_entry_raises_one_line_with_the_file(
    tmp_path: Path, fault: str, message: str
) -> None:
    with pytest.raises(MonaziteError, match=message) as caught:
        read_sources(sources_file(tmp_path, fault), name="chains/x/sources.toml")
    assert str(caught.value).startswith("chains/x/sources.toml")
    assert "\n" not in str(caught.value)
    assert caught.value.way_out


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_binary_or_missing_file_raises(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "sources.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TableError, match=r"not text|is missing"):
        read_sources(file)


def test_registers_join_and_equal_entries_agree(tmp_path: Path) -> None:
    register = read_sources(sources_file(tmp_path, ENTRY))
    other = read_sources(sources_file(tmp_path, ENTRY.replace("usgs-mcs-2026", "usgs-mcs-2025")))
    assert set(register.joined(other)) == {"usgs-mcs-2025", "usgs-mcs-2026"}
    assert register.joined(register) == register


def test_the_same_id_with_other_content_raises_and_shows_both(tmp_path: Path) -> None:
    register = read_sources(sources_file(tmp_path, ENTRY))
    other = read_sources(sources_file(tmp_path, ENTRY.replace('"USGS"', '"BGS"')))
    with pytest.raises(TableError, match=r"b\.toml: .*producer 'USGS' and 'BGS'"):
        register.joined(other, where="b.toml")


def test_every_grade_has_a_meaning() -> None:
    assert [grade.value for grade in Grade] == ["A", "B", "C", "D", "E"]
    assert all(grade.meaning for grade in Grade)


def test_the_shipped_register_joins_every_sources_file() -> None:
    register = shipped_register()
    assert {"usgs-mcs-2026", "cepii-baci-2025", "iea-cmd-2025", "assumed"} <= set(register)
    assert all(source.id == source_id for source_id, source in register.items())
