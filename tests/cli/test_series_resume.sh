#!/bin/sh
# A run of train series that was killed, or stopped by Ctrl-C, in either of its
# two parts goes on with --resume and ends with the bytes of one that was not.
#
# test_series_resume.sh DFORCE
set -eu
dforce=$1
. "$(dirname "$0")/series.sh"
model=$folder/m.safetensors

# So that the network wins and both parts are long
write_chaos

train() {
  exec "$dforce" train series --threads 1 --steps 1000 --horizon 2 --freq H \
    --config width=24,mlp=24,clips=8 --save-every .1 --out "$model" "$@" \
    "$folder/chaos.csv"
}

# Begin, wait for a checkpoint, send a signal, and say how it ended
interrupt() {
  signal=$1 file=$2
  shift 2
  (train "$@") > "$folder/log" 2>&1 &
  run=$!
  for _ in $(seq 3000); do
    test -e "$file" && break
    kill -0 "$run" 2> /dev/null || fail "ended before $file: $(cat "$folder/log")"
    sleep .02
  done
  kill -s "$signal" "$run"
  code=0
  wait "$run" || code=$?
}

(train) > "$folder/log" || fail "$(cat "$folder/log")"
grep -q "forecasts will use the network" "$folder/log" || fail "network not used"
test ! -e "$model.resume" || fail "a checkpoint is left"
test ! -e "$model.resume-all" || fail "a checkpoint is left"
mv "$model" "$folder/want"
rm "$model.png"

interrupt KILL "$model.resume"
test ! -e "$model.resume-all" || fail "killed too late"
(train --resume --seed 9) > "$folder/log" 2>&1 && fail "took another seed's run"
grep -q "seed: this run has 9, the checkpoint 1" "$folder/log" || fail "seed"
interrupt INT "$model.resume-all" --resume
test "$code" = 130 || fail "Ctrl-C: exit status $code"
grep -q "^resuming at step [1-9][0-9]* of 1000" "$folder/log" || fail "no start"
grep -q "with --resume goes on" "$folder/log" || fail "does not say how"
test ! -e "$model" || fail "an unfinished model"
(train --resume) > "$folder/log" || fail "$(cat "$folder/log")"
test "$(grep -c "^resuming at step" "$folder/log")" = 2 || fail "not both parts"
cmp "$model" "$folder/want" || fail "not the bytes of an uninterrupted run"
test -s "$model.png" || fail "no picture"
test ! -e "$model.resume-all" || fail "a checkpoint is left"

# Without one there is nothing to go on from
(train --resume) > "$folder/log" 2>&1 && fail "resumed from nothing"
grep -q "m.safetensors.resume: " "$folder/log" || fail "checkpoint not named"
