"""Loaders for the official downloads of mineral statistics: one shape, nothing guessed.

Reading order: ``figures`` (what a cell says), ``observations`` (what comes out), ``editions`` and
``files`` (what a file is), ``places`` and ``minerals`` (what names mean), ``sheets``; a module for
each producer; ``kinds`` (all of them by name), ``slips`` (two editions beside each other).
"""
