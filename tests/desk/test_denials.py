"""What the desk claims of denials: a word that is denied names no act that is so."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monazite.desk import cues
from monazite.desk.gazetteer import folded
from monazite.desk.page import from_text, read
from monazite.desk.recognise import recognise
from monazite.desk.schema import Role

ROOT = Path(__file__).parents[2]

DENIED = [
    ("es", "La medida no prohíbe los envíos."),
    ("es", "El gobierno no ha prohibido las exportaciones de litio."),
    ("es", "No habrá ninguna prohibición de exportar."),
    ("fr", "Rien n'est interdit."),
    ("fr", "La mesure n'interdit pas l'exportation."),
    ("fr", "Il n'y a pas d'interdiction d'exporter."),
    ("ar", "ولا يحظر القرار التصدير"),
    ("ar", "لن يتم حظر الصادرات"),
    ("ja", "輸出を禁じるものではない。"),
    ("ja", "輸出は禁止していない。"),
]
TOLD = [
    ("es", "Indonesia prohíbe la exportación de níquel."),
    ("es", "Ya no se prohíbe exportar litio."),
    ("fr", "La Chine interdit l'exportation."),
    ("fr", "L'exportation n'est plus interdite."),
    ("ar", "حظرت الصين التصدير"),
    ("ar", "ولا تزال الصين تحظر التصدير"),
    ("es", "Nadie puede exportar litio sin licencia."),
    ("ja", "輸出を禁止する。"),
    ("ja", "輸出を禁止しなければならない。"),
]


def is_denied(language: str, text: str) -> bool:
    small = folded(text)
    return cues.is_denied(small, cues.find(small, language), language)


@pytest.mark.parametrize(("language", "text"), DENIED)
def test_a_denied_word_is_known_as_such(language: str, text: str) -> None:
    assert is_denied(language, text)


@pytest.mark.parametrize(("language", "text"), TOLD)
def test_what_is_so_or_is_no_longer_so_is_not_denied(language: str, text: str) -> None:
    assert not is_denied(language, text)


def test_what_a_measure_does_not_do_is_no_news_beside_what_it_does() -> None:
    found = recognise(read(ROOT / "examples" / "pages" / "licencias-tierras-raras.es.txt"))
    assert [e.instrument for e in found if e.role is Role.MAIN] == ["export_licence"]
    assert {e.status for e in found if e.instrument == "export_ban"} <= {"denied"}


def test_a_denial_that_stands_alone_is_the_news_and_is_denied() -> None:
    text = "Indonesia no prohibirá las exportaciones de níquel, dijo el lunes el ministro de minas."
    page = from_text(text, id="denial", published="2025-06-18", language="es")
    assert {e.status for e in recognise(page) if e.instrument == "export_ban"} == {"denied"}


_READ = """
from pathlib import Path
from scoring import read_records
from monazite.desk.page import from_text
from monazite.desk.recognise import recognise
for r in read_records(Path("corpus/pages-train-1.jsonl")):
    page = from_text(r["text"], id=r["id"], published=r["published"], language=r["lang"])
    print(*(event.model_dump_json() for event in recognise(page)))
"""


def test_what_is_read_does_not_depend_on_the_order_of_sets() -> None:
    def read_with(seed: str) -> str:
        path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "scripts")))
        known = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
        done = subprocess.run(
            [sys.executable, "-c", _READ], cwd=ROOT, env=known, capture_output=True, check=True
        )
        return hashlib.sha256(done.stdout).hexdigest()

    assert read_with("1") == read_with("2")
