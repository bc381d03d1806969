#!/bin/sh
# Installs what the benchmarks compare weir with, and perf and strace for the autopsy, on Debian and its relatives. Needs root, or sudo.
set -eu

programs="haproxy nginx sniproxy taskset prlimit"
packages="haproxy nginx-light libnginx-mod-stream sniproxy util-linux"
services="haproxy nginx sniproxy"

# In /usr/sbin, which is not on everybody's path.
PATH="$PATH:/usr/sbin:/sbin"

has_stream() {
  [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || nginx -V 2>&1 | grep -qE -- '--with-stream( |$)'
}

are_installed() {
  for program in $programs; do
    command -v "$program" >/dev/null || return 1
  done
  has_stream
}

# For the autopsy: optional, since the proxies can be compared without. Ubuntu has perf in a package for each kernel.
are_tools_installed() {
  command -v perf >/dev/null && command -v strace >/dev/null
}

install_tools() {
  perf_package=linux-perf
  apt-cache show linux-perf >/dev/null 2>&1 || perf_package="linux-tools-$(uname -r)"
  for package in strace "$perf_package"; do
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$package" ||
      echo "$package could not be installed: the autopsy does without, the benchmarks do not need it" >&2
  done
}

if ! are_installed || ! are_tools_installed; then
  command -v apt-get >/dev/null || {
    echo "no apt-get here: install haproxy, nginx with its stream module, sniproxy, and util-linux for taskset" \
      "and prlimit, with this system's package manager" >&2
    exit 1
  }
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  $as_root apt-get update
  # shellcheck disable=SC2086 # one word for each package
  are_installed || $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $packages
  are_tools_installed || install_tools

  # The packages start their proxies as services; the benchmarks run their own.
  if command -v systemctl >/dev/null; then
    for service in $services; do
      $as_root systemctl disable --now "$service" || true
    done
  fi
fi

haproxy -v | head -n 1
nginx -v
sniproxy -V
! command -v perf >/dev/null || perf --version
