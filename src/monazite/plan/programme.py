"""Programmes as people write them: who plans together, for what, with how much, against what.

TOML in, every fault named with its place. ``docs/reference/programme-file.md`` is made from
the descriptions here.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from monazite.errors import InputError, ScenarioError
from monazite.scenario import faults
from monazite.scenario.document import Kind
from monazite.scenario.measure import Cited, Closed, Names, Share, Size

DEFAULT_CHAIN = "rare-earths-2024"
Year = Annotated[int, Field(ge=1900, le=2200)]
Rate = Annotated[float, Field(gt=-1, lt=1)]
Ends = tuple[float, float, float]
"""Lowest, likeliest and highest."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
_WAY_OUT = "`monazite plan --template` writes a programme to start from"


class Horizon(Closed):
    """The years that are planned."""

    first: Year = 2026
    """First year."""
    last: Year = 2035
    """Last year, included."""
    step: Literal["year", "quarter"] = "year"
    """How finely operation is followed; decisions and budgets go by year."""
    years_a_step: Annotated[int, Field(ge=1, le=20)] = 1
    """Years that a step takes together, as in models with periods of several years."""

    @model_validator(mode="after")
    def _has_years(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"no years between {self.first} and {self.last}")
        if (self.last - self.first + 1) % self.years_a_step:
            years = self.last - self.first + 1
            raise ValueError(f"{years} years cannot be cut into steps of {self.years_a_step}")
        if self.step == "quarter" and self.years_a_step != 1:
            raise ValueError("quarters and steps of several years exclude each other")
        return self


class Money(Closed):
    """How money is counted: constant, discounted to one day."""

    unit: str = "MUSD"
    """Unit of all money in the programme and the report."""
    rate: Rate = 0.05
    """Real discount rate [1/year]."""
    worth_of: Annotated[float, Field(ge=1900, le=2200)] | None = None
    """Day that money is discounted to: 2026 is the first of that year, 2026.5 its middle; the
    first of the horizon if left out."""
    when: Literal["start", "middle", "end"] = "middle"
    """When in a step its money is spent."""
    capital: Literal["annuity", "overnight"] = "annuity"
    """How building is charged: equal yearly charges over the life, or all at once."""
    rates: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """What a unit of another currency is worth in the dollars of the unit: { EUR = 1.08 }."""


class Growth(Cited):
    """How fast demand grows from the base year of the network."""

    uses: Names = ("*",)
    """End uses; "*" is all."""
    commodities: Names = ("*",)
    """Goods."""
    regions: Names = ("*",)
    """Regions."""
    rate: Rate
    """Growth a year."""
    until: Year | None = None
    """Last year of growth; demand stays there."""
    counted: Literal["mean", "middle"] = "mean"
    """What a step of several years takes: the mean of its years, or its middle year."""


class Contract(Cited):
    """Supply from abroad that is promised to a partner beside its usual share."""

    commodity: str
    """What."""
    partner: str
    """To whom."""
    origin: str
    """From where."""
    quantity: Size
    """How much a year, in the network's unit."""
    first: Year = 1900
    """First year."""
    last: Year = 2200
    """Last year."""


class Ended(Cited):
    """Trade of the base year that has stopped since."""

    commodity: str
    """What."""
    origin: str
    """From where."""
    destination: str
    """To where."""


class Access(Closed):
    """What partners can draw from outside: market access, not the whole world."""

    growth: Rate = 0.0
    """Growth a year of what a partner can buy of each good, over its flow of the base year."""
    spare: Size = 0.05
    """Room above that flow in a calm year, as a share of it."""
    feed_share: Share = 0.5
    """Share of a good that leaves its country today that a new plant of a partner can win."""
    offtake_share: Share = 0.6
    """Share of the output of a supported plant outside the partners that they receive."""
    market_share: Share | None = None
    """Share of new plants' output that the partners can buy without supporting them; if left
    out, their share of demand outside the largest producer."""
    sales_share: Share = 0.05
    """What partners can sell abroad beside their usual exports, as a share of world use."""
    sales_price: Share = 0.8
    """Price of such sales over the base price."""
    contracts: tuple[Contract, ...] = ()
    """Promised supply."""
    ended: tuple[Ended, ...] = ()
    """Trade that has stopped."""


