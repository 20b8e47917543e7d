#!/bin/sh
# The plugin in real time under a JACK server of its own (dummy driver, 48 kHz,
# 64 samples a cycle) while another program keeps one core busy.
#
#   realtime.sh [SECONDS [BUILD]]
#
# SECONDS (60) is the length of two measurements, of the server alone and of one
# instance, 0: neither; the CPU of one and of eight, with that program ended, takes
# 10 s for each way of playing.  With the right to it the audio thread has
# real-time priority.  Figures only: nothing here fails for being slow.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
length=${1:-60}
build=${2:-$here/../../build}
bench=$build/tests/hosts/bench_realtime
for tool in jackd jack_wait taskset chrt; do
	command -v $tool >/dev/null || {
		echo "realtime.sh: $tool is not installed" >&2
		exit 3
	}
done
[ -x "$bench" ] || {
	echo "realtime.sh: $bench is not built" >&2
	exit 3
}

. "$here/../hosts/jack.sh"
work=$(mktemp -d)
jackd_pid=
load_pid=
clean() {
	trap - EXIT INT TERM HUP
	[ -z "$load_pid" ] || kill "$load_pid" 2>/dev/null || :
	# shellcheck disable=SC2086
	stop $jackd_pid
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

priority='--realtime -P 10'
chrt -f 10 true 2>/dev/null || priority=--no-realtime
# shellcheck disable=SC2086
start_jack 48000 64 $priority || exit 3

measure() {
	"$bench" "$build/plugin/dforce.so" "$here/../../presets" \
		"$here/../../presets/chorale.flac" "$@"
}
if [ "$length" -gt 0 ]; then
	taskset -c 0 sh -c 'while :; do :; done' &
	load_pid=$!
	measure 0 "$length" trust # the server alone
	measure 1 "$length" mixed
	kill "$load_pid"
	wait "$load_pid" 2>/dev/null || :
	load_pid=
fi
for mode in model trust bypass; do
	measure 1 10 $mode
	measure 8 10 $mode
done
