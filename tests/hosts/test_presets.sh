#!/bin/sh
# Each preset loads in a running jalv, through its console, and sets what its
# file says; so does a control by name.  Argument: the folder of presets.  Needs
# LV2_PATH; skipped (77) without jackd and jalv.
set -eu

presets=$1
for tool in jackd jalv jack_wait stdbuf; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed"
		exit 77
	}
done
. "$(dirname "$0")/jack.sh"
work=$(mktemp -d)
jackd_pid=
jalv_pid=
clean() {
	trap - EXIT INT TERM HUP
	exec 3>&- || :
	# shellcheck disable=SC2086
	stop $jalv_pid $jackd_pid
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP
fail() {
	echo "test_presets.sh: $*" >&2
	exit 1
}

start_jack 48000 1024 --no-realtime -S || fail 'no JACK server'

# Say a line, wait until it is done (jalv complains of the control after it)
said=0
say() {
	said=$((said + 1))
	printf '%s\nsync_%d_ = 0\n' "$1" $said >&3
	tries=0
	until grep -q "sync_${said}_" "$work/jalv.log"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] && kill -0 "$jalv_pid" || fail "no answer to: $1"
		sleep 0.1
	done
}
# What `controls` says of a symbol, the last time
value() {
	sed -n "s/^\\(> \\)*$1 = //p" "$work/jalv.log" | tail -n 1
}

for kind in audio audio-mono; do
	rm -f "$work/in" "$work/jalv.log"
	mkfifo "$work/in"
	exec 3<>"$work/in"
	stdbuf -oL -eL jalv urn:dforce:$kind <"$work/in" >"$work/jalv.log" 2>&1 3>&- &
	jalv_pid=$!
	say 'heat = 0.75'
	say controls
	awk "BEGIN { exit !($(value heat) == 0.75) }" || fail "heat = $(value heat)"
	say presets # else jalv does not read what a preset holds
	count=0
	for file in "$presets"/*.ttl; do
		name=$(basename "$file" .ttl)
		say "preset urn:dforce:$kind#$name"
		say controls
		sed -n "/<urn:dforce:$kind#/,/] \\./s/.*lv2:symbol \"\\(.*\\)\" ; pset:value \\(.*\\) ].*/\\1 \\2/p" \
			"$file" >"$work/want"
		[ "$(wc -l <"$work/want")" -ge 12 ] || fail "$file: cannot be read"
		while read -r symbol want; do
			got=$(value "$symbol")
			awk "BEGIN { d = ($got) - ($want); exit !(d * d < 1e-9) }" ||
				fail "$kind#$name: $symbol is $got, want $want"
		done <"$work/want"
		count=$((count + 1))
	done
	[ $count -ge 12 ] || fail "$count presets"
	kill -INT "$jalv_pid"
	wait "$jalv_pid" || :
	jalv_pid=
done
