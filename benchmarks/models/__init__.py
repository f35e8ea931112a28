"""Networks to measure on; each module registers its own."""
