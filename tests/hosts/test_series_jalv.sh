#!/bin/sh
# The series plugin in jalv, its control voltages as JACK ports: trusted it
# passes, then it carries eight oscillations on, the same at every period.
# Arguments: lfo.py.  Needs DFORCE_BUILD; skipped (77) without jackd and jalv.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lfo=$1
for tool in jackd jalv jack_wait jack_lsp stdbuf sox python3; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed"
		exit 77
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
unset LV2_PATH

# 400 rows, each held for 80 samples; sox keeps to a range of 1
python3 "$lfo" 400 9 >"$work/lfo.csv"
python3 - "$work" <<'END'
import array, csv, sys
rows = list(csv.reader(open(sys.argv[1] + "/lfo.csv")))[1:]
flat = array.array("f")
for row in rows:
    flat.extend(array.array("f", [float(x) / 4.0 for x in row]) * 80)
open(sys.argv[1] + "/in.raw", "wb").write(flat.tobytes())
END
sox -t f32 -r 8000 -c 8 "$work/in.raw" -e floating-point -b 32 "$work/in.wav"
sox "$work/in.wav" -t f32 "$work/in.raw"

for period in 64 256; do
	"$here/render_jalv.sh" -u urn:dforce:series -p $period -c rate=100 \
		-c samples=8 -a 3:noise=1 "$work/in.wav" "$work/$period.wav"
done
cmp "$work/64.wav" "$work/256.wav" || {
	echo 'test_series_jalv.sh: another period, another result' >&2
	exit 1
}
sox "$work/64.wav" -t f32 "$work/out.raw"
python3 - "$work" <<'END'
import array, sys
def read(name):
    numbers = array.array("f")
    numbers.frombytes(open(sys.argv[1] + name, "rb").read())
    return [numbers[i : i + 8] for i in range(0, len(numbers), 8)]
come, gone = read("/in.raw"), read("/out.raw")
assert len(gone) == len(come), (len(gone), len(come))
begin = 24000  # noise rises in the 1024 samples around
assert come[: begin - 1024] == gone[: begin - 1024], "trusted input does not pass"
last = come[begin - 1]
error = held = 0.0
for t in range(begin + 1024, begin + 1024 + 30 * 80):
    error += sum((a - b) ** 2 for a, b in zip(gone[t], come[t]))
    held += sum((a - b) ** 2 for a, b in zip(last, come[t]))
print("squared error, of the last value's: %.3f" % (error / held))
assert 0.0 < error < 0.25 * held
END
