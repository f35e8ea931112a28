"""The one door: names and folders, options, manifests of runs."""

import shutil
from pathlib import Path

import pytest

from monazite import study
from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.reference import catalogue
from monazite.scenario import load
from two_regions import two_regions

SCENARIO, CHAIN = "docs/examples/licences.toml", "docs/examples/two-regions"


class TestChains:
    def test_three_are_shipped(self) -> None:
        assert study.chains() == (
            "gallium-germanium-2023", "rare-earths-2009", "rare-earths-2024"
        )  # fmt: skip

    def test_a_shipped_one_is_balanced_once(self) -> None:
        assert study.balanced("rare-earths-2009") is study.balanced("rare-earths-2009")

    def test_a_folder_is_read_again_each_time(self, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(CHAIN, tmp_path / "net"))
        before = study.chain(folder).digest()
        prices = folder / "prices.csv"
        prices.write_text(prices.read_text().replace("260", "270"))
        assert study.chain(folder).digest() != before

    def test_an_unknown_one_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="rare-earths-2024"):
            study.chain("rare-earths-2025")

    def test_a_file_is_no_chain(self) -> None:
        with pytest.raises(InputError, match="a chain is a folder"):
            study.chain(SCENARIO)


class TestStress:
    def test_a_scenario_may_be_a_name_a_path_or_an_object(self) -> None:
        by_text = study.stress(SCENARIO, network=CHAIN)
        by_path = study.stress(Path(SCENARIO), network=Path(CHAIN))
        by_object = study.stress(load(SCENARIO), network=study.chain(CHAIN))
        found = {run.manifest.result for run in (by_text, by_path, by_object)}
        assert len(found) == 1
        assert by_text.manifest == by_path.manifest

    def test_files_are_remembered_by_their_full_path(self) -> None:
        settings = study.stress(SCENARIO, network=CHAIN).manifest.settings
        assert settings["scenario"] == str(Path(SCENARIO).resolve())
        assert settings["network"] == str(Path(CHAIN).resolve())

    def test_shipped_names_are_remembered_as_names(self) -> None:
        run = study.stress("ga-ge-2023", months=1, network="gallium-germanium-2023")
        assert run.manifest.settings["scenario"] == "ga-ge-2023"
        assert run.manifest.settings["network"] == "gallium-germanium-2023"

    def test_the_scenarios_own_chain_is_the_default(self) -> None:
        run = study.stress("ga-ge-2023", months=1)
        assert run.network.name == "gallium-germanium-2023"
        assert run.manifest.settings["network"] is None

    def test_a_chain_may_lie_beside_the_file_of_the_scenario(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copytree(CHAIN, tmp_path / "net")
        text = Path(SCENARIO).read_text(encoding="utf-8")
        mine = tmp_path / "mine.toml"
        mine.write_text(text.replace(CHAIN, "net"), encoding="utf-8")
        run = study.stress(mine)
        assert run.network.name == "two-regions"
        monkeypatch.chdir(tmp_path)
        assert study.rerun(run.manifest).manifest == run.manifest

    def test_a_chain_that_is_nowhere_is_named_with_its_file(self, tmp_path: Path) -> None:
        mine = tmp_path / "mine.toml"
        text = Path(SCENARIO).read_text(encoding="utf-8")
        mine.write_text(text.replace(CHAIN, "rare-earths-2042"), encoding="utf-8")
        for ask in (study.stress, study.explain_scenario):
            with pytest.raises(UnknownCodeError, match=r"mine\.toml: chain: .*rare-earths-2024"):
                ask(mine)

    def test_progress_counts_months(self) -> None:
        told: list[tuple[int, int]] = []
        study.stress(
            SCENARIO, network=CHAIN, months=3,
            progress=lambda done, total: told.append((done, total)),
        )  # fmt: skip
        assert told[0][1] == 3
        assert [done for done, _ in told] == sorted(done for done, _ in told)

    def test_a_changed_parameter_is_fixed_in_every_draw(self) -> None:
        run = study.stress(SCENARIO, network=CHAIN, months=1, draws=3, holder_release=0.7)
        assert set(run.trajectory.parameters.values["holder_release"]) == {0.7}
        assert len(set(run.trajectory.parameters.values["habit_rate"])) == 3

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_a_parameter_is_a_number(self, value: float) -> None:
        with pytest.raises(InputError, match="holder_release"):
            study.stress(SCENARIO, network=CHAIN, holder_release=value)

    def test_an_unknown_parameter_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="did you mean holder_release"):
            study.stress(SCENARIO, network=CHAIN, holder_relese=1.0)

    def test_a_network_of_python_objects(self) -> None:
        calm = load("myanmar-halt").model_copy(update={"measures": ()})
        run = study.stress(calm, network=two_regions(), months=2)
        assert run.manifest.settings["network"] == "two regions"
        assert run.trajectory.price == pytest.approx(50.0)


class TestFormats:
    @pytest.mark.parametrize(
        ("form", "name", "chosen"),
        [
            (None, "a.html", "html"),
            (None, "a.md", "md"),
            (None, "a", "html"),
            ("json", "a.html", "json"),
        ],
    )
    def test_as_asked_or_by_the_ending(self, form: str | None, name: str, chosen: str) -> None:
        assert study.brief_format(form, Path(name)) == chosen

    def test_an_unknown_ending_names_the_file(self) -> None:
        with pytest.raises(UnknownCodeError, match=r"a\.doc"):
            study.brief_format(None, Path("a.doc"))


class TestScenarios:
    def test_a_new_one_has_an_id_whatever_it_is_called(self, tmp_path: Path) -> None:
        for name, wanted in (("My Idea_2", "my-idea-2"), ("???", "my-scenario")):
            file = tmp_path / "new.toml"
            file.write_text(study.new_scenario(name=name), encoding="utf-8")
            assert load(file).id == wanted

    def test_one_row_each(self) -> None:
        rows = study.scenarios()
        assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
        assert all(row["chain"] in study.chains() for row in rows)


def test_shown_rows_know_their_place() -> None:
    rows = study.show_data("prices")
    assert rows[0]["where"] == "facts/prices.csv:2"


def test_a_spoilt_table_is_named() -> None:
    with pytest.raises(TableError, match=r"no row stands there"):
        catalogue.row_at(catalogue.RowRef("facts/prices", 10_000))
