"""Briefings: what a shock does, who is hurt and what helps, with a source behind every figure."""
