#!/bin/sh
# Install what is needed (Debian 12, root), build, and let the plugin carry a
# piano piece on in jalv.  Leaves out/continued.wav and out/continued.png.
# DFORCE_NO_INSTALL=1 skips the installation.
set -eu
cd "$(dirname "$0")/../.."

if [ -z "${DFORCE_NO_INSTALL:-}" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends \
    gcc libc6-dev meson ninja-build pkg-config \
    lv2-dev libfftw3-dev libopenblas-dev liblapacke-dev libsndfile1-dev \
    libsamplerate0-dev libjansson-dev libcairo2-dev liblo-dev \
    libjack-jackd2-dev jackd2 jalv lilv-utils procps >/dev/null
fi

[ -d build ] || meson setup build >/dev/null
ninja -C build >/dev/null
mkdir -p out

# The first four seconds are trusted; from then on the plugin is alone
sh tests/hosts/render_jalv.sh -a 4:noise=1 -c seed=1 \
  presets/chorale.flac out/continued.wav
build/core/dforce plot --mark 4 out/continued.png \
  presets/chorale.flac out/continued.wav

echo
echo "out/continued.wav  listen: after the 4th second (the line in the picture)"
echo "                   every note is the model's, rendered by the plugin in jalv;"
echo "                   the join should not be audible, chords should go on changing."
echo "out/continued.png  above the piece as it was played, below as it was continued"
