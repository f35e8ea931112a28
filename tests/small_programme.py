"""A programme of two partners on a chain of three regions that is solved in a second.

One oxide; China makes most of it, the United States a little, and all three use it. Two mines may
be built, the oxide may be stocked, and China may stop its exports. Every figure is invented.
"""

from pathlib import Path

NETWORK = {
    "network.toml": """\
name = "three-regions"
title = "One oxide, three regions"
base_year = 2024
quantity_unit = "t"
price_unit = "USD/kg"
description = "Figures of a test, all invented."
""",
    "sources.toml": """\
[example]
producer = "Monazite"
title = "Figures made up for a test"
year = 2026
licence_raw = "Apache-2.0"
licence_product = "Apache-2.0"
""",
    "commodities.csv": """\
commodity,name,stage,elements,unit,source,grade,note
Dy-oxide,dysprosium oxide,separation,Dy:0.871,t REO,user,E,made up
""",
    "prices.csv": """\
commodity,region,price,unit,year,source,grade,note
Dy-oxide,CHN,250,USD/kg,2024,user,E,made up
Dy-oxide,JPN,260,USD/kg,2024,user,E,made up
Dy-oxide,USA,260,USD/kg,2024,user,E,made up
""",
    "processes.csv": """\
process,region,stage,capacity,activity,unit,unit_cost,cost_unit,year,source,grade,note
mine,CHN,ore,1500,1200,t/yr,,,2024,user,E,made up
mine,USA,ore,110,100,t/yr,,,2024,user,E,made up
""",
    "recipes.csv": """\
process,region,commodity,coefficient,unit,source,grade,note
mine,*,Dy-oxide,1,t/t,user,E,a mine brings its product out of the ground
""",
    "routes.csv": """\
commodity,origin,destination,channel,flow,unit,cost,cost_unit,expansion,contract_share,year,source,grade,note
Dy-oxide,CHN,JPN,official,400,t/yr,,,,0.5,2024,user,E,made up
Dy-oxide,CHN,USA,official,200,t/yr,,,,0.5,2024,user,E,made up
""",
    "uses.csv": """\
use,region,commodity,demand,unit,elasticity,ladder,form,year,source,grade,note
magnets,CHN,Dy-oxide,600,t/yr,,magnet-makers,ladder,2024,user,E,made up
magnets,JPN,Dy-oxide,400,t/yr,,magnet-makers,ladder,2024,user,E,made up
magnets,USA,Dy-oxide,300,t/yr,,magnet-makers,ladder,2024,user,E,made up
""",
    "ladders.csv": """\
ladder,share,price_multiple,price_add,unit,spread,source,grade,note
magnet-makers,0.30,3,0,USD/kg,0.15,user,E,made up
magnet-makers,0.35,8,0,USD/kg,0.15,user,E,made up
magnet-makers,0.25,20,0,USD/kg,0.15,user,E,made up
""",
    "cover.csv": """\
use,region,cover_class,share,months,unit,source,grade,note
magnets,*,just-in-time,0.4,0.5,months,user,E,made up
magnets,*,normal,0.4,1.5,months,user,E,made up
magnets,*,deep,0.2,3,months,user,E,made up
""",
}
"""Files of the chain."""

PROJECTS = """\
project,plant,name,owner,country_iso3,stage,product,capacity,capacity_unit,start_year,\
earliest_start,status,capex_musd,money_year,processes,network_region,activity_t_per_year,\
in_base_t_per_year,partners,unit,source,grade,note
mine-2,mine-2,Second mine,Nobody,USA,mine,Dy oxide,300,t/yr,2028,2028,feasibility,60,2024,mine,\
USA,300,0,USA;JPN,t/yr,user,E,invented
mine-3,mine-3,Third mine,Nobody,JPN,mine,Dy oxide,200,t/yr,2028,2028,feasibility,45,2024,mine,JPN,\
200,0,JPN,t/yr,user,E,invented
"""

PROGRAMME = """\
id = "small"
title = "A small programme"
description = "A mine more, or a stock."
chain = "net"
partners = ["USA", "JPN"]

[horizon]
first = 2026
last = 2030

[[growth]]
rate = 0.01
source = ["iea-cmd-2025"]
grade = "D"

[[budgets]]
partner = "USA"
amount = 100
source = ["assumed"]
note = "assumed: invented"

[[budgets]]
partner = "JPN"
amount = 100

[[targets]]
name = "calm"
kind = "coverage"
at_least = 0.5
first = 2029

[scenarios]
count = 6
demand = [0.9, 1.0, 1.1]

[[shocks]]
name = "ban"
probability = 0.2
months = [4, 9, 18]

[[shocks.measures]]
kind = "export_ban"
actors = ["CHN"]
targets = ["USA", "JPN"]
commodities = ["Dy-oxide"]
start = "2026-01"

[[stockpiles]]
commodities = ["Dy-oxide"]

[projects]
file = "projects.csv"
"""


def small_programme(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the programme, its chain and its projects; changes replace words of the programme."""
    chain = folder / "net"
    chain.mkdir(parents=True, exist_ok=True)
    for name, text in NETWORK.items():
        (chain / name).write_text(text, encoding="utf-8")
    (folder / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    text = PROGRAMME
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "small.toml"
    file.write_text(text, encoding="utf-8")
    return file