class Budget(Cited):
    """Public money that a partner can lay out."""

    partner: str
    """Whose."""
    amount: Size
    """How much in each of the years."""
    unit: str = "MUSD"
    """In what; another currency needs a rate in [money]."""
    first: Year = 1900
    """First year."""
    last: Year = 2200
    """Last year."""

    @model_validator(mode="after")
    def _has_years(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"no years between {self.first} and {self.last}")
        return self


class Aim(Closed):
    """What must be reached."""

    name: Id
    """What it is called in the report."""
    kind: Literal["coverage", "n-1", "share"] = "coverage"
    """Coverage of demand in a calm year, coverage without the largest foreign supplier of every
    good, or the largest share of supply from one country."""
    partners: Names = ()
    """Whose; all of them if left out."""
    commodities: Names = ("*",)
    """Goods: codes or patterns."""
    at_least: Share | None = None
    """Share of demand, at base prices, that is covered."""
    at_most: Share | None = None
    """Share of supply that comes from the origin; what goes unmet counts as if it did."""
    origin: str = ""
    """The country, for a share."""
    first: Year
    """First year in which it holds."""
    last: Year = 2200
    """Last year."""

    @model_validator(mode="after")
    def _has_a_figure(self) -> Self:
        if self.kind == "share" and (self.at_most is None or not self.origin):
            raise ValueError("a share needs at_most and origin")
        if self.kind != "share" and self.at_least is None:
            raise ValueError("coverage needs at_least")
        return self


class RiskAversion(Closed):
    """How much bad outcomes weigh beyond the mean."""

    weight: Size = 0.0
    """Weight of the mean cost of unmet demand in the worst draws."""
    level: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Which are the worst: 0.9 for the worst tenth."""


class Chance(Closed):
    """How many futures are drawn."""

    count: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Draws."""
    seed: int = 1
    """Same seed, same draws."""
    demand: Ends = (1.0, 1.0, 1.0)
    """Lowest, likeliest and highest multiple of demand in the last year."""
    slippage: bool = True
    """Whether plants slip and fail by the priors of the project table."""


class ShockRule(Cited):
    """Something that may cut supply: measures, how often, how long."""

    name: Id
    """What it is called."""
    probability: Share
    """That it begins in a given year."""
    months: Ends
    """Lowest, likeliest and highest length."""
    severity: Ends = (1.0, 1.0, 1.0)
    """Lowest, likeliest and highest strength; 1 is the effect of the measures as written."""
    scenario: str = ""
    """A scenario of the library whose measures it is."""
    measures: tuple[Kind, ...] = ()
    """Or measures, as in a scenario."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if bool(self.scenario) == bool(self.measures):
            raise ValueError("give either a scenario or measures")
        return self


class StockRule(Closed):
    """A stockpile that may be built up."""

    commodities: Names
    """Goods: codes, patterns or stages (oxide, metal, alloy, magnet)."""
    partners: Names = ()
    """Who may build it; all if left out."""
    largest_days: Annotated[float, Field(ge=0)] = 180.0
    """Most that is held, in days of the partner's use in the base year."""
    holding: Share = 0.02
    """Cost of holding a unit for a year, over its base price: room, insurance, rotation."""
    end_value: Share = 0.9
    """What is left at the end is worth this share of its base price."""
    pooled: bool = True
    """Whether any partner may draw on it."""
    private_cover: Share = 0.5
    """Share of what buyers and traders hold today that can be used up: some of it is work in
    progress, and nobody sells the last tonne."""


