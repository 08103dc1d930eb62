#!/usr/bin/env bash
# The first process of a Docker engine's own network, process and mount namespaces: engine.sh HOME. What dockerd writes
# outside of its folders (/etc/docker, /opt/containerd, /run) goes to a memory disk that no other process sees. It ends
# when its standard input does, so that an engine never outlives whoever started it, however that one ends.
set -euo pipefail
home=$1
ip link set lo up

mount -t tmpfs tmpfs "$home/run"
for folder in /etc /opt; do
  [[ -d $folder ]] || continue
  mkdir -p "$home/run/over$folder" "$home/run/work$folder"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$home/run/over$folder,workdir=$home/run/work$folder" "$folder"
done
mount -t tmpfs tmpfs /run

printf '{}' >"$home/run/daemon.json"
dockerd --host "unix://$home/docker.sock" --data-root "$home/engine" --exec-root "$home/run/exec" --pidfile "$home/run/docker.pid" \
  --config-file "$home/run/daemon.json" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent /weir-compose-offline &
engine=$!
# A background command reads nothing unless it is told what.
cat <&0 >/dev/null &
wait -n "$engine" $!
# Asked more than once: a dockerd that is still starting does not hear it. What is left ends with this process.
for ((second = 0; second < 45; second++)); do
  kill -0 "$engine" 2>/dev/null || break
  if ((second % 5 == 0)); then kill "$engine" 2>/dev/null || true; fi
  sleep 1 &
  wait -n "$engine" $! || true
done
# What the containers leave in the tree of control groups, which has no namespace.
find /sys/fs/cgroup -depth -type d -path '*/weir-compose-offline*' -exec rmdir {} + 2>/dev/null || true
rm -f "$home/docker.sock"
