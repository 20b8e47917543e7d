# What the tests of tables by the command line share; read by each, after it has
# set `dforce`.  A folder of its own, which goes with it.

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OPENBLAS_NUM_THREADS=1
export LC_ALL=C # awk has the locale's decimal sign

fail() {
  echo "$1" >&2
  exit 1
}

# refuse WANTED ARGUMENT...: the program fails, and says this
refuse() {
  wanted=$1
  shift
  if "$dforce" "$@" > "$folder/out" 2> "$folder/err"; then
    fail "$* was not refused"
  fi
  grep -q -e "$wanted" "$folder/err" || fail "$*: $(cat "$folder/err")"
}
