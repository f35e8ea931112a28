"""The public surface of the package, read from its source: modules, names, classes."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import monazite

ROOT = Path(__file__).parents[2]


def public_modules() -> list[str]:
    """Dotted names of all modules without a leading underscore, the package itself first."""
    found = pkgutil.walk_packages(monazite.__path__, prefix="monazite.")
    names = [module.name for module in found]
    return ["monazite", *(name for name in names if "._" not in name)]


def load(name: str) -> ModuleType:
    return importlib.import_module(name)


def source_tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def public_names(module: ModuleType) -> set[str]:
    """Names that a module gives to others: what it defines and, for a package, re-exports."""
    names: set[str] = set()
    for statement in source_tree(module).body:
        names.update(_names_bound_by(statement, is_package=hasattr(module, "__path__")))
    return {name for name in names if not name.startswith("_")}


def _names_bound_by(statement: ast.stmt, *, is_package: bool) -> Iterator[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.ImportFrom(module=str(origin)) if is_package and origin.startswith("monazite"):
            yield from (alias.asname or alias.name for alias in statement.names)


def own_objects(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Public classes and functions that a module defines itself."""
    for name, thing in vars(module).items():
        is_definition = inspect.isclass(thing) or inspect.isfunction(thing)
        if not name.startswith("_") and is_definition and thing.__module__ == module.__name__:
            yield name, thing


def public_classes() -> dict[str, type]:
    """Every public class of the package by its name."""
    return dict(every_public_class())


def every_public_class() -> Iterator[tuple[str, type]]:
    """Every public class with its name; a name comes twice where two modules share it."""
    for module in map(load, public_modules()):
        for name, thing in own_objects(module):
            if inspect.isclass(thing):
                yield name, thing
