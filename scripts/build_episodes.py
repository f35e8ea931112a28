"""Build the tables of the historical episodes: what was quoted, and what went in.

Run it from a checkout: ``python scripts/build_episodes.py``. Outcomes are only known for the
quotas of 2010-12; those of 2023 and 2025 are left to be compared from outside, so none stands
here. Inputs are policies and shipped weights, never prices.
"""

import episode_outcomes
import episode_sources
from chain_folder import CHAINS, write_rows, write_sources
from episode_inputs import INPUTS

EPISODES = CHAINS.parent / "episodes"


def main() -> None:
    """Write outcomes, inputs, series and their sources."""
    EPISODES.mkdir(parents=True, exist_ok=True)
    write_rows(EPISODES / "outcomes.csv", [outcome.row() for outcome in episode_outcomes.OUTCOMES])
    write_rows(EPISODES / "inputs.csv", [entry.row() for entry in INPUTS])
    write_rows(EPISODES / "series.csv", [series.row() for series in episode_sources.SERIES])
    sources = {**episode_outcomes.SOURCES, **episode_sources.SOURCES}
    write_sources(EPISODES / "sources.toml", sources)


if __name__ == "__main__":
    main()
