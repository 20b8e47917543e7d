# What the tests of tables by `dforce` share; read by each, after it has set
# `dforce`.  A folder of its own, which goes with it.

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

# A table of two series that no linear forecast sees through: $folder/chaos.csv
write_chaos() {
  awk 'BEGIN {
    print "a,b"
    x = .3
    y = .6
    for (t = 0; t < 1500; ++t) {
      printf "%.6f,%.6f\n", x, y
      x = 3.9 * x * (1 - x)
      y = 3.8 * y * (1 - y)
    }
  }' > "$folder/chaos.csv"
}
