"""Cells of a workbook as text, so that one reader of figures serves every kind of file."""

from monazite.reference.workbook import SheetCell


def cell_text(cell: SheetCell) -> str:
    """Return what stands in a cell; whole numbers without a decimal point."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()


def place_of(file: str, sheet: str) -> str:
    """Return how a sheet of a workbook is called in messages and in the column of places."""
    return f"{file}[{sheet}]"
