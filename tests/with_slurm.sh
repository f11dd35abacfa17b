#!/usr/bin/env bash
# Run a command beside a real Slurm on the loopback interface: tests/with_slurm.sh COMMAND [ARGUMENTS...]
#
# One node with two CPUs; partition `low` is preempted (SIGTERM, then queued again) by `high`. It takes root and
# Debian's packages; with --install as the first argument it installs them, or says why it can't and does nothing.
set -euo pipefail
packages=(slurmctld slurmd munge slurm-client slurmdbd mariadb-server)
if [ "${1:-}" = --install ]; then
  shift
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "with_slurm.sh: skipped: it takes root and Debian's apt-get"
    exit 0
  fi
  if ! command -v slurmctld >/dev/null || ! command -v mariadbd >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
  fi
fi
dir=$(mktemp -d)
host=$(hostname)
export SLURM_CONF=$dir/slurm.conf
pids=()

down() {
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
  rm -rf "$dir"
}
trap down EXIT

start() { # NAME COMMAND...: in the background, its output in a log
  local name=$1
  shift
  "$@" >"$dir/$name.log" 2>&1 &
  pids+=($!)
}

until_true() { # WHAT COMMAND...: for at most two minutes
  local what=$1
  shift
  for _ in $(seq 240); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.5
  done
  echo "with_slurm.sh: $what does not come up" >&2
  tail -n 20 "$dir"/*.log >&2
  exit 1
}

chmod 755 "$dir"
dd if=/dev/urandom of="$dir/munge.key" bs=128 count=1 status=none
chmod 600 "$dir/munge.key"
start munge munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.sock" \
  --pid-file="$dir/munge.pid" --log-file="$dir/munged.log" --seed-file="$dir/munge.seed"

mkdir "$dir/database"
mariadb-install-db --user=root --auth-root-authentication-method=normal --datadir="$dir/database" >"$dir/install.log" 2>&1
start database mariadbd --no-defaults --user=root --datadir="$dir/database" --socket="$dir/database.sock" \
  --pid-file="$dir/database.pid" --bind-address=127.0.0.1 --port=13306
sql() { mariadb --no-defaults --user=root --socket="$dir/database.sock" -e "$1"; }
until_true "the database" sql "select 1"
sql "create user slurm@'127.0.0.1' identified by 'slurm'; create user slurm@localhost identified by 'slurm';
  grant all on slurm.* to slurm@'127.0.0.1'; grant all on slurm.* to slurm@localhost;"

cat >"$dir/slurmdbd.conf" <<END
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock
DbdHost=localhost
DbdPort=16819
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=13306
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
PidFile=$dir/slurmdbd.pid
END
chmod 600 "$dir/slurmdbd.conf"
cat >"$dir/slurm.conf" <<END
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=16819
AccountingStoragePass=$dir/munge.sock
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=10
SchedulerParameters=batch_sched_delay=1,sched_interval=2
MailProg=/bin/true
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=low Nodes=$host Default=YES PriorityTier=1 State=UP
PartitionName=high Nodes=$host PriorityTier=2 PreemptMode=OFF State=UP
END
mkdir "$dir/state" "$dir/spool"
start slurmdbd slurmdbd -D
until_true slurmdbd sacctmgr -n show cluster
sacctmgr -i add cluster loopback >/dev/null 2>&1 || true
start slurmctld slurmctld -D
until_true slurmctld scontrol ping
start slurmd slurmd -D
until_true "the node" bash -c 'sinfo -h -o %T | grep -q idle'
"$@"
