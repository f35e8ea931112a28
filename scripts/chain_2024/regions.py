"""Regions of the chain and how far apart they lie."""

from math import asin, cos, radians, sin, sqrt

REGIONS = (
    "CHN", "USA", "JPN", "KOR", "DEU", "FRA", "EST", "GBR", "AUS",
    "MYS", "MMR", "VNM", "IND", "THA", "BRA", "CAN", "REU", "ROW",
)  # fmt: skip

PLACES = {
    "CHN": (39.92, 116.43), "USA": (38.87, -77.0), "JPN": (35.67, 139.75),
    "KOR": (37.5, 127.0), "DEU": (52.53, 13.42), "FRA": (48.87, 2.33), "EST": (59.42, 24.75),
    "GBR": (51.5, -0.17), "AUS": (-35.3, 149.13), "MYS": (3.13, 101.7), "MMR": (16.78, 96.17),
    "VNM": (21.02, 105.87), "IND": (28.62, 77.22), "THA": (13.73, 100.5),
    "BRA": (-15.78, -47.91), "CAN": (45.42, -75.71), "REU": (52.25, 21.0),
    "ROW": (25.08, 121.53),
}  # fmt: skip
"""Capitals [degrees]; REU stands in Warsaw and ROW in Taipei, by assumption."""

LOADING, PER_1000_KM, VALUE_SHARE = 0.05, 0.010, 0.010
"""USD/kg for handling, USD/kg per 1,000 km between capitals, share of the price for insurance
and finance; all assumed, and stated in network.toml."""


def distance(origin: str, destination: str) -> float:
    """Great-circle distance between capitals [km]."""
    (lat1, lon1), (lat2, lon2) = (
        tuple(radians(angle) for angle in PLACES[region]) for region in (origin, destination)
    )
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))


def transport(origin: str, destination: str, price: float) -> float:
    """Cost of moving a commodity of the given price [USD/kg]."""
    return LOADING + PER_1000_KM * distance(origin, destination) / 1000 + VALUE_SHARE * price
