#!/bin/sh
# Two renders of jalv are the same in every sample at every period, and differ
# from the input where they should.  Arguments: make_model, a clip.  Needs
# DFORCE_BUILD; skipped (77) without jackd and jalv.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
make_model=$1
clip=$2
for tool in jackd jalv jack_wait jack_lsp stdbuf sox; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed"
		exit 77
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
fail() {
	echo "test_jalv.sh: $*" >&2
	exit 1
}

# For a bundle that holds no model yet: a small one where the user's lie
unset LV2_PATH
export XDG_DATA_HOME="$work/data"
mkdir -p "$work/data/dforce/models"
"$make_model" "$work/data/dforce/models/small.safetensors"

sox "$clip" -c 2 -b 16 "$work/in.wav" trim 0 3
render() {
	"$here/render_jalv.sh" "$@" || fail "render_jalv.sh $*"
}

for period in 64 256 1024 256; do
	render -p $period -a 1.5:noise=1 -c seed=3 "$work/in.wav" "$work/out.wav"
	if [ -e "$work/first.wav" ]; then
		cmp "$work/first.wav" "$work/out.wav" || fail "period $period differs"
	else
		mv "$work/out.wav" "$work/first.wav"
	fi
done

passes() { # IN OUT FROM LENGTH: whether this part is the same in every sample
	sox "$1" -t f32 "$work/in.raw" trim "$3" "$4" || fail "sox: $1"
	sox "$2" -t f32 "$work/out.raw" trim "$3" "$4" || fail "sox: $2"
	cmp "$work/in.raw" "$work/out.raw"
}

# Heard: up to the loss (1.5 s) it is the input, after it the model's
passes "$work/in.wav" "$work/first.wav" 0 1.4 || fail "trusted input does not pass"
passes "$work/in.wav" "$work/first.wav" 2 1 && fail "nothing happened at noise 1"

# Bypassed by `enabled`, a control like others here: soon the input, sample by
# sample, until enabled again.  Where that begins (on a grid of 1024 samples) it
# is no sharper than what was and what will be; a hard switch would be.
sharpest() { # FILE: how far a sample there is from the middle of its neighbours
	sox "$1" -n fir -0.5 1 -0.5 trim 1.97 0.1 stat 2>&1 |
		awk '/^Maximum amplitude/ { print $3 }'
}
render -a 1.5:noise=1 -a 2:enabled=0 -a 2.5:enabled=1 -c seed=3 "$work/in.wav" "$work/out.wav"
passes "$work/in.wav" "$work/out.wav" 2.1 0.35 ||
	fail "bypassed, the input does not pass"
passes "$work/in.wav" "$work/out.wav" 2.6 0.35 &&
	fail "enabled again, nothing happens"
sox "$work/first.wav" "$work/left.wav" trim 0 88064s
sox "$work/in.wav" -b 32 -e float "$work/right.wav" trim 88064s
sox "$work/left.wav" "$work/right.wav" "$work/hard.wav"
awk "BEGIN {
	was = $(sharpest "$work/first.wav"); will = $(sharpest "$work/in.wav")
	own = was > will ? was : will
	exit !($(sharpest "$work/out.wav") <= own && $(sharpest "$work/hard.wav") > 1.5 * own)
}" || fail "bypassed with a click"

# A preset, one channel, a look-ahead whose latency is made up for
sox "$clip" -c 1 -b 16 "$work/mono.wav" trim 0 2
render -P urn:dforce:audio-mono#fill "$work/mono.wav" "$work/out.wav"
sox "$work/mono.wav" -t f32 "$work/in.raw"
sox "$work/out.wav" -t f32 "$work/out.raw"
cmp "$work/in.raw" "$work/out.raw" || fail "the latency is not made up for"

# What cannot be is said
refused() {
	want=$1
	shift
	status=0
	"$here/render_jalv.sh" "$@" >"$work/said" 2>&1 || status=$?
	[ $status -eq "$want" ] || fail "want status $want, got $status: $*"
	[ -s "$work/said" ] || fail "nothing said: $*"
}
: >"$work/empty.wav"
refused 2 "$work/absent.wav" "$work/out.wav"
refused 2 "$work/empty.wav" "$work/out.wav"
refused 1 -c nonsense=1 "$work/mono.wav" "$work/out.wav"
refused 1 -P urn:dforce:audio-mono#nonsense "$work/mono.wav" "$work/out.wav"
