#!/usr/bin/env bash
# A wheel of the project, installed into an environment of its own, trains, reports and compares in another folder.
#
#   tests/wheel.sh PYTHON           PYTHON: of an environment that has the dependencies, which are not installed again
set -euo pipefail
python=$(realpath -s "$1")
project=$(realpath "$(dirname "$0")/..")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$scratch" "$project"
"$python" -m venv "$scratch/env"
where='import sysconfig; print(sysconfig.get_path("purelib"))'
own=$("$scratch/env/bin/python" -c "$where")
"$python" -c "$where" > "$own/dependencies.pth" # its packages are seen; the checkout, which a .pth there adds, is not
"$scratch/env/bin/python" -m pip install --quiet --no-deps "$scratch"/degradation-*.whl

mkdir "$scratch/elsewhere"
cd "$scratch/elsewhere"
unset PYTHONPATH
"$scratch/env/bin/python" -c "
import sys, degradation
assert degradation.__file__.startswith('$own'), degradation.__file__
assert not any(path.startswith('$project/') and 'site-packages' not in path for path in sys.path), sys.path"
"$scratch/env/bin/degradation" | grep -q "experiment=NAME"
"$scratch/env/bin/degradation" train -m experiment=smoke model.depth=20
"$scratch/env/bin/degradation" plot
test -s runs/smoke/plain-20-seed0/curves.csv
test -s reports/smoke/depth.png
test -s reports/smoke/index.html
"$scratch/env/bin/degradation" compare --smoke
test -s reports/compare/errors.png
test "$(ls)" = "$(printf 'reports\nruns')"
