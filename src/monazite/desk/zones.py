"""The zones of a page: which lines tell the story and which only stand around it.

First the cues, words that a reader knows pages by (``data/zone_cues.toml``); then what repeats;
then the place of the headline; and for the lines that are left the classifier of ``lines``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monazite.desk import zone_cues
from monazite.desk.lines import Look, is_closed, is_prose, sentences, weights
from monazite.desk.schema import Line, Zone
from monazite.desk.zone_cues import Cues

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BULLET = re.compile(r"\A(?:[-*•·–—▪►■◆・▼>\uff1e]\s*|\d{1,2}[.)]\s+){1,4}")
_AFTER_NAME = re.compile(r"\s*(?::|\uff1a|\||»|>>>|\s{2,}|\s[-–—]\s|\s->)\s*")
_BARS = re.compile(r"\s+[|·•»>/\u203a]\s+|\s{2,}|\|")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_SENTENCE_FIRST = re.compile(r"[^\W\d_]{3,} (?:[^\W\d_]+ ){0,8}[^\W\d_]{4,}[.!?] ")
_WRITTEN = re.compile(r"(?:written|posted|edited|reported) by\b")
_YEAR = re.compile(r"(?:19|20)\d\d|[٢١][\u0660-٩]{3}")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_STEM = re.compile(r"[\u3400-\u9fff]|[\u30a1-\u30ff]{2,}|[^\W\d_\u3040-\u9fff]{4,}")

_NAME_LENGTH = 40
"""Characters within which the name before a colon ends."""
_MODERATE = 300
"""Characters of the longest line that a cue inside it can mark."""
_PARAGRAPH = 220
_PARAGRAPH_OF_TWO = 150
"""Characters of a line that is too long for a list, with two sentences and with one."""
_LONGEST = {Zone.TICKER: 60, Zone.TAGS: 15, Zone.READ_MORE: 1}
_LONGEST_LIST = 16
_MOST_LINES = 20_000
"""Lines of the longest page whose every line is looked at; longer ones are no articles."""
_LISTS = frozenset({Zone.RELATED, Zone.MOST_READ, Zone.READ_NEXT, Zone.COVERAGE})
_OF_THE_TAIL = frozenset({Zone.FOOTER, Zone.TAGS, Zone.MOST_READ, Zone.READ_NEXT})
_OF_AN_ITEM = frozenset(
    {Zone.PUBLISHED, Zone.CAPTION, Zone.SECTION, Zone.MENU, Zone.BYLINE, Zone.SOURCE}
)
"""What stands beside an item of a list, and says nothing of the article."""
_FURNITURE = frozenset(Zone) - {Zone.HEADLINE, Zone.DEK, Zone.CAPTION, Zone.BODY, Zone.SOURCE}
_FURNITURE -= {Zone.BYLINE, Zone.PUBLISHED}
_OF_THE_HEAD = frozenset(
    {Zone.BYLINE, Zone.PUBLISHED, Zone.SOURCE, Zone.CAPTION, Zone.MENU, Zone.DEK, Zone.SECTION}
)
_DOUBT = 0.5
"""Chance below which a line that is no sentence is not of the body."""
_DOUBT_OF_TITLE = 0.1
_DOUBT_OF_SENTENCE = 0.03
"""The same for what may be a long subhead, and for a sentence or a fact by name."""
_SUBHEAD = 6
"""Words of a subhead, at most: no classifier can tell it from a pointer to another story."""


@dataclass(slots=True)
class _Row:
    """A line at work.

    ``heads`` : a list of other things follows. ``copies`` : of the same line. ``told`` : whether
    the markup says that it is of the article, where there is markup.
    """

    start: int
    text: str
    low: str
    zone: Zone | None = None
    heads: bool = False
    prose: bool = False
    copies: int = 1
    told: bool | None = None

    @property
    def words(self) -> int:
        """Words; of a text without spaces, every second character."""
        return len(self.text.split()) + len(_WIDE.findall(self.text)) // 2

    @property
    def is_paragraph(self) -> bool:
        """Whether it is too long to stand in a list."""
        if self.told is not None:
            return self.told
        length = len(self.text) * (2 if _WIDE.search(self.text[:50]) else 1)
        return (
            self.prose
            and ">>>" not in self.text
            and (length >= _PARAGRAPH or (length >= _PARAGRAPH_OF_TWO and sentences(self.text) > 1))
        )

    @property
    def is_title(self) -> bool:
        """Whether it could be a headline."""
        closed = is_closed(self.text) and self.text[-1] not in "?!؟\uff1f"
        return not closed and 4 <= self.words <= 30 and not self.is_record

    @property
    def is_record(self) -> bool:
        """Whether it gives facts by name, as a database does."""
        return ": " in self.text and not self.text.endswith(":")


@dataclass(frozen=True, slots=True)
class Hint:
    """What the markup says of a line: its zone, or whether it is of the article."""

    zone: Zone | None
    told: bool


def split(text: str, hints: Sequence[Hint] | None = None) -> tuple[Line, ...]:
    """Cut a text into its lines and say of each what part of the page it belongs to.

    Every line that is not blank is in exactly one zone. The cues of all languages hold on every
    page, since pages mix them. ``hints`` : what the markup says, one a line that is not blank.
    """
    rows = [*_rows(text)]
    if hints is not None:
        _take(rows, hints)
    if not all(row.prose and row.zone is None for row in rows):
        _sort(rows, marked_up=hints is not None)
    return tuple(
        Line(zone=row.zone or Zone.BODY, start=row.start, end=row.start + len(row.text))
        for row in rows
    )


def _rows(text: str) -> Iterator[_Row]:
    cues = zone_cues.cues()
    for found in _LINE.finditer(text):
        line = found.group()
        bare = line.strip()
        if bare:
            start = found.start() + len(line) - len(line.lstrip())
            row = _Row(start, bare, _BULLET.sub("", bare[: _MODERATE * 2], count=1).lower())
            row.prose = is_prose(bare)
            _mark(row, cues)
            yield row


def _take(rows: Sequence[_Row], hints: Sequence[Hint]) -> None:
    """Let the markup speak where the line's own words do not say that it points elsewhere."""
    for row, hint in zip(rows, hints, strict=True):
        row.told = hint.told and row.zone is not Zone.READ_MORE and not row.heads
        if row.told:
            row.zone, row.prose = hint.zone, True
        elif hint.zone is not None and not row.heads and row.zone is not Zone.SOURCE:
            row.zone = hint.zone