class ProjectChoice(Closed):
    """Which projects may be chosen."""

    file: str = ""
    """A project table of your own; the shipped one if left out."""
    only: Names = ()
    """Only these."""
    exclude: Names = ()
    """Not these."""
    support: bool = True
    """Whether plants that are not bankable need public money."""
    hurdle: Rate = 0.12
    """Real return that private money asks for [1/year]."""
    cover: Size = 1.3
    """Debt service cover that lenders ask for."""


class PlanProgramme(Closed):
    """Everything that a plan is made from."""

    id: Id
    """Name: lower-case letters, figures and hyphens."""
    title: str
    """A line for people."""
    description: str = ""
    """What is planned and why, in a few sentences."""
    chain: str = DEFAULT_CHAIN
    """Network: a shipped chain or a folder of your own."""
    partners: Names = ("USA", "JPN")
    """Who plans together; "*" makes the whole network one."""
    thirds: Names = ()
    """Who might join: the gain of adding each is worked out."""
    horizon: Horizon = Horizon()
    """The years."""
    money: Money = Money()
    """How money is counted."""
    growth: tuple[Growth, ...] = ()
    """Growth of demand; the last rule that fits counts."""
    access: Access = Access()
    """What can be had from outside."""
    budgets: tuple[Budget, ...] = ()
    """Public money; without any the programme is not limited by it."""
    carry_over: bool = False
    """Whether unspent public money stays usable."""
    targets: tuple[Aim, ...] = ()
    """What must be reached."""
    risk: RiskAversion = RiskAversion()
    """How much bad outcomes weigh."""
    scenarios: Chance = Chance()
    """How many futures are drawn."""
    shocks: tuple[ShockRule, ...] = ()
    """What may strike."""
    stockpiles: tuple[StockRule, ...] = ()
    """What may be stocked."""
    projects: ProjectChoice = ProjectChoice()
    """What may be built, from a table of projects."""
    candidates: str = ""
    """Or a file of candidates on a network of your own (candidates.csv)."""
    origin: str = Field(default="", exclude=True, repr=False)
    """File that it was read from."""

    @model_validator(mode="after")
    def _partners_differ(self) -> Self:
        if len(set(self.partners)) != len(self.partners):
            raise ValueError("a partner is named twice")
        if set(self.partners) & set(self.thirds):
            raise ValueError("a country cannot be partner and third at once")
        return self

    @model_validator(mode="after")
    def _contracts_are_abroad(self) -> Self:
        for row in self.access.contracts:
            if row.origin in self.partners:
                raise ValueError(f"no contract with {row.origin}: goods move freely among partners")
        return self

    def folder(self) -> Path:
        """Return the folder that file names are relative to."""
        return Path(self.origin).parent if self.origin else Path()


def parse(text: str, where: str = "") -> PlanProgramme:
    """Read a programme from TOML text.

    Parameters
    ----------
    text : str
        The document.
    where : str
        File name, for errors and for the files that it names.

    Raises
    ------
    ScenarioError
        If the text is no TOML, or says something that cannot be; all faults in one line.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"this is not TOML: {error}", where=where, way_out=_WAY_OUT) from error
    if not document:
        raise ScenarioError("the document is empty", where=where, way_out=_WAY_OUT)
    faults.refuse_key(document, "origin", where)
    document["origin"] = where
    try:
        return PlanProgramme.model_validate(document)
    except ValidationError as error:
        raise faults.from_validation(error, document, {}, PlanProgramme, _WAY_OUT) from error


def load(path: str | Path) -> PlanProgramme:
    """Read a programme file.

    Raises
    ------
    InputError
        If the file cannot be read.
    ScenarioError
        If it says something that cannot be.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("this is not text in UTF-8", where=str(path), way_out=_WAY_OUT) from error
    except OSError as error:
        fault = error.strerror or "cannot be read"
        raise InputError(f"programme: {fault}", where=str(path), way_out=_WAY_OUT) from error
    return parse(text, str(path))
