#!/usr/bin/env bash
# Runs a batch job as a Slurm array whose shards fill one store, on a Slurm of its own on loopback:
#     scripts/slurm-batch.sh JOB.yaml STORE [SHARDS]
# It starts a controller and one node with a configuration in a folder of its own, and ends both at the end.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if (($# < 2 || $# > 3)); then
    echo "usage: scripts/slurm-batch.sh JOB.yaml STORE [SHARDS]" >&2
    exit 64
fi
job=$(realpath "$1") store=$(realpath -m "$2") shards=${3:-4}
prune=$root/.build/release/prune
[[ -x $prune ]] || { echo "error: $prune is missing; run scripts/demo.sh or swift build -c release" >&2; exit 66; }

if ! command -v slurmctld > /dev/null; then
    echo "== installing slurm-wlm"
    prefix=(); [[ $EUID == 0 ]] || prefix=(sudo)
    "${prefix[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${prefix[@]}" apt-get install -y -qq --no-install-recommends slurm-wlm > /dev/null
fi

folder=$(mktemp -d)
daemons=()
finish() {
    for daemon in "${daemons[@]}"; do kill "$daemon" 2> /dev/null || true; done
    wait 2> /dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

# No authentication and no control groups: this Slurm serves one user for a minute, on loopback.
node=$(hostname -s)
mkdir "$folder"/{state,spool,logs}
cat > "$folder/slurm.conf" << CONF
ClusterName=batch
SlurmctldHost=$node(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/logs/slurmctld
SlurmdLogFile=$folder/logs/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
# Slurm looks at both, wherever it is started.
export SLURM_CONF=$folder/slurm.conf
printf 'CgroupAutomount=no\n' > "$folder/cgroup.conf"

echo "== starting Slurm $(slurmctld -V | cut -d' ' -f2) on loopback"
slurmctld -D -f "$SLURM_CONF" > "$folder/logs/slurmctld.out" 2>&1 &
daemons+=($!)
slurmd -D -f "$SLURM_CONF" > "$folder/logs/slurmd.out" 2>&1 &
daemons+=($!)
for _ in $(seq 60); do
    [[ $(sinfo -h -o %t 2> /dev/null) == idle ]] && break
    sleep 0.5
done
if [[ $(sinfo -h -o %t 2> /dev/null) != idle ]]; then
    echo "error: Slurm did not become ready:" >&2
    tail -n 5 "$folder"/logs/* >&2
    exit 69
fi

echo "== submitting an array of $shards shards"
cat > "$folder/shard.sbatch" << BATCH
#!/bin/bash
#SBATCH --job-name=prune-batch
#SBATCH --array=1-$shards
#SBATCH --cpus-per-task=1
exec "$prune" batch "$job" --store "$store" --shard auto --quiet
BATCH
status=0
sbatch --wait --output="$folder/shard-%a.txt" "$folder/shard.sbatch" || status=$?
for shard in $(seq "$shards"); do
    echo "== shard $shard of $shards"
    cat "$folder/shard-$shard.txt" 2> /dev/null || echo "(nothing)"
done
echo "== the store"
"$prune" variants list --store "$store"
exit "$status"
