"""From events to a scenario: what each event does to flows, plants and stocks, and on whose word.

Reading order: ``drafted`` (what comes out), ``levers`` (the table), ``precedents`` (earlier
licences), ``scope`` (names in a chain), ``shaping`` (one event), ``drafting`` (all of them).
"""

from monazite.desk.measures.drafted import AssumedSize, Drafted, Question, Unused
from monazite.desk.measures.drafting import Brief, draft
from monazite.desk.measures.levers import lever_table

__all__ = ["AssumedSize", "Brief", "Drafted", "Question", "Unused", "draft", "lever_table"]
