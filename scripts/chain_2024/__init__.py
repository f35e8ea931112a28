"""What the base year 2024 of the rare-earth chain is built from; see build_chain_2024.py."""
