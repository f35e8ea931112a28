"""Throw hostile bytes at everything of the desk that reads, and see what comes out.

    python scripts/fuzz_desk.py --seconds 600              all doors, by luck
    python scripts/fuzz_desk.py --seconds 600 --guided     led by what the bytes reach (atheris)
    python scripts/fuzz_desk.py --doors html dates         some doors only
    python scripts/fuzz_desk.py --again build/fuzz/FILE    one finding once more, with its trace

A door is a way in. Only a `MonaziteError` may come out of one; spans lie inside the text and hold
its words; 100 kB take two seconds at most; a briefing holds nothing of a page that could run.
What is found is written to build/fuzz, one file for each kind, and the exit status is 1.

Atheris is no dependency, since it has no build for every system: python -m pip install atheris.
Without it inputs are made by luck from the same seeds: the corpus, the example pages and
hostile_words.json.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from monazite.briefing.content import BriefingData
    from monazite.desk.schema import Event, Page
    from monazite.study import Reading

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "fuzz"
SEED_FOLDERS = ("examples/pages", "tests/desk/pages", "tests/desk/feeds")
SECONDS_A_CALL = 2.0
"""CPU seconds that a call may take for each 100 kB, or part of them."""
SECONDS_A_BRIEFING = 20.0
LONGEST = 100_000
"""Bytes of an input, at most."""
SAMPLE = 10
"""Pages or sentences from each file of the corpus."""
BEGUN = 600
"""Inputs that a guided run begins with."""
AT_HOME = 0.6
"""Share of a door's inputs that begin as a seed made for it, where there is one."""
_HOME = {
    ".csv": "table", ".rss": "file", ".atom": "file", ".xml": "file", ".html": "html",
    ".txt": "draft",
}  # fmt: skip
PUBLISHED = (None, "2025-06-01", "2025-06", "2025", "0001-01-01", "9999-12-31", "2024-02-29")
SPOKEN = (None, "en", "es", "fr", "ar", "ja", "zh", "xx", "")
ADDRESSES = (
    "",
    "https://www.example.com/china-bans-gallium",
    "https://a.example.au/",
    "no address",
)
CHAIN = "rare-earths-2024"
LANGUAGES = ("en", "es", "ar", "ja")
ON = date(2026, 1, 1)


class FoundError(AssertionError):
    """A promise that the desk did not keep."""


def expect(kept: bool, said: str, *shown: object) -> None:
    """Raise unless a promise was kept."""
    if not kept:
        raise FoundError(f"{said}: {', '.join(ascii(one)[:200] for one in shown)}")


# --- what must hold --------------------------------------------------------------------------


def check_page(page: "Page") -> None:
    """Lines stand in the text, one after the other; the page can be written and read again."""
    from monazite.desk.schema import Page

    free = 0
    for line in page.lines:
        expect(free <= line.start < line.end <= len(page.text), "a line is out of place", line)
        free = line.end
    expect(Page.model_validate_json(page.model_dump_json()) == page, "the page changed in JSON")


def check_events(page: "Page", events: "Sequence[Event]") -> None:
    """Evidence holds words of the page's own story; days are days."""
    from monazite.desk.schema import TOLD

    for event in events:
        for span in event.evidence:
            expect(page.text[span.start : span.end] == span.text, "not these words", span)
            expect(0 <= span.start < span.end, "an empty span", span)
            expect(span.zone in TOLD, "evidence that is not of the story", span)
            at_home = any(
                line.zone is span.zone and line.start <= span.start and span.end <= line.end
                for line in page.lines
            )
            expect(at_home, "evidence in no line of its zone", span)
        for day in (event.date, event.effective, event.end):
            check_day(day)


def check_day(value: str | None) -> None:
    """See that a calendar has a year, month or day."""
    if value is not None:
        try:
            date.fromisoformat((value + "-01-01")[:10])
        except ValueError as fault:
            raise FoundError(f"no calendar has {value!r}") from fault


