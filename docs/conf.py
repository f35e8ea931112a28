"""Documentation: Sphinx reads the pages, MyST makes them Markdown, the docstrings join in."""

import inspect
import logging as python_logging
import sys
from importlib.metadata import version as version_of
from pathlib import Path

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

sys.path.insert(0, str(Path(__file__).parent))

from generate import write_pages

# it greets whoever imports it
python_logging.getLogger("alembic").setLevel("WARNING")

project = "Monazite"
author = "The Monazite contributors"
project_copyright = author
version = release = version_of("monazite")

extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# One page for each module, made at every build: a new module documents itself.
apidoc_modules = [
    {
        "path": "../src/monazite",
        "destination": "reference/api",
        "separate_modules": True,
        "module_first": True,
        "automodule_options": {"members", "undoc-members", "show-inheritance"},
    }
]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# The type slot of our docstrings tells dimensions and units in words: nothing to link there.
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_ivar = True
napoleon_use_rtype = False

exclude_patterns = ["examples"]
suppress_warnings = ["ref.python"]  # words in an annotation that are fields of several classes
html_theme = "furo"
html_math_renderer = "mathml"
html_title = f"Monazite {release}"
html_show_sphinx = False


def skip_reexports(
    app: Sphinx, what: str, name: str, member: object, skip: bool, options: object
) -> bool | None:
    """Document each class and function in the module that defines it, and only there."""
    del name, skip, options
    home = getattr(member, "__module__", None)
    is_definition = inspect.isclass(member) or inspect.isfunction(member)
    here = app.env.current_document.autodoc_module
    return True if what == "module" and is_definition and home != here else None


def keep_plain(
    app: Sphinx, what: str, name: str, member: object, options: object, lines: list[str]
) -> None:
    """Keep the texts of fields and constants as they are: the program prints them too.

    Stars in patterns such as "Dy-*" are no markup, and words before a colon are no type (the
    empty comment in front keeps napoleon from thinking so).
    """
    del app, name, member, options
    if what in {"attribute", "data", "property"}:
        kept = [line if "`" in line else line.replace("*", r"\*") for line in lines]
        lines[:] = ["..", "", *kept]


def mathml(node: nodes.math | nodes.math_block) -> str:
    """Write an equation as MathML, which browsers draw without a network."""
    try:
        return tex2mathml(node.astext(), as_block=isinstance(node, nodes.math_block))
    except MathError as fault:
        logging.getLogger(__name__).warning("equation: %s", fault, location=node)
        return ""


def write_inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(mathml(node))
    raise nodes.SkipNode


def write_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="equation">{mathml(node)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    app.connect("builder-inited", lambda _: write_pages())
    app.connect("autodoc-skip-member", skip_reexports)
    app.connect("autodoc-process-docstring", keep_plain, priority=400)
