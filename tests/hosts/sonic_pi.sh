#!/bin/sh
# Play a Sonic Pi file that has no lines but `osc` and `sleep`, by oscsend: what
# Sonic Pi would send, numbers as floats, without Sonic Pi.
#
#   sonic_pi.sh FILE PORT     PORT stands for 9000
set -eu
awk -v port="$2" '
	{ sub(/ *#.*/, "") }
	/^osc "/ {
		count = split($0, part, ", *")
		split(part[1], word, "\"")
		gsub(/9000/, port, word[2])
		types = ""; values = ""
		for (i = 2; i <= count; ++i) {
			types = types "f"
			values = values " " part[i]
		}
		print "oscsend 127.0.0.1", port, word[2], types, values
		next
	}
	/^sleep [0-9.]+$/ { print; next }
	/^use_osc "127.0.0.1", 9000$/ || /^$/ { next }
	{ print "echo cannot be read: " NR " >&2; exit 1" }
' "$1" | sh -eu
