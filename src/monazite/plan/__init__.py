"""The plan: which projects, instruments and stockpiles, decided before it is known what comes.

Reading order. From arrays to a decision: ``twostage`` (what everything is solved from),
``neutral`` (risk as columns), ``subproblem`` and ``evaluate`` (what a decision costs in every
draw, and the cuts that follow), ``cuts``, ``master``, ``decompose`` (the L-shaped method),
``extensive`` (the whole in one model, the oracle), ``values`` (what knowing the future is
worth), ``certificate`` (recomputed from the arrays alone).

What could be built and who pays for it: ``project``, ``estimate``; ``pricepath``, ``cashflow``,
``instrument``, ``deal``, ``finance``, ``support``.

From a network and a wish to arrays: ``programme``, ``model``, ``terms``, ``sheets``, ``sector``
(a whole network), ``draws``, ``decisions``, ``assemble``; ``membership``, ``access``,
``alliance`` (some partners' part of a network), ``plants``, ``funding``, ``exposure`` (what the
market leaves of supply).

What a plan says: ``result``, ``planner``, ``coalition``, ``frontier``, ``standing``, ``replay``,
``stocksearch``, ``stockpile``, ``data``.
"""
