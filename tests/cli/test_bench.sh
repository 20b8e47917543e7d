#!/bin/sh
# `dforce bench` runs, with products for this processor unless told otherwise.
#   test_bench.sh DFORCE
set -u
dforce=$1

unset OPENBLAS_CORETYPE
said=$("$dforce" bench --width 24 --rounds 2) || exit 1
echo "$said"
echo "$said" | grep -Eq '^training step, mean: +[0-9.]+ ms' || exit 1
if grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then
  echo "$said" | grep -Eq '^OpenBLAS for (Haswell|Zen|SkylakeX|Cooperlake|Sapphire)' || {
    echo "products without AVX on a processor that has it"
    exit 1
  }
fi

# The user's word counts
case $(uname -m) in
x86_64)
  OPENBLAS_CORETYPE=Nehalem "$dforce" bench --width 24 --rounds 1 |
    grep -q '^OpenBLAS for Nehalem' || exit 1
  ;;
esac
