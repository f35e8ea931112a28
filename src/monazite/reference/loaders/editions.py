"""Which official file a header belongs to: the headings that each edition alone has."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

SIGNATURES: Mapping[str, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        "usgs-mcs-2026": (
            frozenset(
                {
                    "MCS chapter", "Section", "Commodity", "Country", "Statistics",
                    "Statistics_detail", "Unit", "Year", "Value", "Notes",
                }
            ),
        ),
        "usgs-mcs-2025": (
            frozenset(
                {
                    "SOURCE", "COMMODITY", "COUNTRY", "TYPE", "UNIT_MEAS", "PROD_2023",
                    "PROD_EST_ 2024", "PROD_NOTES", "CAP_2023", "CAP_EST_ 2024", "CAP_NOTES",
                    "RESERVES_2024", "RESERVE_NOTES",
                }
            ),
        ),
        "cepii-baci": (frozenset({"t", "i", "j", "k", "v", "q"}),),
        "wmd": (frozenset({"Country", "unit", "data source"}),),
        "wmd-copy": (
            frozenset(
                {"commodity", "country", "iso3_or_iso2", "year", "value", "unit", "data_source"}
            ),
        ),
        "cepii-baci-copy": (
            frozenset({"year", "exporter", "importer", "hs92", "value_kusd", "qty_t"}),
        ),
        "cepii-baci-hs17-copy": (
            frozenset({"year", "exporter", "importer", "hs6", "value_kusd", "qty_t"}),
        ),
        "worldbank-wgi": (
            frozenset({"code", "countryname", "year", "indicator", "estimate"}),
            frozenset({"Country/Territory", "Code", "1996", "1998", "2000"}),
        ),
        "eu-crm-2023": (
            frozenset({"Material", "Stage", "Country", "Share", "t"}),
            frozenset({"Material", "Year", "SR", "EI"}),
            frozenset({"Material", "Application", "Share", "NACE sector"}),
        ),
        "un-comtrade": (
            frozenset(
                {
                    "typeCode", "freqCode", "refYear", "reporterISO", "flowCode", "partnerISO",
                    "partner2Code", "cmdCode", "customsCode", "motCode", "netWgt",
                    "isNetWgtEstimated", "primaryValue",
                }
            ),
            frozenset(
                {
                    "typeCode", "freqCode", "refYear", "CountryCode", "Country", "flowCode",
                    "partnerISO", "partner2Code", "cmdCode", "customsCode", "motCode", "netWgt",
                    "isNetWgtEstimated", "primaryValue", "isAggregate",
                }
            ),
        ),
        "bgs-wms": (
            frozenset(
                {
                    "bgs_statistic_type_trans", "bgs_commodity_trans", "bgs_sub_commodity_trans",
                    "year", "country_trans", "country_iso3_code", "units", "quantity", "sdmx_code",
                    "concat_figure_notes_code",
                }
            ),
        ),
        "cepii-geodist": (
            frozenset({"iso_o", "iso_d", "dist", "distcap", "distw", "distwces"}),
            frozenset({"iso2", "iso3", "area", "maincity", "lat", "lon"}),
        ),
    }
)  # fmt: skip
"""Kinds of file, and the headings that one of its layouts must have, all of them."""


COPY = "-copy"
"""How the names of kinds end that are somebody else's layout."""


def best_kind(heads: Iterable[str]) -> str:
    """Return the kind whose headings all stand in a header; empty if there is none."""
    given = frozenset(heads)
    for kind, layouts in SIGNATURES.items():
        if any(layout <= given for layout in layouts):
            return kind
    return ""


def missing_headings(heads: Iterable[str], kind: str) -> tuple[str, ...]:
    """Return what a header lacks of the layout of that kind that it comes nearest to."""
    given = frozenset(heads)
    nearest = min((layout - given for layout in SIGNATURES[kind]), key=len)
    return tuple(sorted(nearest))
