#!/usr/bin/env bash
# The paper's whole figure on one GPU, in as many pieces as the GPU is to be had for:
#
#   scripts/paper_on_gpu.sh [MINUTES]          trains; stops after so long, exit code 3; the same command goes on
#   scripts/paper_on_gpu.sh time [MINUTES]     times a step with each way of compiling and of sharing the GPU
#   scripts/paper_on_gpu.sh pack FOLDER        what was trained, in pieces of 15 MB that travel
#   scripts/paper_on_gpu.sh unpack FOLDER      such pieces, to go on on another machine
#
# Seed 0 of all eight networks and its report come first. Then, once a machine, the tests that need a GPU; two more
# seeds of the shallowest and the deepest networks; and once, where ten minutes are left, the benchmark.
#
#   RUNS=runs REPORTS=reports PYTHON=python3 DEGRADATION_DATA=data   where things are
#   KEYS="train.steps=4 data.subset=100 ..."                         further config keys, to try it in small
#   DEGRADATION_COMMIT=<commit>                                      where the code has no git history beside it
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
python=${PYTHON:-python3} runs=${RUNS:-runs} reports=${REPORTS:-reports}
read -ra keys <<<"${KEYS:-}"

refuse() {
  echo "paper_on_gpu.sh: $1" >&2
  exit 2
}

what=train
case ${1:-} in time | pack | unpack) what=$1 && shift ;; esac
mkdir -p "$runs" "$reports"

if [ "$what" = pack ]; then
  [ -n "${1:-}" ] || refuse "pack: name a folder for the pieces"
  mkdir -p "$1"
  rm -f "$1"/runs.tgz.*
  # last.ckpt is enough to go on from; the one before is for a disk that fails. Times are those of this machine.
  tar cz -C "$runs" --exclude=previous.ckpt --exclude=lock --exclude='./time-*' . | split -b 15m - "$1/runs.tgz."
  exit
elif [ "$what" = unpack ]; then
  [ -e "${1:-}/runs.tgz.aa" ] || refuse "unpack: ${1:-no folder}: has no piece runs.tgz.aa"
  cat "$1"/runs.tgz.* | tar xz -C "$runs"
  exit
fi

minutes=${1:-100000}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || refuse "$minutes: a whole number of minutes belongs here"
end=$(($(date +%s) + 60 * minutes))
# What compiling made is kept with the runs: a fresh machine that gets them need not compile again.
export TORCHINDUCTOR_CACHE_DIR="${TORCHINDUCTOR_CACHE_DIR:-$(cd "$runs" && pwd)/.inductor}"
commit=$(git rev-parse HEAD 2>/dev/null)
export DEGRADATION_COMMIT=${DEGRADATION_COMMIT:-$commit}
[ -n "$DEGRADATION_COMMIT" ] || echo "paper_on_gpu.sh: no git history here: DEGRADATION_COMMIT=... names the commit"

seconds_left() {
  local left=$((end - $(date +%s)))
  echo $((left > 0 ? left : 0))
}

train() { # ARGUMENTS...: a sweep, in the time that is left, a minute for the report put aside
  local left=$(($(seconds_left) - 60))
  ((left > 30)) || return 3
  "$python" scripts/train.py -m experiment=paper train.engine=fast "runs=$runs" "$@" ${keys[@]+"${keys[@]}"} \
    "train.max_minutes=$((left / 60)).$(printf %02d $((left % 60 * 100 / 60)))"
}

# --- time: which way is fastest ---------------------------------------------------------------------------------

trial() { # NAME CONNECTIONS KEYS...: 1,000 steps of all eight networks side by side
  local name=$1 connections=$2
  shift 2
  ((connections == 0)) || export CUDA_DEVICE_MAX_CONNECTIONS=$connections
  train experiment_name="time-$name" train.steps=1000 train.evaluate_every=500 \
    'schedule.milestones=[0.5]' "$@"
  local code=$?
  unset CUDA_DEVICE_MAX_CONNECTIONS
  [ "$code" -eq 0 ] || exit "$code"
  "$python" - "$runs/time-$name" <<'END'
import json, pathlib, sys

folder = pathlib.Path(sys.argv[1])
records = [json.loads(path.read_text()) for path in sorted(folder.glob("*/record.json"))]
seconds, setup = (sum(one.get(key) or 0 for one in records) for key in ("seconds", "setup_seconds"))
print(f"{folder.name}: {1000 * seconds / records[0]['step']:.3f} ms a step of all {len(records)}, "
      f"{setup:.0f} s to compile and capture, on {records[0]['device']}")
END
}

if [ "$what" = time ]; then
  images="data=shapes data.size=32" # what they show costs nothing
  for way in none default; do
    # shellcheck disable=SC2086
    trial "$way" 0 $images train.compile=$way
  done
  for way in none default; do
    # shellcheck disable=SC2086
    trial "$way-connections32" 32 $images train.compile=$way
    # shellcheck disable=SC2086
    trial "$way-urgent2" 0 $images train.compile=$way train.urgent=2
  done
  exit
fi

# --- train, then check, then the rest ---------------------------------------------------------------------------

report() { "$python" scripts/plot_curves.py "$runs/paper" --out "$reports"; }

step() { # ARGUMENTS...: train, report, and go on only where all is complete
  train "$@"
  local code=$?
  [ "$code" -eq 2 ] && exit 2
  [ ! -d "$runs/paper" ] || report || exit 1
  [ "$code" -eq 0 ] || exit "$code"
}

check() { # once a machine: that its GPU captures and computes what a CPU does
  local machine said left
  machine=$("$python" - <<'END'
import torch
print(torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu", sep="-")
END
  ) || exit 1
  said="$reports/gpu_checks/${machine//[^A-Za-z0-9._]/-}.txt" # reports travel
  [ ! -e "$said" ] || return 0
  if ! "$python" -c 'import pytest' 2>/dev/null; then
    echo "paper_on_gpu.sh: no pytest here: the tests on this machine are left out"
    return 0
  fi
  left=$(seconds_left)
  ((left > 60)) || exit 3
  mkdir -p "$reports/gpu_checks"
  timeout "$left" "$python" -m pytest -m gpu -p no:cacheprovider tests/test_fast.py 2>&1 | tee "$said.new"
  case ${PIPESTATUS[0]} in
    0) mv "$said.new" "$said" ;;
    124) exit 3 ;;
    *) exit 1 ;;
  esac
}

benchmark() { # once, and only where there is time for it
  local left
  left=$(seconds_left)
  [ ! -e "$reports/benchmark/cuda.csv" ] || return 0
  ((left > 600)) || [ -n "${SMOKE:-}" ] || {
    echo "paper_on_gpu.sh: the benchmark takes up to ten minutes, and $((left / 60)) are left: not this time"
    exit 3
  }
  timeout "$left" "$python" scripts/benchmark.py ${SMOKE:+--smoke} --rounds 1 --out "$reports"
  case $? in 0) ;; 124) exit 3 ;; *) exit 1 ;; esac
}

step seed=0
check
for seed in 1 2; do
  step "seed=$seed" model.depth=20,56
done
benchmark
