"""Every kind of model has a page, and its equations lead to functions that exist."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from functools import cache
from pathlib import Path

import pytest

import latelier.losses
import latelier.models

PAGES = Path(__file__).parents[2] / "docs" / "models"
CODE = re.compile(r"`([^`]+)`")


@cache
def classes() -> dict[str, type]:
    """Return every class of the package of models by its name."""
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(latelier.models.__path__, "latelier.models."):
        found |= dict(inspect.getmembers(importlib.import_module(module.name), inspect.isclass))
    return found


def has(kind: type, name: str) -> bool:
    """Tell whether a class has an attribute, or gives it to its instances."""
    made = (inspect.getsource(base) for base in kind.__mro__ if "latelier" in base.__module__)
    return hasattr(kind, name) or any(f"self.{name} = " in source for source in made)


def unknown(cell: str) -> list[str]:
    """List the functions that a table's cell names and that do not exist."""
    wrong = []
    for code in CODE.findall(cell):
        if (loss := re.match(r"losses\.(\w+)", code)) and not hasattr(latelier.losses, loss[1]):
            wrong.append(code)
        if (method := re.match(r"([A-Z]\w+)\.(\w+)", code)) and (
            method[1] not in classes() or not has(classes()[method[1]], method[2])
        ):
            wrong.append(code)
    return wrong


@pytest.mark.parametrize("kind", [*latelier.models.MODELS, "module"])
def test_every_kind_has_a_page_that_leads_from_equations_to_code(kind: str) -> None:
    lines = (PAGES / f"{kind}.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|")]
    head = [cell.strip() for cell in rows[0].split("|")]
    assert head[1] in {"equation", "what"}
    assert head[2] == "computed by"
    model = latelier.models.MODELS[kind].model.__name__ if kind != "module" else "OwnModule"
    assert any(f"`{model}." in row for row in rows)
    assert [name for row in rows for name in unknown(row)] == []


def test_a_function_that_does_not_exist_is_found() -> None:
    assert unknown("`losses.pin`, `VAE.encode(x)`, `VAE.encoder`, `model.kind`") == []
    assert unknown("`losses.pim` and `VAE.encoed(x)`") == ["losses.pim", "VAE.encoed(x)"]
    assert unknown("`NoVAE.encode`") == ["NoVAE.encode"]
