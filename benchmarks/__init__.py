"""Benchmarks of the market engine against general solvers; how to run them: README.md."""
