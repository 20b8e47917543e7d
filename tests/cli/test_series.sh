#!/bin/sh
# A table to a model to a forecast, a stream of them, scores and filled gaps.
#
# test_series.sh DFORCE TABLE.csv
set -eu
dforce=$1
table=$2
. "$(dirname "$0")/series.sh"

train() {
  out=$1
  shift
  "$dforce" train series --threads 1 --steps 12 --validation-windows 2 "$@" \
    --config width=16,mlp=16,clips=2 --out "$out" "$table" > "$folder/log"
}

train "$folder/a.safetensors"
train "$folder/b.safetensors"
cmp "$folder/a.safetensors" "$folder/b.safetensors" || fail "not the same bytes"
grep -q '^3600 rows, every H from 2019-03-01T00:00:00; 4 series, "Denver" to "Pro' \
  "$folder/log" || fail "does not say what was read"
grep -q "validation on 2 windows" "$folder/log" || fail "no validation printed"
"$dforce" info "$folder/a.safetensors" | grep -q train.validation_crps_sum ||
  fail "validation is not kept"
test -s "$folder/a.safetensors.png" || fail "no picture of the run"

"$dforce" forecast --model "$folder/a.safetensors" --samples 20 \
  --quantiles .1,.9 --out "$folder/f.csv" --plot "$folder/f.png" "$table"
# 24 hours of 4 series and a header
test "$(wc -l < "$folder/f.csv")" = 97 || fail "not 97 lines"
head -n 1 "$folder/f.csv" | grep -q '^time,series,q0.1,q0.9$' || fail "header"
awk -F, 'NR > 1 && $3 > $4 { exit 1 }' "$folder/f.csv" || fail "crossing"
test -s "$folder/f.png" || fail "no fan chart"
"$dforce" forecast --model "$folder/a.safetensors" --samples 20 \
  --quantiles .1,.9 - < "$table" | cmp - "$folder/f.csv" ||
  fail "standard input differs from the file"

# Fewer rows are the first of all
"$dforce" forecast --model "$folder/a.safetensors" --samples 20 --horizon 7 \
  --quantiles .1,.9 --plot "$folder/f.png" "$table" > "$folder/few"
head -n 29 "$folder/f.csv" | cmp - "$folder/few" || fail "not the first 7 hours"

# A pin stands in every quantile of its step, and only there
{
  head -n 1 "$table" | cut -d, -f2-
  echo ',,,'
  echo '123.25,,,'
} > "$folder/pins.csv"
"$dforce" forecast --model "$folder/a.safetensors" --samples 20 \
  --quantiles .1,.9 --pins "$folder/pins.csv" --out "$folder/p.csv" "$table"
test "$(grep -c ',123.25,123.25$' "$folder/p.csv")" = 1 || fail "no pin"
sed -n 6p "$folder/p.csv" | grep -q ',123.25,123.25$' || fail "pin's place"

train "$folder/c.safetensors" --leave 48
"$dforce" eval --windows 2 --validation 2 --samples 20 \
  --model "$folder/c.safetensors" "$table" > "$folder/eval"
names='last value\|random walk\|seasonal naive\|ridge + AR\|VAR(1)'
test "$(grep -c "^\($names\|linear base\|model\) " "$folder/eval")" = 7 ||
  fail "eval: not seven methods"

# Row by row: the last rows one after the other, and what follows the last of
# them begins where the table's own forecast does
head -n 3598 "$table" > "$folder/past.csv"
tail -n 3 "$table" | cut -d, -f2- | "$dforce" forecast --stream --samples 20 \
  --quantiles .1,.9 --model "$folder/a.safetensors" "$folder/past.csv" \
  > "$folder/stream"
test "$(wc -l < "$folder/stream")" = 289 || fail "stream: not 3 forecasts"
tail -n 96 "$folder/stream" | cut -d, -f1,2 > "$folder/stream.heads"
tail -n 96 "$folder/f.csv" | cut -d, -f1,2 | cmp - "$folder/stream.heads" ||
  fail "stream: other times"

