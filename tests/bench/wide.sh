#!/bin/sh
# Train on and forecast a table of many correlated series within 4 GiB, the
# network on, and say what it takes.
#
# wide.sh SERIES ROWS STEPS DFORCE
set -eu
series=$1
rows=$2
steps=$3
dforce=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OPENBLAS_NUM_THREADS=1
export LC_ALL=C # awk has the locale's decimal sign

# Two factors, one by the day and one that wanders, in all series
awk -v D="$series" -v T="$rows" 'BEGIN {
  srand(1)
  for (d = 1; d <= D; ++d) {
    printf "s%d%s", d, d < D ? "," : "\n"
    a[d] = rand()
    b[d] = rand() - .5
  }
  for (t = 0; t < T; ++t) {
    f = .9 * f + rand() - .5
    day = sin(t * 6.283185307 / 24)
    for (d = 1; d <= D; ++d) {
      printf "%.4f%s", 10 + 2 * a[d] * day + b[d] * f + .2 * rand(),
        d < D ? "," : "\n"
    }
  }
}' > "$folder/wide.csv"

# Addresses, not only pages in use: whatever asks for more than 4 GiB fails
ulimit -v 4194304
begun=$(date +%s)
"$dforce" train series --threads 1 --freq H --steps "$steps" \
  --validation-windows 2 --out "$folder/m" "$folder/wide.csv" > "$folder/log"
trained=$(date +%s)
"$dforce" forecast --model "$folder/m" --freq H --samples 50 --quantiles .1,.9 \
  --out "$folder/f.csv" "$folder/wide.csv"
ended=$(date +%s)
grep 'the network' "$folder/log"
awk -F, 'NR > 1 && !($3 <= $4) { exit 1 }' "$folder/f.csv"
test "$(wc -l < "$folder/f.csv")" = "$((24 * series + 1))"
echo "$series series, $rows rows, $steps steps: trained in $((trained - begun)) s," \
  "forecast in $((ended - trained)) s, within 4 GiB"
