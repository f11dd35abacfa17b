"""The reports' Markdown as HTML: tables that scroll sideways, folds, nothing else of HTML."""

import html
import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

FOLD = re.compile(r"<details><summary>[^<]*</summary>|</details>")


def dressed(markdown: str) -> str:
    """The text as HTML; of HTML in it only folds are kept, all else is shown as it stands."""
    return _PARSER.render(markdown)


def _fold(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    content = tokens[place].content
    return content if FOLD.fullmatch(content.strip()) else html.escape(content)


def _table_open(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    # What scrolls has to be reached by keyboard.
    return '<div class="scroll" role="group" aria-label="table" tabindex="0"><table>\n'


def _table_close(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _head(self: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    return '<th scope="col">'


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark").enable("table")
    for name, rule in {
        "html_block": _fold,
        "html_inline": _fold,
        "table_open": _table_open,
        "table_close": _table_close,
        "th_open": _head,
    }.items():
        made.add_render_rule(name, rule)
    return made


_PARSER = _parser()
