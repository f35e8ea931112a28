"""What a database can hold as text."""

from monazite.errors import InputError


def check(where: str, *texts: str) -> None:
    """Refuse text that not every database can hold.

    Raises
    ------
    InputError
        If it has a null character or half of a surrogate pair.
    """
    for text in texts:
        if "\0" in text or not _is_unicode(text):
            raise InputError(
                "the text has characters that are none", where=where, way_out="read it as UTF-8"
            )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
