#!/bin/sh
# Install what the tests need (Debian 12, root), build, run every test.
# Closes with a line "N passed, N failed, N skipped".  DFORCE_NO_INSTALL=1 skips
# the installation.  DFORCE_DATA adds the tests that need the large corpora.
set -u
cd "$(dirname "$0")/.." || exit 1

if [ -z "${DFORCE_NO_INSTALL:-}" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq &&
    apt-get install -y -qq --no-install-recommends \
      gcc clang libc6-dev meson ninja-build pkg-config python3 python3-numpy \
      lv2-dev libfftw3-dev libopenblas-dev liblapacke-dev libsndfile1-dev \
      libsamplerate0-dev libjansson-dev libcairo2-dev liblo-dev liblo-tools \
      liblilv-dev libjack-jackd2-dev jackd2 jalv lilv-utils sordi sox procps \
      ardour lv2file xvfb xdotool \
      >/dev/null || exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed_builds=0

# one NAME FOLDER SETUP-ARGUMENTS -- TEST-ARGUMENTS
one() {
  name=$1 folder=$2
  shift 2
  setup=
  while [ "$1" != "--" ]; do
    setup="$setup $1"
    shift
  done
  shift
  echo "== $name"
  # shellcheck disable=SC2086
  if { [ -d "$folder" ] || meson setup "$folder" -Dwerror=true $setup; } \
       >"$folder.log" 2>&1 && ninja -C "$folder" >>"$folder.log" 2>&1; then
    rm -f "$folder.log"
    meson test -C "$folder" --print-errorlogs "$@" 2>&1 | tee -a "$log"
  else
    tail -n 40 "$folder.log"
    failed_builds=$((failed_builds + 1))
  fi
}

one "gcc, release" build-gcc --
CC=clang one "clang, release" build-clang -- \
  --suite base --suite tensor --suite nn --suite diffusion --suite model \
  --suite stream --suite audio --suite series --suite forecast --suite engine \
  --suite plugin --suite hosts
one "gcc, address and undefined sanitizers" build-san \
  -Db_sanitize=address,undefined -Dbuildtype=debugoptimized -- \
  --timeout-multiplier 10 \
  --suite base --suite tensor --suite nn --suite diffusion --suite model \
  --suite stream --suite audio --suite series --suite forecast --suite engine \
  --suite plugin --suite hosts
one "gcc, thread sanitizer" build-tsan \
  -Db_sanitize=thread -Dbuildtype=debugoptimized -- \
  --timeout-multiplier 10 --suite plugin --suite hosts

awk -v failed="$failed_builds" '
  /^Ok: /                { passed += $2 }
  /^(Fail|Timeout): /    { failed += $2 }
  /^Unexpected Pass: /   { failed += $3 }
  /^Skipped: /           { skipped += $2 }
  END {
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit failed > 0 || passed == 0
  }' "$log"