tail -n 3 "$table" | cut -d, -f2- | "$dforce" forecast --stream --horizon 1 \
  --samples 20 --quantiles .1,.9 --model "$folder/a.safetensors" \
  "$folder/past.csv" > "$folder/few"
awk 'NR == 1 || (NR - 2) % 96 < 4' "$folder/stream" | cmp - "$folder/few" ||
  fail "stream: not the first hour of each"

# The same rows with their times; a row left out is told
tail -n 3 "$table" | "$dforce" forecast --stream --samples 20 \
  --quantiles .1,.9 --model "$folder/a.safetensors" "$folder/past.csv" |
  cmp - "$folder/stream" || fail "stream: other with times"
if tail -n 2 "$table" | "$dforce" forecast --stream --samples 20 \
  --model "$folder/a.safetensors" "$folder/past.csv" > /dev/null 2> "$folder/err"
then fail "a stream without a row was taken"; fi
grep -q 'input: line 1, column 1: want the time 2019-07-28T21:00:00, found "2019' \
  "$folder/err" || fail "stream: $(cat "$folder/err")"

# A gap is filled in place, and no other byte changes
awk -F, -v OFS=, 'NR > 2000 && NR <= 2005 { $3 = "" } 1' "$table" \
  > "$folder/gap.csv"
"$dforce" impute --model "$folder/a.safetensors" --samples 20 \
  --out "$folder/full.csv" "$folder/gap.csv" | grep -q '^5 missing values' ||
  fail "impute: not 5 values"
"$dforce" impute --model "$folder/a.safetensors" --out "$folder/default.csv" \
  "$folder/gap.csv" > "$folder/log"
"$dforce" impute --model "$folder/a.safetensors" --samples 50 --slope 0 \
  --passes 12 --out "$folder/told.csv" "$folder/gap.csv" > "$folder/log"
cmp "$folder/default.csv" "$folder/told.csv" ||
  fail "impute: the defaults are not those that --help tells"
awk -F, 'NR > 2000 && NR <= 2005 && $3 == "" { exit 1 }' "$folder/full.csv" ||
  fail "impute: a gap is left"
awk -F, -v OFS=, 'NR > 2000 && NR <= 2005 { $3 = "" } 1' "$folder/full.csv" |
  cmp - "$folder/gap.csv" || fail "impute: other bytes changed"

# What is wrong is named
refuse 'want a model of the first 3552 rows' \
  eval --windows 2 --validation 2 --samples 20 \
  --model "$folder/a.safetensors" "$table"
test ! -s "$folder/out" || fail "eval: refused only after its work"
printf 'a,b\n1,2\n3,x\n' > "$folder/bad.csv"
refuse 'line 3, column 2 (b): want a number' \
  forecast --model "$folder/a.safetensors" "$folder/bad.csv"
printf 'a,b\n1,2\n3,4\n' > "$folder/short.csv"
refuse 'series: want 4' \
  forecast --model "$folder/a.safetensors" "$folder/short.csv"
awk -F, -v OFS=, '{ x = $2; $2 = $3; $3 = x } 1' "$table" > "$folder/swap.csv"
refuse 'swap.csv: series 1: want "Denver" as in the model, found "El Paso"' \
  forecast --model "$folder/a.safetensors" "$folder/swap.csv"
refuse 'swap.csv: series 1: want "Denver" as in the model, found "El Paso"' \
  impute --model "$folder/a.safetensors" --out "$folder/x" "$folder/swap.csv"
refuse 'swap.csv: series 1: want "Denver" as in the model, found "El Paso"' \
  eval --windows 2 --validation 2 --model "$folder/a.safetensors" \
  "$folder/swap.csv"
cut -d, -f2- "$table" > "$folder/untimed.csv"
refuse 'untimed.csv: frequency of the rows: want H, that of the model, found n' \
  forecast --model "$folder/a.safetensors" "$folder/untimed.csv"
