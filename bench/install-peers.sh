#!/bin/sh
# Installs what the benchmarks compare weir with, on Debian and its relatives. Needs root, or sudo.
set -eu

if command -v haproxy >/dev/null && command -v taskset >/dev/null; then
  echo "already installed: $(haproxy -v | head -n 1)"
  exit 0
fi

command -v apt-get >/dev/null || {
  echo "no apt-get here: install haproxy, and util-linux for taskset, with this system's package manager" >&2
  exit 1
}

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"

$as_root apt-get update
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends haproxy util-linux

# The package starts HAProxy as a service; the benchmarks run their own.
if command -v systemctl >/dev/null; then
  $as_root systemctl disable --now haproxy || true
fi
haproxy -v | head -n 1
