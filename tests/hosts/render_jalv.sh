#!/bin/sh
# Render a sound file through a plugin in jalv, offline, under a JACK server of
# its own.
#
#   render_jalv.sh [OPTION...] IN.wav OUT.wav
#
#   -c SYMBOL=VALUE          set a control before the first sample
#   -a SECONDS:SYMBOL=VALUE  set a control at a time (on a grid of 1024 samples)
#   -P URI                   load a preset first
#   -p PERIOD                samples a cycle (256)
#   -x SECONDS               render so much more after the end of IN.wav
#   -u URI                   the plugin; else urn:dforce:audio, or audio-mono
#                            for a file of one channel
#   -v                       show what the programs say
#
# The plugin is looked for in LV2_PATH; without one, in the build folder named by
# DFORCE_BUILD (or build/ of this repository).  jackrender is taken from there.
# Exit status: 0; 1 usage or unknown control; 2 file; 3 JACK or jalv missing or
# not starting; 4 jalv stands still.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/jack.sh"
build=${DFORCE_BUILD:-$here/../../build}
player=$build/tests/hosts/jackrender
LV2_PATH=${LV2_PATH:-$build/lv2:/usr/lib/lv2}
export LV2_PATH

die() {
	status=$1
	shift
	echo "render_jalv.sh: $*" >&2
	exit "$status"
}

period=256
extra=0
uri=
preset=
verbose=
sets='wait = 2
'
points=
usage='see the head of render_jalv.sh'
line='
'
while getopts a:c:p:P:u:vx: option; do
	case $option in
	a)
		case $OPTARG in
		*[!0-9.a-z_:=eE+-]* | *' '*) die 1 "-a $OPTARG: $usage" ;;
		*:*=*) points="$points$OPTARG$line" ;;
		*) die 1 "-a $OPTARG: $usage" ;;
		esac
		;;
	c)
		case $OPTARG in
		*=*) sets="$sets${OPTARG%%=*} = ${OPTARG#*=}$line" ;;
		*) die 1 "-c $OPTARG: $usage" ;;
		esac
		;;
	p) period=$OPTARG ;;
	P) preset=$OPTARG ;;
	u) uri=$OPTARG ;;
	v) verbose=1 ;;
	x) extra=$OPTARG ;;
	*) die 1 "$usage" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || die 1 "$usage"
in=$1
out=$2

for tool in jackd jalv jack_wait jack_lsp stdbuf; do
	command -v $tool >/dev/null || die 3 "$tool is not installed"
done
[ -x "$player" ] || die 3 "$player is not built"
about=$("$player" -q "$in") || exit 2
rate=${about%% *}
channels=${about#* }
channels=${channels%% *}
if [ -z "$uri" ]; then
	uri=urn:dforce:audio
	[ "$channels" -gt 1 ] || uri=urn:dforce:audio-mono
fi

# Everything started here is stopped here, whatever happens
work=$(mktemp -d)
jackd_pid=
jalv_pid=
clean() {
	trap - EXIT INT TERM HUP
	exec 3>&- || :
	# shellcheck disable=SC2086
	stop $jalv_pid $jackd_pid
	[ -z "$verbose" ] || cat "$work/jackd.log" "$work/jalv.log" >&2 || :
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

start_jack "$rate" "$period" --no-realtime -S || die 3 'no JACK server'

# jalv quits at the end of its input, so a descriptor of ours holds it open
mkfifo "$work/in"
exec 3<>"$work/in"
stdbuf -oL -eL jalv -n plugin -c wait=2 "$uri" \
	<"$work/in" >"$work/jalv.log" 2>&1 3>&- &
jalv_pid=$!

# Wait (60 s) until a command holds
until_holds() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] && kill -0 "$jalv_pid" 2>/dev/null || return 1
		sleep 0.1
	done
}
ports() {
	jack_lsp 2>/dev/null | sed -n "s/^\(plugin:$1[a-z_0-9]*\)\$/\1/p" |
		grep -v -e ':control$' -e ':notify$'
}
is_up() { # and its ports are `to` and `from`
	to=$(ports in | paste -s -d , -)
	from=$(ports out | paste -s -d , -)
	[ -n "$to" ] && [ -n "$from" ]
}
until_holds is_up || die 3 "jalv does not start $uri: $(tail -n 1 "$work/jalv.log")"

# Say a line to jalv, and wait until it has done what it says: it works line by
# line, and complains of the control that follows, which nobody has
said=0
has_answered() { grep -q "sync_${said}_" "$work/jalv.log"; }
say() {
	said=$((said + 1))
	printf '%s\nsync_%d_ = 0\n' "$1" $said >&3
	until_holds has_answered || die 4 "jalv does not answer to: $1"
}
# What jalv complains of, but for properties whose type it does not know
complaints() {
	grep -v -e 'sync_[0-9]*_' -e 'nknown value type' "$work/jalv.log" |
		grep -i -e 'no control named' -e 'unknown' -e '^\(> \)*error' >&2
}
if [ -n "$preset" ]; then
	say presets # else jalv does not read what a preset holds
	grep -q -F "$preset" "$work/jalv.log" || die 1 "$preset: no such preset"
	say "preset $preset"
fi
while IFS= read -r set; do
	[ -z "$set" ] || say "$set"
done <<END
$sets
END
set --
while IFS= read -r point; do
	[ -z "$point" ] || set -- "$@" -a "${point%%=*} = ${point#*=}"
done <<END
$points
END
if complaints; then
	die 1 'jalv does not know this'
fi

until_holds is_up || die 3 "jalv has lost its ports"
status=0
"$player" -x "$extra" -i "$work/in" -l "$work/jalv.log" "$@" \
	"$in" "$out" "$to" "$from" || status=$?
if complaints; then
	status=1
fi
exit $status