def _sort(rows: list[_Row], *, marked_up: bool) -> None:
    """Give a zone to every line of a page that is more than paragraphs."""
    _count_copies(rows)
    start = _after_menus(rows)
    _fill_lists(rows)
    furnished = marked_up or any(row.zone in _FURNITURE for row in rows)
    _sort_head(rows, start, furnished=furnished)
    _collapse(rows)
    _sort_last_bullets(rows)
    if marked_up:
        _put_outside(rows)
    elif furnished and len(rows) <= _MOST_LINES:
        _sort_rest(rows)


# Cues


def _mark(row: _Row, cues: Cues) -> None:
    """Give a line the zone that its own words tell, if they do."""
    if row.is_paragraph:
        row.zone = _begun(row, cues) if row.low.startswith(cues.beginnings) else None
        return
    key = row.low.strip(" .:\uff1a…>»|-–—*[]【】()")
    head = cues.heads.get(key) or _headed(key, cues)
    if head is not None:
        row.zone, row.heads = head, True
    elif key in cues.before:
        row.zone = cues.before[key]
        row.heads = row.zone is Zone.READ_MORE
    elif key in cues.whole:
        row.zone = cues.whole[key]
    else:
        row.zone = _named(row, cues) or _inside(row, cues)


def _headed(key: str, cues: Cues) -> Zone | None:
    """Return the list that a line heads whose first words do: "most read in World"."""
    words = key.split()
    if not 3 <= len(words) <= 6 or is_closed(key):
        return None
    return cues.heads.get(" ".join(words[:2]))


def _named(row: _Row, cues: Cues) -> Zone | None:
    """Return the zone that a name before a colon or bar tells."""
    found = _AFTER_NAME.search(row.low, 0, _NAME_LENGTH + 4)
    if found is None or (found.group().strip() not in (":", "\uff1a", ">>>") and _is_menu(row)):
        return None
    name = row.low[: found.start()].strip(" .[]")
    zone = cues.before.get(name) or cues.heads.get(name)
    if zone is Zone.PUBLISHED and not _is_time(row, cues):
        return None
    return zone


def _inside(row: _Row, cues: Cues) -> Zone | None:
    """Return the zone that words in the line tell."""
    if len(row.text) > _MODERATE:
        return None
    for zone, words in cues.holds:
        if any(word in row.low for word in words) and not (zone is Zone.CAPTION and row.prose):
            return zone
    if row.low.startswith(cues.beginnings):
        begun = _begun(row, cues)
        if begun is not None:
            return begun
    if row.prose:
        return Zone.CAPTION if _is_credited(row, cues) else None
    return _shaped(row, cues)


