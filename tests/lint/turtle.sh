#!/bin/sh
# lv2_validate finds no error in a bundle.  Argument: its folder.
set -eu
command -v lv2_validate >/dev/null || {
	echo 'skipped: lv2_validate is not installed'
	exit 77
}
lv2_validate "$1"/*.ttl
