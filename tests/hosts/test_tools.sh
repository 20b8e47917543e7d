#!/bin/sh
# lv2apply and lv2bench run both plugins and exit 0; lv2file too where there is
# one.  With a model noise is heard, with none the sound passes.  Arguments: a
# clip, the folder of the bundle.  Skipped (77) without the first two.
set -eu

clip=$1
for tool in lv2apply lv2bench sox; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed"
		exit 77
	}
done
file=$(command -v lv2file || true)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME="$work/none" XDG_DATA_DIRS="$work/none"

# The last of the features that lv2file 0.95 hands on is one that it never
# filled in.  Where the dynamic linker is done before main() that is zeros, else
# on some processors what looks like a URI and is none.
lv2file() {
	LD_BIND_NOW=1 command lv2file "$@"
}

# The bundle, and one without the models
mkdir "$work/bare"
cp -RP "$2/dforce.lv2" "$work/bare"
rm -r "$work/bare/dforce.lv2/default.safetensors" "$work/bare/dforce.lv2/series"
for bundles in "$2" "$work/bare"; do
	export LV2_PATH="$bundles:/usr/lib/lv2"
	for channels in 1 2; do
		uri=urn:dforce:audio
		[ $channels -eq 2 ] || uri=urn:dforce:audio-mono
		sox "$clip" -c $channels -e floating-point "$work/in.wav" trim 0 1
		lv2apply -i "$work/in.wav" -o "$work/dry.wav" $uri
		sox "$work/in.wav" -t f32 "$work/in.raw"
		sox "$work/dry.wav" -t f32 "$work/dry.raw"
		cmp "$work/in.raw" "$work/dry.raw"
		lv2apply -i "$work/in.wav" -o "$work/wet.wav" \
			-c noise 1 -c wait 2 -c lookahead 50 $uri
		lv2apply -i "$work/in.wav" -o "$work/wet.wav" -c noise 1 -c wait 2 $uri
		sox "$work/wet.wav" -t f32 "$work/wet.raw"
		found=passes want=passes
		cmp "$work/in.raw" "$work/wet.raw" || found=changes
		[ "$bundles" != "$2" ] || want=changes
		[ $found = $want ] || {
			echo "$bundles, $uri: want the sound $want, found $found" >&2
			exit 1
		}
		lv2bench -b 256 -n 96000 $uri
		[ -n "$file" ] || continue
		lv2file -b 100 -p noise:0 -i "$work/in.wav" -o "$work/dry.wav" $uri
		sox "$work/dry.wav" -t f32 "$work/dry.raw"
		cmp "$work/in.raw" "$work/dry.raw"
		lv2file -P Drift -p wait:2 -i "$work/in.wav" -o "$work/wet.wav" $uri
	done
done