def check_spans(text: str, found: Sequence[Any]) -> None:
    """Places lie inside the text."""
    for one in found:
        expect(0 <= one.start < one.end <= len(text), "a place outside the text", one)


# --- doors -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Options:
    """What is said beside a page, chosen by one byte of the input."""

    published: str | None
    language: str | None
    url: str

    @classmethod
    def from_byte(cls, byte: int) -> "Options":
        """Choose."""
        return cls(
            PUBLISHED[byte % len(PUBLISHED)], SPOKEN[byte % len(SPOKEN)],
            ADDRESSES[byte % len(ADDRESSES)],
        )  # fmt: skip


Door = Callable[[bytes, Options], None]


def as_text(raw: bytes) -> str:
    """Return bytes as text; what is no UTF-8 becomes halves of characters."""
    return raw.decode("utf-8", "surrogateescape")


def _told(page: "Page") -> "Reading":
    from monazite.desk.recognise import recognise
    from monazite.study import Reading

    check_page(page)
    events = recognise(page)
    check_events(page, events)
    return Reading(page, events)


def _reading(text: str, said: Options) -> "Reading":
    from monazite.desk.page import from_text

    return _told(
        from_text(text, id="p", url=said.url, published=said.published, language=said.language)
    )


def html(raw: bytes, said: Options) -> None:
    """Open a saved page."""
    from monazite.desk.page import from_html

    _told(from_html(raw, id="p", url=said.url, published=said.published, language=said.language))


def text(raw: bytes, said: Options) -> None:
    """Open a page in text."""
    _reading(as_text(raw), said)


def given(raw: bytes, said: Options) -> None:
    """Open a page about which somebody says odd things."""
    day, _, rest = as_text(raw).partition("\n")
    url, _, spoken = rest.partition("\n")
    words = "China banned exports of gallium to the United States on Monday, from Dec. 1."
    _reading(words, Options(day, spoken, url))


def file(raw: bytes, said: Options) -> None:
    """Open a file of any kind: a feed, an archive, records, a page."""
    from monazite.desk.feeds import read_items
    from monazite.errors import InputError

    refused: list[InputError] = []
    for item in read_items(_kept(raw, "f.warc.gz"), refuse=refused.append):
        if item.is_whole:
            try:
                check_page(item.page())
            except InputError as fault:
                refused.append(fault)
    for fault in refused:
        fault.line().encode()


def table(raw: bytes, said: Options) -> None:
    """Open a table of measures."""
    from monazite.desk.measures_table import read_measures
    from monazite.errors import InputError

    refused: list[InputError] = []
    for row in read_measures(_kept(raw, "f.csv"), on=ON, refuse=refused.append).rows:
        check_page(row.page)
        for span in row.event.evidence:
            expect(row.page.text[span.start : span.end] == span.text, "not these words", span)


def names(raw: bytes, said: Options) -> None:
    """Look for names."""
    from monazite.desk import cues, gazetteer

    words = as_text(raw)
    small = gazetteer.folded(words)
    expect(len(small) == len(words), "folding moved a place", words[:80])
    check_spans(words, gazetteer.find(words))
    check_spans(words, cues.find(small, said.language or "en"))


def dates(raw: bytes, said: Options) -> None:
    """Look for dates."""
    from monazite.desk.dates import find_dates, read_date

    words, day = as_text(raw), read_date(said.published or "")
    found = find_dates(words, published=day, language=said.language or "en")
    check_spans(words, found)
    for one in found:
        check_day(one.value)
    single = read_date(words, language=said.language or "en")
    check_day(single.value if single else None)


def sizes(raw: bytes, said: Options) -> None:
    """Look for sizes."""
    from monazite.desk.quantities import currency_of, find_quantities

    words = as_text(raw)
    currency = currency_of(said.url)
    found = find_quantities(words, currency=currency, language=said.language or "en")
    check_spans(words, found)
    for one in found:
        expect(abs(one.value) < float("inf"), "no number", one)


