"""Briefings of plans: what to build, when, what it costs, what stays short, and why together."""
