"""Gives mkdocs the pages where they are in the repository: README.md, docs/, reports/ and conf/ side by side.

So links between them, and to pictures, lead to the same places on the site as in the repository. The page of
the folder of reports is its README.md.
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbconvert import MarkdownExporter

ROOT = Path(__file__).parents[1]
LIST = "reports/index.md"
SHOWN = (".md", ".png", ".svg", ".csv", ".json", ".yaml")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """All files under their path in the repository, and the lists that nav leaves to be filled."""
    own = [one for one in files if one.src_dir != config.docs_dir]  # the theme's
    gathered = {"README.md": "index.md"}
    for folder in ("docs", "reports", "conf"):
        paths = sorted((ROOT / folder).rglob("*"))
        gathered |= {str(path.relative_to(ROOT)): "" for path in paths if path.suffix in SHOWN}
    gathered["reports/README.md"] = LIST
    for path, name in gathered.items():
        own.append(File.generated(config, name or path, abs_src_path=str(ROOT / path)))
    for path in sorted((ROOT / "docs").glob("*.ipynb")):
        own += notebook(path, config)
    listed = {
        "Reports": [
            LIST,
            *(uri for uri, name in gathered.items() if uri.startswith("reports/") and not name),
        ],
        "Networks": ["docs/models.md", *(uri for uri in gathered if uri.startswith("docs/models/"))],
    }
    assert config.nav is not None
    for entry in config.nav:
        for title, uris in listed.items():
            if title in entry:
                entry[title] = [uri for uri in uris if uri.endswith(".md")]
    return Files(own)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A link to the folder of reports leads to its page, one to a notebook to the page that it became."""
    return markdown.replace("reports/)", f"{LIST})").replace(".ipynb)", ".md)")


def notebook(path: Path, config: MkDocsConfig) -> list[File]:
    """A notebook as a page, with its pictures beside it."""
    text, more = MarkdownExporter().from_filename(str(path))
    folder = path.parent.relative_to(ROOT)
    page = File.generated(config, f"{folder}/{path.stem}.md", content=text)
    pictures = more["outputs"].items()
    return [
        page,
        *(File.generated(config, f"{folder}/{name}", content=content) for name, content in pictures),
    ]
