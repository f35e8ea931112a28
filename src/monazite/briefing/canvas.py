"""How figures of a briefing are drawn and written: one palette, small SVG, text kept as text.

Colours are written as CSS variables with a fallback, so that the page decides between light
and dark; the hues are told apart by colour-blind readers (after Okabe and Ito 2008).
"""

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from monazite.briefing.numbers import PLAIN, Writing

INK, MUTED, RULE, PAPER, LAND = "#1b1f24", "#5b6471", "#d3d9e0", "#fefefe", "#e4e8ed"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#a8508a", "#b07a00", "#3f97cf", "#6b7280")
"""Colours of series in the order of use; the last is for what is left over."""
HEAT = ("#f2f4f6", "#fbdcbc", "#f2a65f", "#d4611f", "#8f2d0a")
"""Colours of five classes from nothing to most."""
HEAT_INK = ("#8a93a0", "#3a2410", "#2b1503", "#fffdfb", "#fffefc")
"""Colour of text on each class."""

_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        INK: "ink",
        MUTED: "muted",
        RULE: "rule",
        PAPER: "paper",
        LAND: "land",
        **{colour: f"s{number}" for number, colour in enumerate(SERIES, start=1)},
        **{colour: f"h{number}" for number, colour in enumerate(HEAT)},
        **{colour: f"t{number}" for number, colour in enumerate(HEAT_INK)},
    }
)

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "monazite",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "path.simplify": True,
    "path.simplify_threshold": 0.4,
}

_NUMBER = re.compile(r"-?\d+\.\d+")
_TAG = re.compile(r"<[^>]+>")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_IDENTIFIER = re.compile(r' id="([^"]+)"')
_FONT = re.compile(r"font: ?(?:(\w+) )?([\d.]+)px [^;\"]*")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure ready for a page: inline SVG and the text that stands for it."""

    name: str
    svg: str
    title: str
    description: str


_STAND_INS = tuple(map(chr, (*range(0x4DC0, 0x4E00), *range(0x2800, 0x2900))))
"""Signs of nearly full width that the drawing font has and no text holds: hexagrams, Braille."""


@dataclass(frozen=True)
class Pen:
    """Writes the words of a figure in a language, whatever fonts the machine has.

    The text of a figure stays text, so the reader's browser picks the font and shapes the letters.
    The drawing font, which only measures, lacks the wide letters of East Asia: each is drawn as
    a stand-in of nearly its width and put back when the figure is written.
    """

    write: Writing = PLAIN
    _stand_ins: dict[str, str | int | None] = field(default_factory=dict)

    def say(self, message: str, /, **values: object) -> str:
        """Return a message in the language, as it is to be drawn."""
        return self.draw(self.write.language.gettext(message, **values))

    def draw(self, text: str) -> str:
        """Return a text as it is to be drawn."""
        for letter in text:
            is_new = letter not in self._stand_ins and len(self._stand_ins) < len(_STAND_INS)
            if is_new and unicodedata.east_asian_width(letter) in "WF":
                self._stand_ins[letter] = _STAND_INS[len(self._stand_ins)]
        return text.translate(str.maketrans(self._stand_ins))

    def restored(self, drawing: str) -> str:
        """Return a drawing in which every stand-in is the letter that it stands for."""
        for letter, sign in self._stand_ins.items():
            drawing = drawing.replace(str(sign), letter)
        return drawing

    @staticmethod
    def width(text: str) -> float:
        """Return the width of a text in letters of usual width."""
        return sum(1.75 if unicodedata.east_asian_width(sign) in "WF" or sign in _STAND_INS else 1
                   for sign in text)  # fmt: skip


def settings() -> dict[Any, Any]:
    """Return the drawing settings; used as ``with matplotlib.rc_context(settings()):``."""
    return dict(_SETTINGS)


def blank(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of that size [inches] with one empty frame that fills it."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    return figure, axes


def panels(count: int, columns: int, height: float) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with `count` small charts on shared axes, about `height` inches a row."""
    columns = min(columns, count)
    rows = -(-count // columns)
    height *= 1.3 if rows == 1 else 1.0
    figure = Figure(figsize=(3.05 * columns if columns > 1 else 6.1, height * rows))
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    charts = list(grid.flat)
    for spare in charts[count:]:
        spare.remove()
    return figure, charts[:count]


def plain(axes: Axes) -> None:
    """Take away everything from a chart that carries no information."""
    axes.tick_params(left=False, bottom=False, which="both")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def picture(figure: Figure, name: str, title: str, description: str, pen: Pen) -> Picture:
    """Write a figure as small inline SVG that follows the page's colours and fonts."""
    stream = io.StringIO()
    with mpl.rc_context(_SETTINGS):
        figure.savefig(stream, format="svg", transparent=True, metadata=_NO_METADATA)
    svg = pen.restored(stream.getvalue())
    return Picture(name, _compact(svg, name, title, description), title, description)


def standalone(drawing: Picture) -> str:
    """Return a figure as a file of its own: with a font, light behind the ink."""
    head, rest = drawing.svg.split(">", 1)
    look = "<style>text{font-family:system-ui,sans-serif}</style>"
    return f'{head} style="background:#fff">{look}{rest}\n'


_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def _compact(svg: str, name: str, title: str, description: str) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = _own_identifiers(body, name)
    body = _FONT.sub(_page_font, body)
    body = _COLOUR.sub(_variable, body)
    body = _TAG.sub(lambda tag: _NUMBER.sub(_shortened, tag[0]), body)
    body = re.sub(r"\s*\n\s*", " ", body).replace("> <", "><")
    box = re.search(r'viewBox="[^"]*"', body)
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'role="img" aria-labelledby="{name}-title {name}-text" {box[0] if box else ""}'
    )
    inside = body[body.index(">") + 1 :]
    words = (
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(description)}</desc>'
    )
    return f"{head}>{words}{inside}".strip()


def _own_identifiers(body: str, name: str) -> str:
    """Drop identifiers that nothing refers to; make the others the figure's own."""
    for identifier in set(_IDENTIFIER.findall(body)):
        used = f"#{identifier})" in body or f'"#{identifier}"' in body
        new = f' id="{name}-{identifier}"' if used else ""
        body = body.replace(f' id="{identifier}"', new)
        if used:
            body = body.replace(f"#{identifier})", f"#{name}-{identifier})")
            body = body.replace(f'"#{identifier}"', f'"#{name}-{identifier}"')
    return body.replace("<g>\n</g>", "")


def _page_font(found: re.Match[str]) -> str:
    weight = found[1] or "normal"
    return f"font-size:{found[2]}px;font-weight:{weight}"


def _shortened(found: re.Match[str]) -> str:
    """Write a coordinate with one decimal: a tenth of a point."""
    return f"{float(found[0]):.1f}".removesuffix(".0")


def _variable(found: re.Match[str]) -> str:
    colour = found[0]
    return f"var(--{_VARIABLES[colour]},{colour})" if colour in _VARIABLES else colour