"$dforce" forecast --model "$folder/a.safetensors" --samples 20 \
  --quantiles .1,.9 --freq H --start 2019-03-01 "$folder/untimed.csv" |
  cmp - "$folder/f.csv" || fail "the same rows, timed by options, differ"
refuse 'want its own times, H from 2019-03-01T00:00:00 on, found D from' \
  forecast --model "$folder/a.safetensors" --freq D "$table"
refuse 'start: want --freq with it' \
  forecast --model "$folder/a.safetensors" --start 2019-03-01 \
  "$folder/untimed.csv"
refuse 'start: want 2019-01-31 or' \
  forecast --model "$folder/a.safetensors" --start soon "$table"
refuse 'freq: frequency: want S, min' \
  forecast --model "$folder/a.safetensors" --freq Q "$folder/untimed.csv"
refuse 'horizon: want at most 24, that of .*a.safetensors, found 25' \
  forecast --model "$folder/a.safetensors" --horizon 25 "$table"
if printf '1,2,3,4\n1,"2"x,3,4\n' | "$dforce" forecast --stream --samples 20 \
  --model "$folder/a.safetensors" "$folder/past.csv" > /dev/null 2> "$folder/err"
then fail "a broken row was taken"; fi
grep -q 'standard input: line 2, column 2: want a comma after the quotes' "$folder/err" ||
  fail "stream: $(cat "$folder/err")"
refuse 'bad.csv: line 3, column 2 (b): want a number' \
  impute --model "$folder/a.safetensors" --out "$folder/x" "$folder/bad.csv"
refuse 'short.csv: series: want 4' \
  impute --model "$folder/a.safetensors" --out "$folder/x" "$folder/short.csv"
for key in recall horizon context tokens dims sample_rate window hop frames \
  variants refresh cents gain drop; do
  refuse "config: $key: want a setting of tables, found one of sound" \
    train series --config "width=16,$key=1" --out "$folder/x" "$table"
done
refuse 'config: widht: no such setting' \
  train series --config widht=16 --out "$folder/x" "$table"
refuse 'config: width: want 8..1024, found "4"' \
  train series --config width=4 --out "$folder/x" "$table"
"$dforce" train series --help | grep -q '^  rate  *0.003 ' || fail "no settings"
! "$dforce" train series --help | grep -q '^  recall' || fail "settings of sound"
refuse 'horizon: want 24 as in' \
  eval --model "$folder/c.safetensors" --horizon 7 "$table"
refuse '-: want a file, to be copied' \
  impute --model "$folder/a.safetensors" --out "$folder/x.csv" -
refuse 'want one table, --model and --out' \
  impute --model "$folder/a.safetensors" "$table"
printf 'a,b,c,d\n1,2,3,4\n' > "$folder/names.csv"
refuse 'names.csv: column 1: want "Denver" as in the table, found "a"' \
  forecast --model "$folder/a.safetensors" --pins "$folder/names.csv" "$table"
{
  head -n 1 "$table" | cut -d, -f2-
  echo ',,,'
  echo '1,,,'
} > "$folder/levels.csv"
"$dforce" forecast --model "$folder/a.safetensors" --samples 20 \
  --quantiles .1,.9 --pins "$folder/pins.csv" \
  --pin-levels "$folder/levels.csv" --out "$folder/p.csv" "$table"
! grep -q ',123.25,123.25$' "$folder/p.csv" || fail "an exact pin of level 1"
sed -i 's/^1,/2,/' "$folder/levels.csv"
refuse 'levels.csv: row 2, column 1 (Denver): want a level 0..1, found 2' \
  forecast --model "$folder/a.safetensors" --pins "$folder/pins.csv" \
  --pin-levels "$folder/levels.csv" "$table"
head -n 1 "$table" > "$folder/times.csv"
echo '1999-01-01T00:00,1,,,' >> "$folder/times.csv"
refuse 'times.csv: row 1: want the time 2019-07-29T00:00:00, found 1999-01' \
  forecast --model "$folder/a.safetensors" --pins "$folder/times.csv" "$table"