def _begun(row: _Row, cues: Cues) -> Zone | None:
    """Return the zone of the cue that the line begins with; a sentence needs more than a word."""
    for cue, zone in cues.begins:
        if row.low.startswith(cue):
            after = row.low[len(cue) : len(cue) + 1]
            whole_word = not after.isalnum() or not cue[-1].isalnum() or _WIDE.match(cue[-1])
            telling = not row.prose or after == ":" or cue.count(" ") > 1 or cue[0] == "("
            if whole_word and telling and len(row.text) <= _MODERATE * 2:
                return zone
    return None


def _shaped(row: _Row, cues: Cues) -> Zone | None:
    """Return the zone that the shape of a short line tells."""
    if _is_byline(row, cues):
        return Zone.BYLINE
    if _is_time(row, cues):
        return Zone.PUBLISHED
    if _is_social(row, cues) or _is_menu(row):
        return Zone.MENU
    return Zone.CAPTION if _is_credited(row, cues) else None


def _is_byline(row: _Row, cues: Cues) -> bool:
    """Whether a line is "By" and names; "by" alone is one too."""
    first, *names = row.text.split()
    if cues.before.get(first.lower()) is not Zone.BYLINE or len(names) > 14:
        return _WRITTEN.match(row.low) is not None and row.words <= 14
    capitals = sum(not name[0].islower() for name in names)
    return (capitals * 2 >= len(names) or len(names) < 4) and not is_closed(row.text)


def _is_credited(row: _Row, cues: Cues) -> bool:
    return row.low.rstrip(".").endswith(cues.ends) and row.words > 3 and len(row.text) <= 200


def _is_time(row: _Row, cues: Cues) -> bool:
    """Whether a line is about when the page was published and little else."""
    if len(row.text) > 140:
        return False
    tokens = _TOKEN.findall(row.low)
    if not tokens or _tells_act(row) or _SENTENCE_FIRST.match(row.text):
        return False
    if _WIDE.search(row.low):
        return _YEAR.search(row.low) is not None and len(row.text) <= 30
    tokens = [token for token in tokens if token not in cues.small]
    told = sum(
        token.isdigit() or token in cues.dates or token.startswith(cues.months) for token in tokens
    )
    dated = any(token.isdigit() or token in cues.relative for token in tokens)
    dated = dated or (len(tokens) == 1 and row.words == 1)
    return dated and told >= (0.6 if row.is_record else 0.5) * len(tokens)


def _tells_act(row: _Row) -> bool:
    """Whether a line gives dates of an act, as databases do."""
    return not zone_cues.cues().acts.isdisjoint(_TOKEN.findall(row.low[:_MODERATE]))


def _is_social(row: _Row, cues: Cues) -> bool:
    tokens = [token for token in _TOKEN.findall(row.low) if not token.isdigit()]
    return len(tokens) > 1 and sum(token in cues.social for token in tokens) >= 0.7 * len(tokens)


def _is_menu(row: _Row) -> bool:
    """Whether a line is made of short items between bars or wide spaces."""
    items = [item for item in _BARS.split(row.text) if item.strip()]
    if len(items) < 2 or row.is_record or is_closed(row.text) or _tells_act(row):
        return False
    short = sum(len(item.split()) <= 4 for item in items)
    arrows = row.text.count(" > ") + row.text.count(" » ") + row.text.count(" >> ")
    return short == len(items) or (arrows >= 1 and row.words <= 25 and short >= len(items) - 1)


# What repeats


def _count_copies(rows: Sequence[_Row]) -> None:
    copies = Counter(row.low for row in rows)
    for row in rows:
        row.copies = copies[row.low]


def _after_menus(rows: Sequence[_Row]) -> int:
    """Mark menus that are printed twice, and return the row at which the article can begin."""
    first = next((place for place, row in enumerate(rows) if row.is_paragraph), len(rows))
    second = [*_second_copies(rows)]
    again = {rows[place].low for place in second}
    for row in rows:
        if row.low in again and row.zone in (None, Zone.SECTION):
            row.zone, row.heads = Zone.MENU, False
    start = max((place + 1 for place in second if place < first), default=0)
    above = rows[:start]
    headed = any(row.heads for row in above)
    for row in above:
        if row.zone is None and (row.words <= 3 or not headed):
            row.zone = Zone.TICKER if row.words > 3 else Zone.MENU
    return start