def draft(raw: bytes, said: Options) -> None:
    """Make a scenario from what a page tells, and say it in every language."""
    from monazite import study
    from monazite.briefing import wording
    from monazite.scenario import lower

    reading = _reading(as_text(raw), said)
    for event in reading.events:
        for language in LANGUAGES:
            telling = wording.tell(event, language)
            for statement in telling.statements:
                statement.text.encode()
    found = study.draft([reading], chain=CHAIN, include_unreal=True)
    lower(found.scenario, study.chain(CHAIN))
    expect(found.scenario.to_toml().encode() != b"", "a scenario without a word")


def brief(raw: bytes, said: Options) -> None:
    """Write the briefing on a page; what it tells is laid beside a run that has been made."""
    from monazite import study
    from monazite.briefing.render import render

    reading = _reading(as_text(raw), said)
    found = study.draft([reading], chain=CHAIN, include_unreal=True)
    language = LANGUAGES[len(raw) % len(LANGUAGES)]
    data = replace(_briefing(), reading=found)
    render(data, "md", language).encode()
    nothing_runs(render(data, "html", language))


DOORS: dict[str, Door] = {
    door.__name__: door
    for door in (html, text, given, file, table, names, dates, sizes, draft, brief)
}
"""Every way in, by its name."""
TURNS = {
    "html": 16, "text": 24, "given": 4, "file": 16, "table": 16, "names": 16, "dates": 24,
    "sizes": 24, "draft": 16, "brief": 1,
}  # fmt: skip
"""How many turns a door has beside the others: slow ones have few."""


@cache
def _folder() -> Path:
    shared = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=shared if shared.is_dir() else None))


def _kept(raw: bytes, name: str) -> Path:
    path = _folder() / name
    path.write_bytes(raw)
    return path


@cache
def _briefing() -> "BriefingData":
    """Make one run; its pictures do not depend on what was read and are drawn once a language."""
    from monazite import study
    from monazite.briefing import render
    from monazite.briefing.compose import compose

    run = study.stress("china-2025-licences")
    data = compose(
        run.scenario, run.trajectory, (), manifest=run.manifest.as_dict(), threshold=run.threshold
    )
    draw, drawn = render._pictures, {}
    render._pictures = lambda data, write: drawn.setdefault(write.language.code, draw(data, write))
    return data


def nothing_runs(page: str) -> None:
    """Only the scripts of the templates; no handler, no address but of the web, no bidi mark."""
    from lxml import html as markup

    tree = markup.document_fromstring(page)
    expect(len(tree.findall(".//script")) == 2, "a script too many")
    for element in tree.iter():
        for name, value in element.attrib.items():
            expect(not name.startswith("on"), "a handler", name, value)
            if name in ("href", "src", "action", "formaction"):
                known = value.startswith(("#", "https://", "http://", "data:image/", "mailto:"))
                expect(known, "an address", name, value)
    marks = set(page) & set("\x00\u202a\u202b\u202d\u202e\u202c")
    expect(not marks, "marks that turn the page's direction", *marks)


# --- one input -------------------------------------------------------------------------------


