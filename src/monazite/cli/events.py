"""Commands on the events of the store: list, show, accept, edit, reject, search."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import DEFAULT_STORE, AsJson, Store
from monazite.cli.shown import plain, sizes, store_name, what, when, who
from monazite.cli.terminal import card, code, number, percent, print_json, say, table, words
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite import study as study_module
    from monazite.desk.store import PageHead, Review, StoredEvent, StoredLink

Number = Annotated[int, typer.Argument(metavar="ID", help="A number out of `events list`.")]
Numbers = Annotated[
    list[int], typer.Argument(metavar="ID...", help="Numbers out of `events list`.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.", show_default=False)]
MOST_LISTED = 50
"""Events that a list shows unless it is asked for more."""


def _several(metavar: str, about: str) -> typer.models.OptionInfo:
    """Return an option that may be repeated."""
    option: typer.models.OptionInfo = typer.Option(
        metavar=metavar, help=f"{about} May be repeated."
    )
    return option


def list_events(
    state: Annotated[
        list[str] | None, _several("STATE", "unreviewed, accepted, edited or rejected.")
    ] = None,
    commodity: Annotated[list[str] | None, _several("NAME", "About this good.")] = None,
    instrument: Annotated[
        list[str] | None, _several("CODE", "Of this kind, such as export_licence.")
    ] = None,
    actor: Annotated[
        list[str] | None,
        _several("NAME", "By this state or group (name or code) or company, as pages name it."),
    ] = None,
    role: Annotated[
        list[str] | None, _several("ROLE", "main, secondary, background or lead.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="From this year, month or day.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Up to this year, month or day.")
    ] = None,
    least: Annotated[
        float, typer.Option("--least-sure", metavar="SHARE", help="From this confidence, 0 to 1.")
    ] = 0.0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = MOST_LISTED,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """List events of the store, the newest first, and what people have said about them.

    For example:

        monazite events list
        monazite events list --state unreviewed --role main --least-sure 0.5
        monazite events list --actor China --commodity dysprosium --since 2025-04
        monazite events list --json --limit 1000 > events.json
    """
    from monazite import study

    choice = study.EventChoice(
        states=state or (), commodities=commodity or (), instruments=instrument or (),
        actors=actor or (), roles=role or (), since=since, until=until, least=least,
        limit=limit + 1,
    )  # fmt: skip
    found = study.events(store, choice)
    if as_json:
        print_json([study.stored_data(stored) for stored in found[:limit]])
        return
    if not found:
        say(f"No such event in {store_name(store)}.")
        return
    more = "More events than these: --limit shows them." if len(found) > limit else ""
    _show_list(f"Events in {store_name(store)}", found[:limit], more)


def show(number: Number, store: Store = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """Show an event: its words in their sentences, what was said about it, what it is linked to.

    Counts as one reading of its page, for the list of most read pages on the site; who reads is
    not asked.

    For example:

        monazite events show 12
        monazite events show 12 --json
    """
    from monazite import study

    found = study.event(store, number)
    if as_json:
        print_json(found.as_dict())
    else:
        _show_file(found)


def accept(
    numbers: Numbers, by: By, note: Note = "", store: Store = DEFAULT_STORE, as_json: AsJson = False
) -> None:
    """Stand for events as they are: briefings and the site no longer call them unreviewed.

    For example:

        monazite events accept 12 14 --by "A. Reader"
        monazite events accept 12 --by "A. Reader" --note "checked with the ministry's notice"
    """
    from monazite import study

    _say_done("Accepted", study.accept(store, numbers, by=by, note=note), as_json=as_json)


def reject(
    numbers: Numbers, by: By, note: Note = "", store: Store = DEFAULT_STORE, as_json: AsJson = False
) -> None:
    """Strike events out: they stay in the store, and briefings and the site leave them out.

    For example:

        monazite events reject 13 --by "A. Reader" --note "told of another country"
    """
    from monazite import study

    _say_done("Rejected", study.reject(store, numbers, by=by, note=note), as_json=as_json)


def edit(
    number: Number,
    by: By,
    change: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="The field's new value. May be repeated."
        ),
    ],
    note: Note = "",
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Change fields of an event, and so stand for it; what was read first stays in the store.

    Lists are parted by commas (names with commas: as JSON), sizes by semicolons, each VALUE UNIT
    WHAT. Nothing after the = empties a field. Fields are those that `events show --json` has under
    event, but id, codes and evidence.

    For example:

        monazite events edit 12 --set target=Japan,USA --by "A. Reader"
        monazite events edit 12 --set status=in_force --set effective=2025-04-04 --by "A. Reader"
        monazite events edit 12 --set "magnitude=25 % tariff; 300 t" --set end= --by "A. Reader"
    """
    from monazite import study

    changes = dict(map(_change, change))
    _say_done("Edited", [study.edit(store, number, changes, by=by, note=note)], as_json=as_json)


