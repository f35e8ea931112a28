"""Three cases worked out by the authors of geopolrisk-py, on the figures of their test data."""

from pathlib import Path

import pytest

from monazite import study

FOLDER = Path("examples/supply-risk")
# HHI, import risk, score, characterisation factor: the United States, 2022
CASES = {
    "nickel": (0.26749007657640966, 0.0012076833631026191, 0.00032304331527637555, 0.00379273858),
    "manganese": (0.2035183372902862, 0.5451887492289689, 0.11095590775245055, 0.10860404642),
    "graphite": (0.470663478647389, 0.5842266185959466, 0.27497413262676956, 1.49565814184),
}


@pytest.mark.parametrize("commodity", CASES)
def test_the_published_cases_are_reproduced(commodity: str) -> None:
    found = study.risk(FOLDER, countries=["USA"], years=[2022], commodities=[commodity])
    (row,) = found["rows"]
    figures = [row[name] for name in ("hhi", "import_risk", "score", "cf")]
    assert figures == pytest.approx(CASES[commodity], abs=1e-9)
    assert (row["import_risk_low"], row["import_risk_high"]) == (row["import_risk"],) * 2
    assert row["reason"] is None


def test_a_score_that_the_cases_put_to_nothing_bounds_the_answer_when_it_is_unknown(
    tmp_path: Path,
) -> None:
    for file in FOLDER.glob("*.*"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace("TWN,2022,0,", "TWN,2022,,"), "utf-8")
    (row,) = study.risk(tmp_path, countries=["USA"], commodities=["graphite"])["rows"]
    assert row["reason"] == "no-governance"
    assert row["why"].endswith("0.001% of imports")
    assert row["import_risk"] is row["score"] is row["cf"] is None
    assert row["import_risk_low"] < row["import_risk_high"]
    # Taiwan sold 0.495 t of 86,586.111 t
    widest = 0.495 / 86586.111
    assert CASES["graphite"][1] < row["import_risk_low"]
    assert row["import_risk_high"] < CASES["graphite"][1] + widest
