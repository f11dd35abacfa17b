"""What a shell is told when somebody presses the Tab key after `degradation`."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from degradation.cli.complete import matching
from degradation.cli.main import COMMANDS
from degradation.config.checks import all_keys
from degradation.config.settings import Settings

# As a user switches it on, with the command of this checkout.
SHELL = """
degradation() { "$PYTHON" -m degradation "$@"; }
eval "$("$PYTHON" "$(dirname "$PYTHON")/register-python-argcomplete" degradation)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
_python_argcomplete degradation
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("degradation ", {*COMMANDS, "-h", "--help", "--version"}),
        ("degradation pl", {"plot "}),
        ("degradation plot --comp", {"--compare "}),
        ("degradation plot rep", {"reports/"}),
        ("degradation train -m experiment=shapes_s", {"shapes_seeds "}),
        ("degradation train model=plain,resi", {"plain,residual "}),
        ("degradation train train.st", {"train.steps="}),
        ("degradation nonsense ", {"-h", "--help", "--version"}),
    ],
)
def test_the_tab_key_in_bash(typed: str, proposed: set[str], tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    env = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    command = ["bash", "--norc", "-c", SHELL, "bash", typed]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    found = set(done.stdout.splitlines())
    assert found == proposed, done.stderr


def test_every_key_and_every_experiment_is_proposed() -> None:
    assert set(matching("")) >= {f"{key}=" for key in all_keys(Settings)} | {"model=", "data=", "experiment="}
    names = {path.stem for path in (ROOT / "conf/experiment").glob("*.yaml")}
    assert set(matching("experiment=")) == {f"experiment={name}" for name in names}
    assert list(matching("seed=")) == list(matching("train.steps=1")) == []


def test_help_is_quick_to_have_and_loads_neither_torch_nor_this() -> None:
    code = (
        "import sys; sys.argv = ['degradation', '--help']; from degradation.cli.main import main; main();"
        "sys.exit(bool({'torch', 'hydra', 'argcomplete', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "degradation train" in done.stdout