def search(
    query: Annotated[
        list[str],
        typer.Argument(metavar="WORDS...", help="Words that all stand in a page, in any language."),
    ],
    limit: Annotated[int, typer.Option(min=1, help="At most so many pages.")] = 20,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Search the pages of the store, and show the events that they tell.

    For example:

        monazite events search dysprosium licences
        monazite events search '"rare earths" quota' --json
    """
    from monazite import study

    found = study.search(store, " ".join(query), limit=limit)
    if as_json:
        print_json([page.as_dict() for page in found])
        return
    if not found:
        say(f"No page in {store_name(store)} has all of these words.")
    for page in found:
        card(
            _title(page.hit.page),
            plain(page.snippet),
            *(_line(stored) for stored in sorted(page.events, key=lambda one: one.id)),
        )


def _change(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign:
        raise InputError(
            f"'{word}' does not set a field",
            where="--set",
            way_out="write FIELD=VALUE, such as status=in_force",
        )
    return name.strip(), value


def _say_done(done: str, found: "Sequence[StoredEvent]", *, as_json: bool) -> None:
    from monazite import study

    if as_json:
        print_json([study.stored_data(stored) for stored in found])
        return
    for stored in sorted(found, key=lambda one: one.id):
        say(f"{done}: {_line(stored)}")


# -- for people ----------------------------------------------------------------------------------


def _title(head: "PageHead") -> str:
    day = head.published.value if head.published else "no date"
    parts = [plain(head.headline or head.record), f"({', '.join(filter(None, (head.site, day)))})"]
    return f"Page {head.id}: {plain(' '.join(parts))}"


def _line(stored: "StoredEvent") -> str:
    """Say in a line what an event is."""
    event = stored.event
    parts = (
        who(event), what(event), plain(", ".join(event.commodities)),
        event.status.replace("_", " "), stored.day or "", stored.state,
    )  # fmt: skip
    return f"{stored.id}. {'; '.join(part for part in parts if part)}"


def _show_list(title: str, found: "Iterable[StoredEvent]", caption: str) -> None:
    table(
        title,
        [
            number("id"), code("day"), code("state"), code("role"), words("what"),
            words("status"), words("who"), words("goods"), number("sure"),
        ],
        [
            [
                str(stored.id), stored.day or "", stored.state, stored.event.role,
                what(stored.event), stored.event.status.replace("_", " "), who(stored.event),
                plain(", ".join(stored.event.commodities)), percent(stored.event.confidence),
            ]
            for stored in found
        ],
        caption,
    )  # fmt: skip


def _show_file(found: "study_module.EventFile") -> None:
    stored, event = found.stored, found.stored.event
    card(
        _line(stored),
        "; ".join(filter(None, (event.role, when(event), sizes(event), _sure(found)))),
        f"At {plain(event.place)}." if event.place else "",
        _title(stored.page),
        plain(stored.page.url),
    )
    _show_part("Rests on", [_quoted(proof) for proof in found.proofs])
    _show_part("Said about it", [_said(review) for review in found.reviews])
    _show_part("Linked with", [_linked(link, found) for link in found.links])


def _sure(found: "study_module.EventFile") -> str:
    return f"{percent(found.stored.event.confidence)} sure"


def _show_part(title: str, lines: Sequence[str]) -> None:
    if lines:
        say()
        card(title, *lines)


def _quoted(proof: "study_module.review.Proof") -> str:
    """Return the words under a field, marked in their sentence."""
    words_ = proof.evidence
    if (proof.start, proof.end) == (words_.start, words_.end):
        return f"{words_.field}: “{plain(words_.text)}”"
    before = proof.sentence[: words_.start - proof.start]
    after = proof.sentence[words_.end - proof.start :]
    return f"{words_.field}: “{plain(f'{before}«{words_.text}»{after}')}”"


def _said(review: "Review") -> str:
    changed = f" {review.field}: {review.was} → {review.became}" if review.field else ""
    note = f" ({review.note})" if review.note else ""
    return plain(f"{review.at:%Y-%m-%d %H:%M} {review.who}: {review.verdict}{changed}{note}")


def _linked(link: "StoredLink", found: "study_module.EventFile") -> str:
    """Say what the event is to another, or another to it."""
    is_mine = link.event == found.stored.id
    other = found.others[link.other if is_mine else link.event]
    differs = f" (they differ in {', '.join(link.differs)})" if link.differs else ""
    told = f"{link.kind} {_line(other)}" if is_mine else f"{_line(other)} {link.kind} this one"
    return f"{told}{differs}"
