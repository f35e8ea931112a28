"""A made-up chain for tests of scenarios: one heavy oxide, magnets, four regions. It balances.

mine CHN 1200, USA 300 -> separation CHN 150 t oxide -> magnets CHN 480, JPN 540, VNM 120
"""

from typing import Any

from monazite.network import (
    Channel,
    Commodity,
    Holder,
    HolderKind,
    Process,
    Route,
    SupplyNetwork,
    Use,
    UseForm,
)
from monazite.scenario import Lowered, Scenario, lower, parse

HEAD = 'id = "test"\ntitle = "A test"\nchain = "made-up"\nstart = "2025-01"\nmonths = 12\n'

_RECIPES = {
    "mine": ("ore", {"ore-x": 1.0}),
    "separation-x": ("separation", {"ore-x": -1.0, "Dy-oxide": 0.1}),
    "magnets": ("magnet", {"Dy-oxide": -0.1, "magnet-heavy": 1.0}),
}
_PLANTS = (
    ("mine", "CHN", 1250.0, 1200.0),
    ("mine", "USA", 320.0, 300.0),
    ("separation-x", "CHN", 1600.0, 1500.0),
    ("magnets", "CHN", 600.0, 480.0),
    ("magnets", "JPN", 600.0, 540.0),
    ("magnets", "VNM", 150.0, 120.0),
)
_ROUTES = (
    ("ore-x", "USA", "CHN", 300.0),
    ("Dy-oxide", "CHN", "JPN", 60.0),
    ("Dy-oxide", "CHN", "USA", 24.0),
    ("Dy-oxide", "CHN", "VNM", 12.0),
    ("magnet-heavy", "CHN", "USA", 120.0),
    ("magnet-heavy", "VNM", "USA", 30.0),
    ("magnet-heavy", "JPN", "USA", 10.0),
)
_USES = (
    ("EV", "CHN", "magnet-heavy", 360.0),
    ("EV", "JPN", "magnet-heavy", 530.0),
    ("EV", "VNM", "magnet-heavy", 90.0),
    ("EV", "USA", "magnet-heavy", 140.0),
    ("defence", "USA", "magnet-heavy", 20.0),
    ("catalysts", "JPN", "Dy-oxide", 12.0),
    ("catalysts", "USA", "Dy-oxide", 24.0),
)


def made_up_network() -> SupplyNetwork:
    """Return the chain; every figure is invented."""
    return SupplyNetwork.build(
        "made-up",
        (
            Commodity("ore-x", stage="ore"),
            Commodity("Dy-oxide", stage="separation"),
            Commodity("magnet-heavy", stage="magnet"),
        ),
        processes=[
            Process(name, region, _RECIPES[name][1], capacity, made, stage=_RECIPES[name][0])
            for name, region, capacity, made in _PLANTS
        ],
        routes=[
            *(Route(*ends, flow=flow) for *ends, flow in _ROUTES),
            Route("Dy-oxide", "CHN", "JPN", flow=6.0, channel=Channel.LEAK),
        ],
        uses=[
            Use(name, region, good, demand, elasticity=0.2, form=UseForm.ISOELASTIC)
            for name, region, good, demand in _USES
        ],
        holders=[
            Holder("Dy-oxide", "JPN", 5.0),
            Holder("Dy-oxide", "JPN", 20.0, HolderKind.STRATEGIC),
        ],
        prices={("ore-x", "*"): 5.0, ("Dy-oxide", "*"): 250.0, ("magnet-heavy", "*"): 60.0},
    )


def scenario_of(*measures: str, head: str = HEAD) -> Scenario:
    """Return a scenario of measures in TOML, without their headings."""
    body = "".join(f"[[measures]]\n{measure}\n" for measure in measures)
    return parse(head + body, "test.toml")


def lowered(*measures: str, **settings: Any) -> Lowered:
    """Return measures laid on the made-up chain."""
    return lower(scenario_of(*measures), made_up_network(), **settings)


def route(origin: str, destination: str, commodity: str = "Dy-oxide", leak: bool = False) -> int:
    """Return the index of a route of the made-up chain."""
    wanted = (commodity, origin, destination, Channel.LEAK if leak else Channel.OFFICIAL)
    rows = [(r.commodity, r.origin, r.destination, r.channel) for r in made_up_network().routes]
    return rows.index(wanted)


def use(name: str, region: str) -> int:
    """Return the index of a use of the made-up chain."""
    return [(u.name, u.region) for u in made_up_network().uses].index((name, region))


def plant(name: str, region: str) -> int:
    """Return the index of a process of the made-up chain."""
    return [(p.name, p.region) for p in made_up_network().processes].index((name, region))
