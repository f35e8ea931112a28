"""A buyer's own book of parts and materials, answered from one simulated trajectory.

Reading order: ``nouns``, ``sheet``, ``supply`` (what is left of each way), ``reading``,
``outcome`` (how a line fares), ``relief``, ``answer``, ``tables``, ``template``.
"""

from monazite.book.answer import BookTotal, Exposure, LineAnswer, LineMonth, expose
from monazite.book.nouns import COLUMNS, REQUIRED, Book, BookFault, BookLine
from monazite.book.outcome import ASSUMPTIONS, LineAid, LineStop, Outcome, follow
from monazite.book.reading import read_book
from monazite.book.relief import LineRemedy, Remedies
from monazite.book.supply import Simulated, Supplied
from monazite.book.tables import answer_csv, exposure_data
from monazite.book.template import template

__all__ = [
    "ASSUMPTIONS",
    "COLUMNS",
    "REQUIRED",
    "Book",
    "BookFault",
    "BookLine",
    "BookTotal",
    "Exposure",
    "LineAid",
    "LineAnswer",
    "LineMonth",
    "LineRemedy",
    "LineStop",
    "Outcome",
    "Remedies",
    "Simulated",
    "Supplied",
    "answer_csv",
    "expose",
    "exposure_data",
    "follow",
    "read_book",
    "template",
]