@dataclass
class Desk:
    """What was tried and found. An input's first byte chooses the door, its second the options.

    ``turns`` : names of doors, one for each turn.
    """

    turns: tuple[str, ...]
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    found: dict[str, Path] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)

    def take(self, data: bytes) -> None:
        """Try one input; what it finds is kept and told."""
        from monazite.errors import MonaziteError

        if len(data) < 2:
            return
        name = self.turns[data[0] % len(self.turns)]
        raw = data[2:LONGEST]
        self.tried[name] += 1
        start = time.process_time()
        try:
            DOORS[name](raw, Options.from_byte(data[1]))
        except MonaziteError as fault:
            self.refused[name] += 1
            fault.line()
        except Exception as fault:
            self._keep(name, _place(fault), data, fault)
        spent = time.process_time() - start
        self.slowest[name] = max(spent, self.slowest.get(name, 0.0))
        most = SECONDS_A_BRIEFING if name == "brief" else SECONDS_A_CALL
        # the first call of a door reads tables
        if spent > most * max(1.0, len(raw) / 1e5) and self.tried[name] > 3:
            self._keep(name, "slow", data, TimeoutError(f"{spent:.1f} s for {len(raw)} bytes"))

    def _keep(self, door: str, place: str, data: bytes, fault: Exception) -> None:
        kind = f"{door}-{type(fault).__name__}-{place}"
        if kind in self.found:
            return
        OUT.mkdir(parents=True, exist_ok=True)
        mark = hashlib.sha256(data).hexdigest()[:8]
        self.found[kind] = OUT / f"{kind}-{mark}"
        self.found[kind].write_bytes(bytes([list(DOORS).index(door)]) + data[1:])
        print(f"FOUND {kind}: {ascii(str(fault))[:300]}\n  {self.found[kind]}", flush=True)

    def tell(self) -> str:
        """Say what was done."""
        rows = [
            f"{name}: {self.tried[name]:,} inputs, {self.refused[name]:,} refused, "
            f"slowest {self.slowest.get(name, 0.0):.2f} s"
            for name in dict.fromkeys(self.turns)
        ]
        return "\n".join([*rows, f"{sum(self.tried.values()):,} inputs, {len(self.found)} found"])


def _place(fault: Exception) -> str:
    """Return the innermost place of our own in a trace."""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [f for f in frames if "monazite" in f.filename or f.name.startswith("check")]
    if not ours:
        return "unknown"
    return f"{Path(ours[-1].filename).stem}.{ours[-1].name.strip('<>')}"


# --- inputs ----------------------------------------------------------------------------------


@cache
def hostile() -> tuple[bytes, ...]:
    """Return what is spliced into pages: strings, and strings that are repeated."""
    listed = json.loads((Path(__file__).parent / "hostile_words.json").read_text(encoding="utf-8"))
    return tuple(
        (one if isinstance(one, str) else one[0] * one[1]).encode("utf-8", "surrogatepass")
        for one in listed
    )


class Seed(NamedTuple):
    """Where inputs begin. ``door`` : the one that it is made for; empty for any."""

    raw: bytes
    door: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Chooses doors, options and seeds. ``turns`` : names of doors, one for each turn."""

    luck: random.Random
    turns: tuple[str, ...]
    seeds: tuple[Seed, ...]

    def begin(self) -> bytes:
        """Return a seed with a door and options; often one that is made for the door."""
        turn = self.luck.randrange(len(self.turns))
        own = [seed for seed in self.seeds if seed.door == self.turns[turn]]
        is_own = bool(own) and self.luck.random() < AT_HOME
        seed = self.luck.choice(own if is_own else self.seeds)
        return bytes([turn, self.luck.randrange(256)]) + seed.raw


def seeds(luck: random.Random) -> list[Seed]:
    """Return pages, feeds, tables, things said about a page, and hostile strings."""
    found = [Seed(one) for one in hostile()]
    for folder in SEED_FOLDERS:
        for path in sorted((ROOT / folder).iterdir()):
            found.append(Seed(path.read_bytes(), _HOME.get(path.suffix, "")))
    said = [f"{day}\n{url}\n{one}" for day in PUBLISHED for url in ADDRESSES[:3] for one in SPOKEN]
    found += [Seed(one.encode(), "given") for one in luck.sample(said, 10)]
    texts = [
        json.loads(line)["text"].encode()
        for name in ("pages", "sentences")
        for path in sorted((ROOT / "corpus").glob(f"{name}-*.jsonl"))
        for line in luck.sample(path.read_text(encoding="utf-8").splitlines(), SAMPLE)
    ]
    return found + [Seed(one) for one in texts]


def mutated(raw: bytes, luck: random.Random, others: Sequence[Seed]) -> bytes:
    """Change an input: hostile words put in, parts taken out, doubled, swapped, bytes changed."""
    for _ in range(luck.choice((1, 1, 2, 3, 5, 8))):
        start = luck.randrange(len(raw) + 1)
        end = min(len(raw), start + luck.choice((0, 1, 2, 5, 20, 100, 1000)))
        way = luck.randrange(8)
        if way <= 2:
            raw = raw[:start] + luck.choice(hostile()) + raw[end:]
        elif way == 3:
            raw = raw[:start] + raw[end:]
        elif way == 4:
            raw = raw[:end] + raw[start:end] * luck.choice((1, 2, 10)) + raw[end:]
        elif way == 5:
            other = luck.choice(others).raw
            at = luck.randrange(len(other) + 1)
            raw = raw[:start] + other[at : at + luck.choice((3, 30, 300, 3000))] + raw[end:]
        elif way == 6:
            raw = raw[:start] + luck.randbytes(luck.choice((1, 1, 2, 8))) + raw[start + 1 :]
        else:
            words = raw[:LONGEST].split(b" ")
            luck.shuffle(words)
            raw = b" ".join(words)
    return raw[:LONGEST]


def by_luck(desk: Desk, seconds: float, choice: Choice) -> None:
    """Try seeds and their changes until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = choice.begin()
        desk.take(begun)
        desk.take(begun[:2] + mutated(begun[2:], choice.luck, choice.seeds))
        desk.take(begun[:2] + mutated(begun[2:], choice.luck, choice.seeds))


