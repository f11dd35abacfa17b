#!/usr/bin/env bash
# The paper's whole figure on one GPU, in as many pieces as the GPU is to be had for:
#
#   scripts/paper_on_gpu.sh [MINUTES]      stops after so long, exit code 3; the same command goes on
#
# The first time it checks that this GPU captures and computes what a CPU does, and times some steps. Then seed 0
# of all eight networks, and with the time that is left two more seeds of the shallowest and the deepest ones;
# after each of them the report. How long it takes is not measured yet.
#
#   RUNS=runs REPORTS=reports PYTHON=python3 DEGRADATION_DATA=data   where things are
#   KEYS="train.steps=4 data.subset=100 ..."                         further config keys, to try it in small
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
python=${PYTHON:-python3} runs=${RUNS:-runs} reports=${REPORTS:-reports}
read -ra keys <<<"${KEYS:-}"
minutes=${1:-100000}
if ! [[ $minutes =~ ^[1-9][0-9]*$ ]]; then
  echo "paper_on_gpu.sh: $minutes: a whole number of minutes belongs here" >&2
  exit 2
fi
end=$(($(date +%s) + 60 * minutes))
mkdir -p "$runs"
# What compiling made is kept with the runs: a fresh machine that gets them need not compile again.
export TORCHINDUCTOR_CACHE_DIR="${TORCHINDUCTOR_CACHE_DIR:-$(cd "$runs" && pwd)/.inductor}"

minutes_left() { # at least one
  local left=$((end - $(date +%s)))
  ((left > 60)) || left=60
  printf '%d.%02d' $((left / 60)) $((left % 60 * 100 / 60))
}

train() { # ARGUMENTS...: a sweep, in the time that is left
  "$python" scripts/train.py -m experiment=paper train.engine=fast "train.max_minutes=$(minutes_left)" \
    "runs=$runs" "$@" ${keys[@]+"${keys[@]}"}
}

report() { "$python" scripts/plot_curves.py "$runs/paper" --out "$reports"; }

machine=$("$python" - <<'END'
import torch
print(torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu", sep="-")
END
) || exit 1
checked="$runs/.checked-${machine//[^A-Za-z0-9._]/-}"
if [ ! -e "$checked" ]; then
  if "$python" -c 'import pytest' 2>/dev/null; then
    "$python" -m pytest tests/test_fast.py || exit 1
  else
    echo "paper_on_gpu.sh: no pytest here: the tests on this machine are left out"
  fi
  "$python" scripts/benchmark.py ${SMOKE:+--smoke} --rounds 1 --out "$reports" || exit 1
  touch "$checked"
fi

step() { # ARGUMENTS...: train, report, and go on only where all is complete
  train "$@"
  local code=$?
  [ "$code" -eq 2 ] && exit 2
  report || exit 1
  [ "$code" -eq 0 ] || exit "$code"
}

step seed=0
for seed in 1 2; do
  step "seed=$seed" model.depth=20,56
done
