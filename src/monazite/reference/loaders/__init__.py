"""Loaders for the official downloads of mineral statistics: one shape, nothing guessed."""