head -n 1 "$table" > "$folder/times.csv"
printf '2019-07-29T00:00,1,,,\n2019-07-29T02:00,1,,,\n' >> "$folder/times.csv"
refuse 'times.csv: row 2: want the time 2019-07-29T01:00:00, found 2019-07-29T02' \
  forecast --model "$folder/a.safetensors" --pins "$folder/times.csv" "$table"
sed -i '$d' "$folder/times.csv"
"$dforce" forecast --model "$folder/a.safetensors" --samples 20 \
  --pins "$folder/times.csv" "$table" > "$folder/out" || fail "one row, timed"
refuse '--pin-level: want --pins' \
  forecast --model "$folder/a.safetensors" --pin-level .5 "$table"
head -n 1 "$table" | cut -d, -f2- > "$folder/long.csv"
seq 25 | sed 's/.*/1,,,/' >> "$folder/long.csv"
refuse 'long.csv: rows: want at most 24, the horizon, found 25' \
  forecast --model "$folder/a.safetensors" --pins "$folder/long.csv" "$table"
head -n 1 "$table" | cut -d, -f2- > "$folder/high.csv"
echo ',1e30,,' >> "$folder/high.csv"
refuse 'high.csv: row 1, column 2: want a value within 1e+18, found 1e+30' \
  forecast --model "$folder/a.safetensors" --pins "$folder/high.csv" "$table"
if echo '1,2,3,1e300' | "$dforce" forecast --stream --samples 20 \
  --model "$folder/a.safetensors" "$folder/past.csv" > /dev/null 2> "$folder/err"
then fail "a row out of range was taken"; fi
grep -q 'input: line 1, column 4: want a value within 1e+18, found 1e+300' \
  "$folder/err" ||
  fail "stream: $(cat "$folder/err")"
if "$dforce" forecast --stream --samples 20 --model "$folder/a.safetensors" \
  "$folder/past.csv" <&- > /dev/null 2> "$folder/err"
then fail "a closed input was taken"; fi
grep -q 'standard input: cannot be read' "$folder/err" ||
  fail "stream: $(cat "$folder/err")"

# Nothing to judge by, or of a series nothing at all, or too much
head -n 1001 "$table" | awk -F, -v OFS=, 'NR > 1 { $3 = "" } 1' \
  > "$folder/never.csv"
refuse 'never.csv: column 2 (El Paso): want a value in the first 832 rows' \
  train series --out "$folder/c.safetensors" "$folder/never.csv"
refuse 'never.csv: column 2 (El Paso): want a value in the first 664 rows' \
  eval "$folder/never.csv"
head -n 1001 "$table" | awk -F, -v OFS=, \
  'NR > 900 { $2 = $3 = $4 = $5 = "" } 1' > "$folder/over.csv"
refuse 'over.csv: rows 977 to 1000: want a value to judge by' \
  train series --validation-windows 1 --out "$folder/c.safetensors" \
  "$folder/over.csv"
head -n 1001 "$table" | awk -F, -v OFS=, 'NR == 500 { $3 = "1e300" } 1' \
  > "$folder/far.csv"
refuse 'far.csv: row 499, column 2 (El Paso): want values within 1e+18' \
  eval "$folder/far.csv"
refuse 'far.csv: row 499, column 2 (El Paso): want values within 1e+18' \
  train series --out "$folder/c.safetensors" "$folder/far.csv"
refuse 'leave: want fewer than the 3600 rows of .*, found 3600' \
  train series --leave 3600 --out "$folder/c.safetensors" "$table"
head -n 301 "$table" > "$folder/few.csv"
refuse 'few.csv: rows: want more than the 168 that are kept back, found 132' \
  eval --validation 7 "$folder/few.csv"
refuse 'few.csv: rows: want at least 127 to learn from, found 108' \
  eval "$folder/few.csv"
refuse 'want more rows' \
  train series --out "$folder/c.safetensors" "$folder/short.csv"