def guided(desk: Desk, seconds: float, choice: Choice, atheris: ModuleType) -> None:
    """Let atheris choose: inputs that reach new code are kept and changed further."""
    folder = _folder() / "seeds"
    folder.mkdir()
    for number in range(BEGUN):
        (folder / str(number)).write_bytes(choice.begin())
    end = time.monotonic() + seconds

    def take(data: bytes) -> None:
        if time.monotonic() > end:
            print(desk.tell(), flush=True)
            shutil.rmtree(_folder())
            os._exit(bool(desk.found))  # atheris itself never gives back
        desk.take(data)

    def change(data: bytes, most: int, seed: int) -> bytes:
        own = random.Random(seed)
        if own.random() < 0.4 or len(data) < 2:
            return bytes(atheris.Mutate(data, most))
        return (data[:2] + mutated(data[2:], own, choice.seeds))[:most]

    # a finding does not end the run: `take` keeps it and goes on
    limits = [
        f"-max_len={LONGEST}",
        "-timeout=120",
        "-rss_limit_mb=3000",
        f"-seed={choice.luck.randrange(2**31)}",
    ]
    atheris.Setup([sys.argv[0], *limits, str(folder)], take, custom_mutator=change)
    atheris.Fuzz()


def _atheris() -> ModuleType:
    try:
        import atheris
    except ImportError:
        sys.exit("--guided needs atheris: python -m pip install atheris; or leave the option out")
    return atheris


def main() -> None:
    """Try until the time is up; tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long")
    parser.add_argument("--doors", nargs="*", choices=DOORS, default=list(DOORS), metavar="DOOR")
    parser.add_argument("--guided", action="store_true", help="with atheris")
    parser.add_argument("--seed", type=int, default=1, help="of the luck")
    parser.add_argument("--again", type=Path, metavar="FILE", help="a finding once more")
    chosen = parser.parse_args()
    if chosen.again:
        data = chosen.again.read_bytes()
        list(DOORS.values())[data[0]](data[2:], Options.from_byte(data[1]))
        return
    luck = random.Random(chosen.seed)
    desk = Desk(tuple(name for name in chosen.doors for _ in range(TURNS[name])))
    atheris = _atheris() if chosen.guided else None
    watch = atheris.instrument_imports(include=["monazite.desk"]) if atheris else nullcontext()
    with watch:
        import monazite.desk.feeds
        import monazite.desk.measures_table
        import monazite.desk.recognise  # noqa: F401 - instrumented as they load
    choice = Choice(luck, desk.turns, tuple(seeds(luck)))
    if atheris:
        guided(desk, chosen.seconds, choice, atheris)
    by_luck(desk, chosen.seconds, choice)
    print(desk.tell())
    shutil.rmtree(_folder())
    sys.exit(bool(desk.found))


if __name__ == "__main__":
    main()
