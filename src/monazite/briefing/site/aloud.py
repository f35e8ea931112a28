"""Sound files of articles, made by espeak-ng where it is installed."""

import shutil
import subprocess
from pathlib import Path

VOICES = {"en": "en", "es": "es", "ar": "ar"}
"""Voices by language; espeak-ng reads of Japanese the kana only, so it does not read it here."""
LONGEST = 60.0
"""Seconds after which making a file is given up."""


def speaker() -> str | None:
    """Return the program that speaks, if there is one."""
    return shutil.which("espeak-ng")


def speak(program: str, text: str, language: str, out: Path) -> bool:
    """Write a text as sound.

    Parameters
    ----------
    program : str
        From `speaker`.
    text : str
        What to say; goes to the program as input, never as an argument.
    language : str
        Language of the text.
    out : Path
        File to write.

    Returns
    -------
    bool
        Whether there is a file; no voice, a fault or too long a time leave none.
    """
    voice = VOICES.get(language)
    if voice is None:
        return False
    out.parent.mkdir(parents=True, exist_ok=True)
    command = [program, "-v", voice, "-w", str(out), "--stdin"]
    try:
        subprocess.run(
            command, input=text.encode(), timeout=LONGEST, check=True, capture_output=True
        )
    except (subprocess.SubprocessError, OSError):
        out.unlink(missing_ok=True)
        return False
    return out.is_file()
