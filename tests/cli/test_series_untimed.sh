#!/bin/sh
# Of rows without times changes are forecast, from the last value known, however
# long ago that was, and from none where there was none; or a season that their
# values show.  And of few rows, with times.
#
# test_series_untimed.sh DFORCE
set -eu
dforce=$1
. "$(dirname "$0")/series.sh"
model=$folder/m.safetensors

# As short as can be
train() {
  "$dforce" train series --threads 1 --steps 2 \
    --config width=16,mlp=16,clips=2 "$@"
}

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
train --horizon 4 --out "$model" "$folder/walk.csv" > "$folder/log"
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

# Of a level far above its changes the quantiles, and what fills a gap, are told
# as finely as of any other
awk -F, 'NR > 1 { $0 = sprintf("%.4f,%.4f", 1e9 + $1, 1e9 + $2) } 1' \
  "$folder/walk.csv" > "$folder/level.csv"
train --horizon 4 --out "$folder/level.safetensors" "$folder/level.csv" \
  > "$folder/log"
grep -q 'linear base alone  *CRPS_sum [1-9]\.[0-9]*e-' "$folder/log" ||
  fail "a small score is not told: $(cat "$folder/log")"
"$dforce" forecast --model "$folder/level.safetensors" --samples 20 \
  --quantiles .05,.2345678,.95 "$folder/level.csv" > "$folder/out"
head -n 1 "$folder/out" | grep -q ',q0.2345678,' || fail "header of quantiles"
awk -F, 'NR > 1 && !($3 < $4 && $4 < $5) { exit 1 }' "$folder/out" ||
  fail "rounded to one: $(cat "$folder/out")"
awk -F, -v OFS=, 'NR == 300 { $2 = "" } 1' "$folder/level.csv" \
  > "$folder/gap.csv"
"$dforce" impute --model "$folder/level.safetensors" --out "$folder/full.csv" \
  "$folder/gap.csv" > "$folder/out"
sed -n 300p "$folder/full.csv" | grep -q ',100000[0-9]*\.[0-9][0-9][0-9]' ||
  fail "filled too roughly: $(sed -n 300p "$folder/full.csv")"

# What moves by next to nothing is refused, but where a log tells it apart; a
# series that is at rest but for rounding is at rest
awk -F, 'NR > 1 { $0 = ($1 - 1000) "e-14," $2 } 1' "$folder/walk.csv" \
  > "$folder/tiny.csv"
refuse 'tiny.csv: column 1 (a): want values that deviate from their mean by 1e' \
  train series --horizon 4 --out "$folder/x" "$folder/tiny.csv"
refuse 'tiny.csv: column 1 (a): want values that deviate from their mean by 1e' \
  eval --horizon 4 "$folder/tiny.csv"
awk -F, -v OFS=, 'NR > 1 { $1 = NR % 2 ? "0.3" : "0.30000000000000004" } 1' \
  "$folder/walk.csv" > "$folder/rest.csv"
awk -F, -v OFS=, 'NR > 1 { $1 = $2 = exp($1 - 1000) "e-14" } 1' \
  "$folder/walk.csv" > "$folder/log.csv"
for name in rest log; do
  train --horizon 4 --out "$folder/$name.safetensors" "$folder/$name.csv" \
    > "$folder/out" || fail "$name was refused"
done
grep -q 'transform log,' "$folder/out" || fail "not by its log"

# A season shows in the values; changes alone where they are asked for
awk 'BEGIN {
  print "a,b"
  srand(2)
  for (p = 0; p < 24; ++p) { shape[p] = rand() }
  for (t = 0; t < 600; ++t) {
    printf "%.4f,%.4f\n", shape[t % 24] + .2 * rand(),
      shape[(t + 7) % 24] + .2 * rand()
  }
}' > "$folder/wave.csv"
for changes in '' --changes; do
  # shellcheck disable=SC2086
  train $changes --horizon 4 --out "$folder/wave.safetensors" \
    "$folder/wave.csv" > "$folder/out"
  want='differences no, season 24 rows'
  [ -z "$changes" ] || want='differences yes, season 0 rows'
  grep -q "$want" "$folder/out" || fail "want $want: $(cat "$folder/out")"
done

# Ten years of months are enough for one more: fewer windows are kept back
awk 'BEGIN {
  print "time,a"
  srand(3)
  for (t = 0; t < 120; ++t) {
    printf "%d-%02d-01,%.3f\n", 2010 + int(t / 12), t % 12 + 1,
      100 + t + 20 * sin(t * .523599) + 3 * rand()
  }
}' > "$folder/months.csv"
train --horizon 12 --out "$folder/months.safetensors" "$folder/months.csv" \
  > "$folder/out"
grep -q '^validation on 1 windows of 12 rows' "$folder/out" ||
  fail "$(cat "$folder/out")"
"$dforce" forecast --model "$folder/months.safetensors" --samples 50 \
  --quantiles .5 "$folder/months.csv" > "$folder/out"
awk -F, 'NR > 1 {
  t = 118 + NR
  want = 101.5 + t + 20 * sin(t * .523599)
  if ($3 < want - 15 || $3 > want + 15) { exit 1 }
  ++rows
} END { exit rows != 12 }' "$folder/out" ||
  fail "the year to come: $(cat "$folder/out")"

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
