"""A small chain and a scenario in an empty folder, to be spoilt one fault at a time."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
CITED = 'source = "assumed"\ngrade = "E"\nnote = "invented"\n'
HEADING = 'id = "mine"\ntitle = "Mine"\nstart = "2025-01"\nmonths = 12\n\n[[measures]]\n'
BINARY = bytes(range(256)) * 8


@dataclass(frozen=True)
class Desk:
    """Files that work, and an empty folder for what commands write."""

    folder: Path

    @classmethod
    def laid(cls, folder: Path) -> "Desk":
        """Copy the examples into a folder."""
        shutil.copytree(EXAMPLES / "two-regions", folder / "net")
        shutil.copy(EXAMPLES / "licences.toml", folder / "scenario.toml")
        (folder / "out").mkdir()
        return cls(folder)

    @property
    def net(self) -> Path:
        """The chain."""
        return self.folder / "net"

    @property
    def scenario(self) -> Path:
        """The scenario."""
        return self.folder / "scenario.toml"

    @property
    def out(self) -> Path:
        """Where commands write."""
        return self.folder / "out"

    def left(self) -> list[str]:
        """What commands have left there."""
        return sorted(path.name for path in self.out.rglob("*"))

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the text of a file; it must hold the old text."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        """Append to a file, or begin it."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def fill(self, name: str, content: bytes) -> None:
        """Put other content into a file."""
        (self.folder / name).write_bytes(content)

    def measure(self, text: str) -> None:
        """Write a scenario with one measure."""
        self.fill("scenario.toml", f"{HEADING}{text}{CITED}".encode())


Spoil = Callable[[Desk], None]


def spoil(*changes: tuple[str, str, str]) -> Spoil:
    """Return what makes these changes: file, old text, new text."""

    def change(desk: Desk) -> None:
        for name, old, new in changes:
            desk.edit(name, old, new)

    return change


def filled(name: str, content: bytes) -> Spoil:
    """Return what fills a file with something else."""
    return lambda desk: desk.fill(name, content)


def measure(text: str) -> Spoil:
    """Return what writes a scenario with one measure."""
    return lambda desk: desk.measure(text)


def gain_mass(desk: Desk) -> None:
    """Two plants that make more of a good out of each other's product."""
    desk.add("net/commodities.csv", "Dy-salt,dysprosium salt,separation,,t REO,example,E,made up\n")
    desk.add("net/prices.csv", "Dy-salt,*,200,USD/kg,2024,example,E,made up\n")
    for plant in ("there", "back"):
        row = f"{plant},CHN,separation,10,1,t/yr,,,,,2024,example,E,made up\n"
        desk.add("net/processes.csv", row)
    for plant, good, amount in (
        ("there", "Dy-oxide", -1), ("there", "Dy-salt", 1.2),
        ("back", "Dy-salt", -1), ("back", "Dy-oxide", 1),
    ):  # fmt: skip
        desk.add("net/recipes.csv", f"{plant},*,{good},{amount},t/t,example,E,made up\n")


def quota_without_route(desk: Desk) -> None:
    """A quota of the network on exports that nobody makes."""
    desk.fill(
        "net/quotas.csv", b"quota,commodity,origin,destination,limit,unit,source,grade,note\n"
    )
    desk.add("net/quotas.csv", "oxides,Dy-oxide,JPN,*,100,t/yr,example,E,made up\n")
