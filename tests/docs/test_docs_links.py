"""The documentation points at things that exist: files, headings, make targets, commands."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from latelier.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("configs/**/*.md"),
        *ROOT.glob("src/**/*.md"),
    ]
)
# What these pages say was true when it was written; commands may since have changed.
HISTORY = {ROOT / "CHANGELOG.md", ROOT / "docs" / "journal.md"}
CURRENT = [page for page in PAGES if page not in HISTORY and page.parent.name != "decisions"]

MOST_ENDPOINTS = 3

FENCE = re.compile(r"^(```+|~~~+)[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
MAKE = re.compile(r"(?:^|&&|;)\s*make[ \t]+([a-z][\w-]*)", re.MULTILINE)
LATELIER = re.compile(r"(?:^|&&|;|\$)[ \t]*(?:[\w./-]*/)?latelier[ \t]+([^\n|&;#]+)", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(text: str) -> str:
    """Return the text without code, in which brackets and parentheses are no links."""
    return INLINE_CODE.sub("", FENCE.sub("", text))


def code(text: str) -> str:
    """Return fenced blocks and inline code, each piece on lines of its own."""
    fenced = [match[2] for match in FENCE.finditer(text)]
    return "\n".join([*fenced, *INLINE_CODE.findall(FENCE.sub("", text))])


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+\s+(.*)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    found = []
    for target in LINK.findall(prose(page.read_text("utf-8"))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            found.append(target)
    return found


@cache
def make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def command() -> Any:
    return typer.main.get_command(app)


def unknown_words(line: str, group: Any) -> list[str]:
    """List the verb and the options of one `latelier …` line that the program does not have."""
    words = [word.strip("[](),.'\"") for word in line.split()]
    verbs = getattr(group, "commands", None)
    if verbs and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        verb = verbs.get(words[0])
        return [words[0]] if verb is None else unknown_words(" ".join(words[1:]), verb)
    known = {"--help"} | {
        name for option in group.params for name in [*option.opts, *option.secondary_opts]
    }
    return [word for word in words if word.startswith("--") and word.split("=")[0] not in known]


def wrong_commands(text: str) -> list[str]:
    """List what is wrong with the commands that a page's code shows."""
    shown = code(text)
    wrong = [f"make {name}" for name in MAKE.findall(shown) if name not in make_targets()]
    for line in LATELIER.findall(shown):
        wrong += [f"latelier {line}: {word}" for word in unknown_words(line, command())]
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", CURRENT, ids=name_of)
def test_commands_exist(page: Path) -> None:
    assert wrong_commands(page.read_text("utf-8")) == []


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in LINK.findall(prose(index.read_text("utf-8")))
    }
    pages = {page.resolve() for page in PAGES if ROOT / "docs" in page.parents} - {index.resolve()}
    missing = [name_of(page) for page in pages if not {page, page.parent} & listed]
    assert missing == []


def test_decisions_are_numbered_listed_and_complete() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = sorted(folder.glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:04d}" for n in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:4]} "), page.name
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ], page.name
        assert f"decisions/{page.name}" in index, page.name


@pytest.mark.parametrize("page", CURRENT, ids=name_of)
def test_no_page_repeats_the_table_of_endpoints(page: Path) -> None:
    """Paths and methods are said by /openapi.json; a page may name one or two in passing."""
    shown = prose(page.read_text("utf-8")) + code(page.read_text("utf-8"))
    assert len(set(re.findall(r"(?<![\w/])/api/[a-z]+", shown))) < MOST_ENDPOINTS
    assert not re.search(r"^\|.*\b(GET|POST|PATCH|DELETE)\b.*/api/", shown, re.MULTILINE)


def test_the_two_commands_of_the_readme_are_there() -> None:
    shown = code((ROOT / "README.md").read_text("utf-8"))
    assert {"demo", "test"} <= set(MAKE.findall(shown))


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A title, here\n[good](page.md) [good](#a-title-here) [web](https://example.org)\n"
        "`[code](no-link)`\n```\n[code](no-link)\n```\n[bad](gone.md) [bad](page.md#nowhere)\n"
    )
    assert broken_links(page) == ["gone.md", "page.md#nowhere"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Say `make test` or `latelier train --runs-dir R x.yaml`.", 0),
        ("make it so, and make do; latelier is a program", 0),
        ("```bash\n$ latelier ls --json && latelier show RUN | less\n```", 0),
        ("`make nothing`", 1),
        ("`latelier dance`", 1),
        ("```\ncd x && .venv/bin/latelier dance\n```", 1),
        ("`latelier train --no-such-option x.yaml`", 1),
    ],
)
def test_a_command_that_does_not_exist_is_found(text: str, wrong: int) -> None:
    assert len(wrong_commands(text)) == wrong
