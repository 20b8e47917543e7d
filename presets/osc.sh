#!/bin/sh
# Play dforce from the shell, by oscsend of liblo-tools.
#
#   osc.sh [PORT]     PORT: the plugin's osc_port, 9000
set -eu
port=${1:-9000}
say() {
	address=/dforce/$port/$1
	shift
	oscsend 127.0.0.1 "$port" "$address" "$@"
}

say noise f 1 # goes on alone for a second,
sleep 1
say lane ffffff 0 0.25 0.75 0.5 0.25 0 # comes back in steps of 0.25 s,
sleep 1.5
say hole ff 0.2 0.5 # loses half a second, 0.2 s from now,
sleep 1
say noise # and is the host's again
