#!/bin/sh
# `dforce render` and `dforce plot` as a person meets them: right results, and
# words that name what is wrong.  Arguments: dforce, make_model, a clip.
set -eu

dforce=$1
make_model=$2
clip=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	echo "test_render.sh: $*" >&2
	exit 1
}

# refused STATUS WORDS COMMAND...: exits so and says so
refused() {
	want=$1 words=$2
	shift 2
	status=0
	"$@" >"$work/said" 2>&1 || status=$?
	[ $status -eq "$want" ] ||
		fail "want exit $want, found $status: $* ($(cat "$work/said"))"
	grep -q -F -e "$words" "$work/said" ||
		fail "want \"$words\", found \"$(cat "$work/said")\": $*"
}

model=$work/m.safetensors
"$make_model" "$model"

# A continuation, a two-sided fill and a morph, with a picture
"$dforce" render --model "$model" --noise "0:0 4:1 4.3:0 6:0.4 7:0" \
	--plot "$work/a.png" "$clip" "$work/a.wav"
"$dforce" render --model "$model" --noise "0:0 4:1 4.3:0 6:0.4 7:0" \
	"$clip" "$work/b.wav"
cmp "$work/a.wav" "$work/b.wav" || fail "two renders differ"
head -c 8 "$work/a.png" | od -An -c | grep -q "P   N   G" || fail "no PNG"
"$dforce" render --model "$model" --seconds 2 "$clip" "$work/short.wav"
"$dforce" plot --mark 1 "$work/p.png" "$work/a.wav" "$work/short.wav"

# What is wrong is said
render() { "$dforce" render --model "$model" "$@"; }
refused 2 "usage" "$dforce" render
refused 2 "--nois" render --nois 1 "$clip" "$work/x.wav"
refused 2 "--horizon" render --horizon 99 "$clip" "$work/x.wav"
refused 2 "3:2" render --noise "0:0 3:2" "$clip" "$work/x.wav"
refused 2 "want rising times" render --noise "3:0 1:1" "$clip" "$work/x.wav"
refused 1 "none.safetensors" "$dforce" render --model "$work/none.safetensors" \
	"$clip" "$work/x.wav"
refused 1 "$clip" "$dforce" render --model "$clip" "$clip" "$work/x.wav"
head -c 5000 "$model" >"$work/cut.safetensors"
refused 1 "cut.safetensors" "$dforce" render --model "$work/cut.safetensors" \
	"$clip" "$work/x.wav"
refused 1 "none.wav" render "$work/none.wav" "$work/x.wav"
: >"$work/empty.wav"
refused 1 "empty.wav" render "$work/empty.wav" "$work/x.wav"
refused 1 "no/x.wav" render "$clip" "$work/no/x.wav"
refused 1 "no/x.png" "$dforce" plot "$work/no/x.png" "$clip"
[ ! -e "$work/x.wav" ] || fail "a refused render left a file"
