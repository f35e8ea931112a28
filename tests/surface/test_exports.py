"""The surface is small, strict and documented."""

import ast
import inspect
from collections.abc import Iterator

import pytest

from surface.package_surface import load, own_objects, public_modules, public_names, source_tree

MODULES = public_modules()


@pytest.mark.parametrize("name", MODULES)
def test_all_lists_exactly_the_public_names(name: str) -> None:
    module = load(name)
    is_package = hasattr(module, "__path__")
    if not is_package and not hasattr(module, "__all__"):
        return  # then every name without an underscore is public
    assert set(getattr(module, "__all__", ())) == public_names(module), (
        f"{name}: put every public name in __all__, or an underscore before it"
    )


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_has_a_docstring(name: str) -> None:
    module = load(name)
    bare = [name] if not inspect.getdoc(module) else []
    for title, thing in own_objects(module):
        if not thing.__doc__:
            bare.append(title)
        if inspect.isclass(thing):
            bare.extend(f"{title}.{method}" for method in _bare_methods(thing))
    assert bare == [], f"{name}: without docstring: {bare}"


def _bare_methods(thing: type) -> Iterator[str]:
    for name, member in vars(thing).items():
        raw = getattr(member, "__func__", getattr(member, "fget", member))
        if not name.startswith("_") and inspect.isfunction(raw) and not inspect.getdoc(raw):
            yield name


@pytest.mark.parametrize("name", MODULES)
def test_every_figure_of_a_public_class_is_explained(name: str) -> None:
    """A field that holds numbers is named in the docstring of its class, or has a text of its own.

    Meaning and unit belong there: conventions, rule 4.
    """
    classes = [node for node in source_tree(load(name)).body if isinstance(node, ast.ClassDef)]
    silent = [
        f"{node.name}.{field}"
        for node in classes
        if not node.name.startswith("_")
        for field in _unexplained_figures(node)
    ]
    assert silent == [], f"{name}: say what these mean and in which unit: {silent}"


def _unexplained_figures(node: ast.ClassDef) -> Iterator[str]:
    told = (ast.get_docstring(node) or "").casefold()
    for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field), annotation=kind, value=value):
                holds_figures = any(word in ast.unparse(kind) for word in ("float", "Array"))
                is_told = field in told or _is_text(following) or _has_description(value)
                if holds_figures and not field.startswith("_") and not is_told:
                    yield field


def _is_text(statement: ast.stmt | None) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _has_description(value: ast.expr | None) -> bool:
    match value:
        case ast.Call(keywords=keywords):
            return any(keyword.arg == "description" for keyword in keywords)
    return False