def _second_copies(rows: Sequence[_Row]) -> Iterator[int]:
    """Yield the places of menus that were there before: bars, or three short lines in a row."""
    seen: set[str] = set()
    run: list[int] = []
    for place, row in enumerate(rows):
        again = row.low in seen and not row.prose and row.words <= 12
        if again and _is_menu(row):
            yield place
        elif again:
            run.append(place)
        if not again or place == len(rows) - 1:
            if len(run) >= 3:
                yield from run
            run = []
        seen.add(row.low)


def _collapse(rows: Sequence[_Row]) -> None:
    """Leave the article's lines that are printed twice in it once."""
    seen: set[str] = set()
    for row in rows:
        if row.copies > 1 and row.zone in (None, Zone.HEADLINE, Zone.CAPTION) and row.words > 3:
            if row.low in seen:
                row.zone = Zone.MENU
            seen.add(row.low)


# Lists


def _fill_lists(rows: Sequence[_Row]) -> None:
    """Give the lines under the head of a list its zone."""
    zone: Zone | None = None
    count = 0
    for place, row in enumerate(rows):
        if (zone in _LISTS and row.zone in _OF_AN_ITEM and not row.heads) or (
            zone is Zone.TICKER
            and _is_clock(row)
            and any(map(_is_clock, rows[place + 1 : place + 4]))
        ):
            row.zone = zone
        elif row.zone is not None:
            ended = zone
            zone, count = (row.zone if row.heads else None), 0
            if ended is Zone.TICKER and row.zone in (Zone.BYLINE, Zone.PUBLISHED, Zone.SOURCE):
                _free_headline(rows, place)
        elif zone is not None:
            if _leaves(zone, row, count):
                zone = None
            else:
                row.zone = zone
                count += 1


def _is_clock(row: _Row) -> bool:
    """Whether a line gives the hour of an item of a ticker."""
    return row.zone is Zone.PUBLISHED and len(row.text) <= 20 and not _YEAR.search(row.text)


def _leaves(zone: Zone, row: _Row, count: int) -> bool:
    """Whether a line can no longer belong to a list."""
    if count >= _LONGEST.get(zone, _LONGEST_LIST):
        return True
    if zone is Zone.TICKER:
        return row.is_paragraph
    return row.prose or (zone is Zone.TAGS and row.words > 5)


def _free_headline(rows: Sequence[_Row], place: int) -> None:
    """Take the headline out of the ticker that runs into it, if it is what is told below."""
    told = _stems(row.text for row in rows[place:] if row.zone is None and row.prose)
    for row in reversed(rows[max(place - 2, 0) : place]):
        if row.zone is Zone.TICKER and row.is_title and _overlap(row, told) >= 0.5:
            row.zone = None
            return


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word[:5] for text in texts for word in _STEM.findall(text.lower()))


def _overlap(row: _Row, told: frozenset[str]) -> float:
    """Return the share of a line's longer words that others have too."""
    own = _stems([row.text])
    return len(own & told) / len(own) if own else 0.0


def _sort_last_bullets(rows: Sequence[_Row]) -> None:
    """Tell the titles of other stories that close a page without a word before them."""
    run = 0
    while run < len(rows) and _is_bare_title(rows[-1 - run]):
        run += 1
    if 2 <= run < len(rows):
        for row in rows[-run:]:
            row.zone = Zone.RELATED


def _is_bare_title(row: _Row) -> bool:
    """Whether a line is a bullet that gives no figure and no fact by name."""
    return (
        row.zone is None
        and not row.told
        and row.words >= 4
        and _BULLET.match(row.text) is not None
        and not is_closed(row.text)
        and not row.is_record
        and not any(map(str.isdigit, row.text[2:]))
    )


# The head of the article


def _sort_head(rows: Sequence[_Row], start: int, *, furnished: bool) -> None:
    """Find the headline, and say what stands around it before the first paragraph."""
    end = _head_end(rows, start)
    head = [row for row in rows[start:end] if row.zone is None]
    headline = _headline(head, rows[end:], furnished=furnished)
    if headline is not None:
        headline.zone = Zone.HEADLINE
    below = headline is None
    for row in head:
        if row is headline:
            below = True
        elif row.is_record:
            continue
        elif row.prose:
            row.zone = Zone.DEK
        else:
            row.zone = _beside_headline(row, below=below, furnished=furnished)


def _head_end(rows: Sequence[_Row], start: int) -> int:
    """Return the row of the first paragraph; a sentence before the byline is the dek."""
    prose = [place for place in range(start, len(rows)) if _free(rows[place])]
    if not prose:
        return start
    if len(prose) > 1 and prose[0] > start and not rows[prose[0]].is_paragraph:
        between = rows[prose[0] + 1 : prose[1]]
        if any(row.zone in _OF_THE_HEAD for row in between[:3]):
            return prose[1]
    return prose[0]


