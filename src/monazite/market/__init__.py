"""The market: agents, calibration, equilibrium, certificate."""
