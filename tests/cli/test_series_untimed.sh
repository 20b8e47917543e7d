#!/bin/sh
# Of rows without times the changes are forecast: from the last value known,
# however long ago that was, and from none where there was none.
#
# test_series_untimed.sh DFORCE
set -eu
dforce=$1
. "$(dirname "$0")/series.sh"
model=$folder/m.safetensors

# Two walks about 1000
awk 'BEGIN {
  print "a,b"
  srand(1)
  x = y = 1000
  for (t = 0; t < 600; ++t) {
    printf "%.4f,%.4f\n", x, y
    x += rand() - .5
    y += rand() - .5
  }
}' > "$folder/walk.csv"
"$dforce" train series --threads 1 --steps 2 --horizon 4 \
  --config width=16,mlp=16,clips=2 --out "$model" "$folder/walk.csv" \
  > "$folder/log"
grep -q '^600 rows without times; 2 series, "a" to "b"$' "$folder/log" ||
  fail "does not say what was read: $(cat "$folder/log")"
grep -q 'differences yes' "$folder/log" || fail "$(cat "$folder/log")"

forecast() {
  "$dforce" forecast --model "$model" --samples 20 --quantiles .5 "$@"
}

# An outage longer than a stream looks back on
yes , | head -n 700 | forecast --stream "$folder/walk.csv" | tail -n 8 \
  > "$folder/far"
test "$(wc -l < "$folder/far")" = 8 || fail "not one forecast of eight values"
awk -F, '$3 < 900 || $3 > 1100 { exit 1 }' "$folder/far" ||
  fail "the level is lost: $(cat "$folder/far")"

awk -F, -v OFS=, 'NR > 1 { $2 = "" } 1' "$folder/walk.csv" > "$folder/none.csv"
refuse 'none.csv: column 2 (b): want a value that changes can begin from' \
  forecast --model "$model" "$folder/none.csv"
refuse 'none.csv: column 2 (b): want a value that changes can begin from' \
  impute --model "$model" --out "$folder/x" "$folder/none.csv"
test ! -e "$folder/x" || fail "a file of what was refused"

# Too few rows of a stream in all
head -n 4 "$folder/walk.csv" > "$folder/few.csv"
if echo 1,2 | forecast --stream "$folder/few.csv" > "$folder/out" \
  2> "$folder/err"; then fail "too few rows were taken"; fi
grep -q 'input: rows: want at least [0-9]* with those of .*few.csv, found 4' \
  "$folder/err" || fail "$(cat "$folder/err")"
head -n 50 "$folder/walk.csv" > "$folder/more.csv"
refuse 'more.csv: rows: want at least' \
  train series --horizon 4 --validation-windows 1 --out "$folder/x" \
  "$folder/more.csv"
