#!/bin/sh
# The series plugin carries real tables on by models trained here.
#
# test_series_table.sh DFORCE TEST WIDE-TEST MODULE SUN.csv LFO.py
#
# With DFORCE_DATA exchange rates too.
set -eu
dforce=$1
player=$2
wide=$3
module=$4
sun=$5
lfo=$6
. "$(dirname "$0")/../cli/series.sh"
mkdir "$folder/series"

# carry NAME TABLE SEASON AHEAD [OPTION...]: of the last rows nothing is learnt
carry() {
  echo "$1"
  table=$2
  season=$3
  ahead=$4
  shift 4
  "$dforce" train series --threads 1 --steps 12 \
    --config width=16,mlp=16,clips=2 --leave "$ahead" "$@" \
    --out "$folder/series/default.safetensors" "$table" > "$folder/log"
  "$player" "$module" "$folder" "$table" "$season" "$ahead"
}

carry 'sun at four places, two days' "$sun" 24 48 --horizon 24

# Four series more than there are inputs, which follow from the others
python3 "$lfo" 1000 5 | awk -F, -v OFS=, '
  NR == 1 { print $0, "sum", "difference", "more", "less" }
  NR > 1 { print $0, $1 + $2, $3 - $4, $5 + $6, $7 - $8 }' > "$folder/wide.csv"
carry 'twelve oscillations, 8 inputs' "$folder/wide.csv" 16 16 --horizon 16 \
  --freq min --start 2020-01-01
"$wide" "$module" "$folder" "$folder/wide.csv" 16

# What only the network sees, to which the time of its rows is told
write_chaos
carry 'chaos by the hour' "$folder/chaos.csv" 2 2 --horizon 2 --freq H \
  --start 2020-07-01T05:00 --steps 1000 --config width=24,mlp=24,clips=8
grep -q 'forecasts will use the network' "$folder/log" ||
  fail "$(cat "$folder/log")"

if [ -n "${DFORCE_DATA:-}" ]; then
  rates=$DFORCE_DATA/timeseries/exchange_rate_nips/exchange_rate_nips.npy
  carry 'eight exchange rates, 30 days' "$rates" 5 30 --horizon 30
else
  echo 'skipped: exchange rates, for DFORCE_DATA is not set'
fi
