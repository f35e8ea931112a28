"""Suppliers taken away in turn: what is a supplier, what is lost, who is worst."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from monazite import ensemble, screening
from monazite.engine import Processes
from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.indicators.losses import losses
from monazite.network import BasePrice, Route, SupplyNetwork
from monazite.odds import Odds
from monazite.parameters import Parameters
from monazite.scenario import lower
from monazite.screening import Cut, Screen
from monazite.simulate import simulate
from two_regions import PRICE, calm, cut, two_regions

CENTRAL = Parameters.central()


def three_makers(other: str = "AUS") -> SupplyNetwork:
    """Two equal makers abroad ship to a buyer."""
    base = two_regions()
    mine = replace(base.processes[0], capacity=1000.0, activity=900.0)
    return SupplyNetwork(
        "three regions",
        base.commodities,
        processes=tuple(replace(mine, region=region) for region in ("CHN", other)),
        routes=tuple(Route("good", region, "JPN", 300.0) for region in ("CHN", other)),
        uses=tuple(
            replace(base.uses[1], region=region, demand=600.0) for region in ("CHN", "JPN", other)
        ),
        base_prices=(BasePrice("good", "*", PRICE),),
    )


class TestRemovals:
    def test_every_exporter_above_the_least_share(self) -> None:
        found = screening.removals(three_makers())
        assert [(r.region, r.share, r.quantity) for r in found] == [
            ("AUS", 0.5, 300.0), ("CHN", 0.5, 300.0),
        ]  # fmt: skip
        assert screening.removals(three_makers(), least_share=0.5) == ()

    def test_every_maker(self) -> None:
        found = screening.removals(two_regions(mines=2), Cut.OUTPUT)
        assert [(r.region, r.quantity) for r in found] == [("CHN", 1140.0), ("JPN", 60.0)]
        assert sum(r.share for r in found) == pytest.approx(1.0)

    @pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
    def test_a_least_share_that_is_none(self, share: float) -> None:
        with pytest.raises(InputError, match="least share"):
            screening.removals(two_regions(), least_share=share)

    def test_only_the_worst_are_paired_and_only_within_a_chain(self) -> None:
        screen = Screen({"three regions": three_makers()}, CENTRAL, ("JPN",), 3)
        one, two = screening.run(screen, [(r,) for r in screening.removals(three_makers())])
        elsewhere = replace(two, case=(replace(two.case[0], chain="another"),))
        assert screening.pairs([one, two], 2) == ((one.case[0], two.case[0]),)
        assert screening.pairs([one, elsewhere], 2) == ()
        assert screening.pairs([one, two], 0) == ()
        with pytest.raises(InputError, match="pairs of 1"):
            screening.pairs([one, two], 1)


class TestLosses:
    def test_nothing_is_lost_in_a_calm_year(self) -> None:
        found = losses(simulate(calm(two_regions(), 12), CENTRAL))
        for region in ("CHN", "JPN"):
            assert abs(found.of_users(region)[0]) < 1e-6
            assert abs(found.of_welfare(region)[0]) < 1e-6

    def test_stopped_use_is_worth_its_rungs_the_least_valuable_first(self) -> None:
        """30 % are worth 3, 35 % 8 and 25 % 20 times the price."""
        trajectory = simulate(calm(two_regions(), 1), CENTRAL)
        stopped = 0.5 * trajectory.demand
        found = losses(replace(trajectory, stopped=stopped)).stopped["JPN"]
        whole = float(trajectory.demand[0, 0, :3].sum())
        assert whole == pytest.approx(50.0)
        expected = whole * PRICE * (0.30 * (3 - 1) + 0.20 * (8 - 1))
        assert found[0] == pytest.approx(expected, rel=1e-12)

    @given(st.floats(1.001, 30.0), st.floats(0.05, 0.9))
    def test_saving_is_worth_the_area_under_a_demand_curve(self, rise: float, saved: float) -> None:
        """Against a numerical integral; the rest behind no rung is a tenth of demand."""
        trajectory = simulate(calm(two_regions(), 1), CENTRAL)
        rest = 0.1 * trajectory.demand
        shocked = replace(
            trajectory,
            economised=saved * rest,
            group_price=np.full_like(trajectory.group_price, rise * PRICE),
        )
        elasticity = -np.log(1 - saved) / np.log(rise)
        area, _ = quad(lambda p: (p / PRICE) ** -elasticity - (1 - saved), PRICE, rise * PRICE)
        expected = area * float(rest[0, 0, :3].sum())
        assert losses(shocked).economised["JPN"][0] == pytest.approx(expected, rel=1e-6)

    def test_less_supply_is_never_a_gain_for_buyers(self) -> None:
        lost = [
            float(losses(simulate(cut(two_regions(), share), CENTRAL)).of_users("JPN")[0])
            for share in (0.0, 0.3, 0.6, 0.9)
        ]
        assert lost[0] == pytest.approx(0.0, abs=1e-6)
        assert lost == sorted(lost)


class TestScreen:
    def test_equal_suppliers_are_equally_missed(self) -> None:
        screen = Screen({"three regions": three_makers()}, CENTRAL, ("JPN",), 12)
        one, two = screening.run(screen, [(r,) for r in screening.removals(three_makers())])
        assert one.users()[0] == pytest.approx(two.users()[0], rel=1e-6)
        assert one.users()[0] > 0
        assert one.residual < 1e-9

    def test_two_that_replace_each_other_are_missed_more_than_apart(self) -> None:
        screen = Screen({"three regions": three_makers()}, CENTRAL, ("JPN",), 12)
        cases = screening.removals(three_makers())
        one, two = screening.run(screen, [(r,) for r in cases])
        both = screen.lost_in(cases)
        assert both.users()[0] > 2 * (one.users()[0] + two.users()[0])
        assert both.partners["JPN"].first_short is not None

    def test_a_draw_is_compared_with_itself_without_a_removal(self) -> None:
        """Drawn parameters move prices by themselves, which no supplier is to blame for."""
        network, drawn = three_makers(), ensemble.sample(4, 1)
        screen = Screen({network.name: network}, drawn, ("JPN",), 6)
        removal = screening.removals(network)[0]
        scenarios = (screening.scenario_of(network.name, case, 6) for case in ((), (removal,)))
        without, lost = (
            losses(simulate(lower(scenario, network), drawn)).of_users("JPN")
            for scenario in scenarios
        )
        assert np.abs(without).min() > 1.0
        np.testing.assert_allclose(screen.lost_in([removal]).users(), lost - without)

    def test_processes_do_not_change_the_numbers(self) -> None:
        screen = Screen({"three regions": three_makers()}, CENTRAL, ("JPN", "CHN"), 4)
        cases = [(r,) for r in screening.removals(three_makers(), Cut.OUTPUT)]
        told: list[tuple[int, int]] = []
        alone = screening.run(screen, cases, progress=lambda *at: told.append(at))
        spread = screening.run(screen, cases, engine=Processes(2))
        assert told == [(1, 2), (2, 2)]
        for one, two in zip(alone, spread, strict=True):
            assert one.case == two.case
            np.testing.assert_array_equal(one.users(), two.users())

    def test_an_unknown_partner(self) -> None:
        with pytest.raises(UnknownCodeError, match="unknown partner 'USA'"):
            Screen({"two regions": two_regions()}, CENTRAL, ("USA",), 3)


class TestRanks:
    def test_the_largest_is_first_and_ties_share_a_place(self) -> None:
        found = screening.ranks(np.array([[1.0, 5.0, 1.0], [3.0, 2.0, 1.0]]))
        np.testing.assert_array_equal(found, [[2.5, 1.0, 2.5], [1.0, 2.0, 3.0]])


class TestOdds:
    HEADER = "region,commodity,years,value,unit,source,grade,note\n"

    def table(self, tmp_path: Path, *rows: str) -> Path:
        path = tmp_path / "odds.csv"
        path.write_text(self.HEADER + "\n".join(rows) + "\n", encoding="utf-8")
        return path

    def test_jeffreys_rule_on_the_years_counted(self) -> None:
        odds = Odds.read()
        for region, years in (("CHN", 6), ("IND", 1), ("VNM", 1), ("AUS", 0)):
            found = odds.of(region, "Dy-oxide")
            assert found.probability == pytest.approx((years + 0.5) / 17, abs=1e-6)
            assert found.source == "computed-supplier-cut-odds"

    def test_the_most_specific_row_counts(self, tmp_path: Path) -> None:
        odds = Odds.read(
            self.table(
                tmp_path,
                "*,*,,0.1,share,user,D,",
                "*,Dy-oxide,,0.2,share,user,D,",
                "CHN,*,,0.3,share,user,D,",
                "CHN,Dy-*,,0.4,share,user,D,",
                "CHN,Dy-oxide,,0.5,share,user,D,",
            )
        )
        asked = [("CHN", "Dy-oxide"), ("CHN", "Dy-metal"), ("CHN", "Ga"), ("AUS", "Dy-oxide"),
                 ("AUS", "Ga")]  # fmt: skip
        assert [odds.of(*each).probability for each in asked] == [0.5, 0.4, 0.3, 0.2, 0.1]

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("CHN,*,,1.5,share,user,D,", "value"),
            ("CHN,*,,-0.1,share,user,D,", "value"),
            ("XXX,*,,0.1,share,user,D,", "XXX"),
            ("CHN,*,,0.1,share,nobody,D,", "unknown source 'nobody'"),
            ("CHN,*,,0.1,percent,user,D,", "percent"),
        ],
    )
    def test_a_fault_is_named_by_its_line(self, tmp_path: Path, row: str, fault: str) -> None:
        with pytest.raises(InputError, match=fault) as raised:
            Odds.read(self.table(tmp_path, row))
        assert raised.value.where.endswith(".csv:2")

    def test_a_supplier_without_a_row_is_no_guess(self, tmp_path: Path) -> None:
        odds = Odds.read(self.table(tmp_path, "CHN,*,,0.1,share,user,D,"))
        with pytest.raises(TableError, match="no odds for Ga from AUS"):
            odds.of("AUS", "Ga")
        with pytest.raises(UnknownCodeError, match="region"):
            odds.of("Atlantis", "Ga")
