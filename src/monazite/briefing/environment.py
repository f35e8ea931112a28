"""Where pages get their templates: one environment for briefings and the site."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from monazite.briefing.language import Language


@cache
def templates(
    language: Language, folder: str = "templates", *, escaped: bool = True
) -> Environment:
    """Return the templates of a folder with the messages of a language.

    Parameters
    ----------
    language : Language
        Whose messages the templates take.
    folder : str
        Below the package of the briefing.
    escaped : bool
        Whether what is filled in is escaped: always, but for Markdown.
    """
    environment = Environment(
        loader=PackageLoader("monazite.briefing", folder),
        extensions=["jinja2.ext.i18n"],
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # the method comes with the extension, which its stubs do not know
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True, pgettext=language.pgettext
    )
    return environment
