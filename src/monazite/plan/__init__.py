"""The plan: which projects, instruments and stockpiles, decided before it is known what comes.

Reading order: ``twostage`` (the arrays that everything is solved from), ``neutral`` (risk as
columns); ``evaluate`` (what a decision costs in every draw, and the cuts that follow),
``decompose`` (the L-shaped method), ``extensive`` (the whole in one model, the oracle), ``values``
(what knowing the future is worth, and what reckoning with it), ``certificate`` (recomputed from the
arrays alone); ``project``, ``estimate`` (what could be built); ``cashflow``, ``instrument``,
``finance`` (who pays for it); ``programme``, ``model``, ``alliance``, ``draws``, ``assemble`` (from
a network and a wish to arrays); ``result``, ``coalition``, ``stockpile``, ``replay`` (what the plan
says).
"""
