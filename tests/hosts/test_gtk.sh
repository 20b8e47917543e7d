#!/bin/sh
# jalv.gtk3 on a display that nobody sees: its window opens, a control and a
# preset that it is given are heard, and it closes when told to.  Arguments:
# jackrender, a clip.  Needs LV2_PATH; skipped (77) without jalv.gtk3, jackd,
# Xvfb, xdotool or sox.
set -eu

player=$1
clip=$2
for tool in jackd jalv.gtk3 jack_wait jack_lsp Xvfb xdotool sox; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed"
		exit 77
	}
done
. "$(dirname "$0")/jack.sh"
work=$(mktemp -d)
xvfb_pid=
jackd_pid=
jalv_pid=
clean() {
	trap - EXIT INT TERM HUP
	# shellcheck disable=SC2086
	stop $jalv_pid $jackd_pid $xvfb_pid
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP
fail() {
	echo "test_gtk.sh: $*" >&2
	[ ! -e "$work/jalv.log" ] || tail -n 5 "$work/jalv.log" >&2
	exit 1
}
until_holds() { # within 60 s
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.1
	done
}

export HOME="$work" XDG_DATA_HOME="$work" GDK_BACKEND=x11 NO_AT_BRIDGE=1
sox "$clip" -c 2 -b 16 "$work/in.wav" trim 0 2
sox "$work/in.wav" -t f32 "$work/in.raw"
rate=$(soxi -r "$work/in.wav")

# The server finds a free display and tells which
mkfifo "$work/display"
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp \
	3>"$work/display" >"$work/xvfb.log" 2>&1 &
xvfb_pid=$!
read -r number <"$work/display" || fail "Xvfb does not start"
export DISPLAY=":$number"
start_jack "$rate" 256 --no-realtime -S || fail 'no JACK server'

ports() {
	jack_lsp 2>/dev/null | sed -n "s/^\(plugin:$1[a-z_]*\)\$/\1/p" |
		grep -v -e ':control$' -e ':notify$' | paste -s -d , -
}
is_up() { # and its ports are `to` and `from`
	to=$(ports in)
	from=$(ports out)
	[ -n "$to" ] && [ -n "$from" ]
}
is_shown() {
	xdotool search --onlyvisible --name 'dforce|jalv' >/dev/null 2>&1
}
is_gone() { ! kill -0 "$jalv_pid" 2>/dev/null; }

# Render the clip with these options of jalv.gtk3, in its window
render() {
	jalv.gtk3 --jack-name plugin -c wait=2 "$@" urn:dforce:audio \
		>"$work/jalv.log" 2>&1 &
	jalv_pid=$!
	until_holds is_up || fail "jalv.gtk3 does not start"
	until_holds is_shown || fail "no window"
	until_holds is_up || fail "jalv.gtk3 has lost its ports"
	"$player" "$work/in.wav" "$work/out.wav" "$to" "$from" \
		>"$work/said" || fail "jackrender $*"
	kill -TERM "$jalv_pid"
	until_holds is_gone || fail "jalv.gtk3 does not close"
	jalv_pid=
	sox "$work/out.wav" -t f32 "$work/out.raw"
}

passes() { cmp "$work/in.raw" "$work/out.raw" >"$work/differs"; }

render
passes || fail "trusted input does not pass: $(cat "$work/differs")"
grep -q 'latency 0$' "$work/said" || fail "$(cat "$work/said"), want latency 0"
render -p urn:dforce:audio#fill # which looks ahead
passes || fail "fill does not let the input pass: $(cat "$work/differs")"
! grep -q 'latency 0$' "$work/said" || fail "the preset fill does not arrive"
render -c noise=1
! passes || fail "noise=1 is not heard"
