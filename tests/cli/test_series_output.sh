#!/bin/sh
# What a forecast is written to: whole or not at all, a full disk is an error,
# a device stays one, and a stream ends where nobody listens.
#
# test_series_output.sh DFORCE TABLE.csv
set -eu
dforce=$1
table=$2
. "$(dirname "$0")/series.sh"

model=$folder/m.safetensors
"$dforce" train series --threads 1 --steps 2 --validation-windows 2 \
  --config width=16,mlp=16,clips=2 --out "$model" "$table" > "$folder/log"

forecast() {
  "$dforce" forecast --model "$model" --samples 5 "$@"
}

# Old files stay where there is no new one
echo old > "$folder/f.csv"
echo x > "$folder/bad.csv"
forecast --pins "$folder/bad.csv" --out "$folder/f.csv" "$table" \
  2> /dev/null && fail "took bad pins"
test "$(cat "$folder/f.csv")" = old || fail "an old file is gone"
forecast --out "$folder/f.csv" "$table"
forecast "$table" | cmp - "$folder/f.csv" || fail "not what standard output has"
ln -s f.csv "$folder/link.csv"
forecast --out "$folder/link.csv" "$table"
test -L "$folder/link.csv" || fail "a link was replaced"
forecast --out /dev/stdout "$table" | cmp - "$folder/f.csv" ||
  fail "not through a pipe"
test "$(find "$folder" -name '*.part')" = '' || fail "a part is left"

# What is read is not written over, whatever it is called; a table may be filled
# in place
cp "$table" "$folder/t.csv"
cp "$model" "$folder/n.safetensors"
ln "$folder/t.csv" "$folder/hard.csv"
ln -s t.csv "$folder/soft.csv"
for name in t hard soft; do
  for option in --out --plot; do
    refuse "$option: want another file than .*t.csv, which is read" forecast \
      --model "$model" "$option" "$folder/$name.csv" "$folder/t.csv"
  done
  refuse '--out: want another file than .*t.csv, which is read' train series \
    --out "$folder/$name.csv" "$folder/t.csv"
done
refuse '--out: want another file than .*n.safetensors, which is read' forecast \
  --model "$folder/n.safetensors" --out "$folder/n.safetensors" "$table"
refuse '--out: want another file than .*n.safetensors, which is read' impute \
  --model "$folder/n.safetensors" --out "$folder/n.safetensors" "$table"
cmp "$folder/t.csv" "$table" || fail "a table is gone"
cmp "$folder/n.safetensors" "$model" || fail "a model is gone"
awk -F, -v OFS=, 'NR == 900 { $2 = "" } 1' "$table" > "$folder/t.csv"
"$dforce" impute --model "$model" --samples 5 --out "$folder/t.csv" \
  "$folder/t.csv" > "$folder/log"
! grep -q ',,' "$folder/t.csv" || fail "not filled in place"

# A full disk
if test -c /dev/full; then
  full() {
    wanted=$1
    shift
    code=0
    "$@" 2> "$folder/err" || code=$?
    test "$code" = 1 || fail "$*: exit status $code"
    grep -q "$wanted" "$folder/err" || fail "$*: $(cat "$folder/err")"
    test -c /dev/full || fail "$*: /dev/full is no device any more"
  }
  for option in --out --plot; do
    full '/dev/full: No space' forecast "$option" /dev/full "$table" > /dev/null
  done
  full '/dev/full: No space' "$dforce" impute --model "$model" --samples 5 \
    --out /dev/full "$table"
  full '/dev/full is not a file' "$dforce" train series --out /dev/full "$table"
  full 'standard output: cannot' forecast "$table" > /dev/full
  full 'eval: standard output: cannot' "$dforce" eval --windows 1 \
    --validation 1 --samples 20 "$table" > /dev/full
  # The first forecast that cannot be written ends it, before the bad row
  printf '1,2,3,4\nx\n' > "$folder/rows"
  full 'standard output: cannot' forecast --stream "$table" < "$folder/rows" \
    > /dev/full
  full '/dev/full: cannot' forecast --stream --out /dev/full "$table" \
    < "$folder/rows"
fi

# Nobody listens: forecast ends, and with it what feeds it
(
  code=0
  yes 1,2,3,4 | { forecast --stream "$table" || code=$?
                  echo "$code" > "$folder/code"; } | head -n 1 > "$folder/head"
)
test "$(wc -l < "$folder/head")" = 1 || fail "no first line"
test "$(cat "$folder/code")" != 0 || fail "went on without a listener"
