"""What comes of events: a scenario, and everything that a reader must know about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from monazite.desk.schema import Event, Page
from monazite.scenario import Scenario


@dataclass(frozen=True, slots=True)
class AssumedSize:
    """A size that the text does not give.

    ``event`` : id of the event. ``field`` : key of the measure that it fills.
    ``value``, ``unit`` : for people. ``source`` : id in the scenario's sources or in the data.
    """

    event: str
    field: str
    value: str
    unit: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Unused:
    """An event that becomes no measure, and why. ``event`` : its id."""

    event: str
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the text does not say and the desk cannot know.

    ``event``, ``field`` : answered by ``--set EVENT.FIELD=VALUE``. ``text`` : the question.
    ``default`` : what holds unless it is answered; None if the event stays unused then.
    """

    event: str
    field: str
    text: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A scenario made from events, and everything that a reader must know about it.

    ``measures_of`` : numbers of the scenario's measures, from 1, by the id of the event.
    ``reviewed`` : somebody accepted every event that became a measure.
    """

    scenario: Scenario
    pages: tuple[Page, ...]
    events: tuple[Event, ...]
    measures_of: Mapping[str, tuple[int, ...]]
    assumed: tuple[AssumedSize, ...] = ()
    unused: tuple[Unused, ...] = ()
    questions: tuple[Question, ...] = ()
    reviewed: bool = False