def _free(row: _Row) -> bool:
    return row.zone is None and row.prose


def _headline(head: Sequence[_Row], rest: Sequence[_Row], *, furnished: bool) -> _Row | None:
    """Return the line in the place of the title that the article is about."""
    titles = [row for row in head if row.is_title]
    if not titles:
        return None
    told = _stems(row.text for row in rest if _free(row))
    scores = [_score(row, told) for row in titles]
    best = max(range(len(titles)), key=lambda place: (scores[place], -place))
    if scores[best] >= 0.2 or (not furnished and titles[best] is head[0]):
        return titles[best]
    return None


def _score(row: _Row, told: frozenset[str]) -> float:
    """Say how like a headline a line is: what follows is about it, and it bears no date."""
    return _overlap(row, told) + 0.3 * (row.copies > 1) - 0.5 * bool(_YEAR.search(row.text))


def _beside_headline(row: _Row, *, below: bool, furnished: bool) -> Zone | None:
    """Return what a scrap before the first paragraph is; the classifier sees to longer ones."""
    if row.words <= 3:
        return Zone.SECTION if furnished else None
    if below and row.is_title and furnished and not _BULLET.match(row.text):
        return Zone.CAPTION
    return None


# What is left


def _sort_rest(rows: Sequence[_Row]) -> None:
    """Ask the classifier about the lines that no cue told.

    Only where the page shows furniture: what stands on a page without is what somebody wanted
    to be read.
    """
    doubtful = [
        place for place, row in enumerate(rows) if row.zone is None and not row.is_paragraph
    ]
    if not doubtful:
        return
    _sort_tail(rows)
    chances = weights().chances([Look.from_line(row.text, again=row.copies > 1) for row in rows])
    told = [place for place, row in enumerate(rows) if _free(row)]
    first, last = (told[0], told[-1]) if told else (0, len(rows))
    for place in doubtful:
        if rows[place].zone is None and chances[place] < _bound(
            rows[place], inside=first < place < last
        ):
            rows[place].zone = _outside(rows[place], place, first, last)


def _sort_tail(rows: Sequence[_Row]) -> None:
    """Tell the tags and the imprint that stand after the article and its lists."""
    last = max((place for place, row in enumerate(rows) if _free(row)), default=0)
    listed = any(row.zone in _LISTS for row in rows[:last])
    above, below = rows[last - 1 : last], rows[last + 1 : last + 2]
    if (
        listed
        and above
        and above[0].zone in _OF_THE_TAIL
        and below
        and below[0].zone is Zone.FOOTER
    ):
        rows[last].zone = Zone.FOOTER
        last = max((place for place, row in enumerate(rows) if _free(row)), default=0)
    tags = [row for row in rows[last + 1 :] if row.zone is None and _is_tag(row)]
    if len(tags) >= 3:
        for row in tags:
            row.zone = Zone.TAGS


def _is_tag(row: _Row) -> bool:
    return row.words <= 5 and _BULLET.match(row.text) is not None and not is_closed(row.text)


def _bound(row: _Row, *, inside: bool) -> float:
    """Return the chance below which a line is not of the body."""
    if row.prose or row.is_record or (is_closed(row.text) and row.words > 4):
        return _DOUBT_OF_SENTENCE
    if inside and row.words <= _SUBHEAD:
        return 0
    return _DOUBT_OF_TITLE if inside and row.words <= 2 * _SUBHEAD else _DOUBT


def _put_outside(rows: Sequence[_Row]) -> None:
    """Keep what the markup does not count to the article out of it."""
    told = [place for place, row in enumerate(rows) if row.told]
    first, last = (told[0], told[-1]) if told else (0, len(rows))
    for place, row in enumerate(rows):
        if row.zone is None and not row.told:
            row.zone = _outside(row, place, first, last)


def _outside(row: _Row, place: int, first: int, last: int) -> Zone:
    """Return what a line is that is not of the body."""
    if place < first:
        return Zone.MENU
    return Zone.RELATED if place > last and row.is_title else Zone.FOOTER


def is_of_another_day(caption: str) -> bool:
    """Whether a caption says that its picture is from an archive."""
    return not zone_cues.cues().archive.isdisjoint(_TOKEN.findall(caption.lower()))


def says_today(line: str) -> bool:
    """Whether a line gives its time by the day on which it is read: "Today 11:40"."""
    return not zone_cues.cues().relative.isdisjoint(_TOKEN.findall(line.lower()))
