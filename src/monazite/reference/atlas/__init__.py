"""The atlas: who mines, refines and trades which mineral, out of official statistics.

In this order: ``tables`` (what is shipped, and reading it), ``supply`` (who supplies what, by
source), ``copies`` (downloads that somebody else has put into another layout), ``build`` (from a
folder of raw files to the tables), ``check`` (whether the tables hold together).
"""
