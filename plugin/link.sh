#!/bin/sh
# link.sh FOLDER [NAME=]FILE...: make FOLDER hold links to these files
set -eu
folder=$1
shift
mkdir -p "$folder"
for file in "$@"; do
	case $file in
	*.ttl=*) name=${file%%=*} ;;
	*) name=${file##*/} ;;
	esac
	ln -sfn "${file#*.ttl=}" "$folder/$name"
done
