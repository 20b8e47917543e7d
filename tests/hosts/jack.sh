# A JACK server of one's own; read by scripts that have a folder `work`.

# start_jack RATE PERIOD OPTION...: on the dummy driver, its process `jackd_pid`,
# its words in $work/jackd.log; false where it does not start.  It ends with the
# script, however that ends: it has a session of its own, so that a signal to the
# script's group does not reach it.
start_jack() {
	jack_rate=$1
	jack_period=$2
	shift 2
	export JACK_DEFAULT_SERVER=dforce-$$ JACK_NO_START_SERVER=1
	export JACK_NO_AUDIO_RESERVATION=1
	setpriv --pdeathsig TERM jackd "$@" --no-mlock -n "$JACK_DEFAULT_SERVER" \
		-d dummy -r "$jack_rate" -p "$jack_period" -C 0 -P 0 \
		>"$work/jackd.log" 2>&1 &
	jackd_pid=$!
	tries=0
	until jack_wait -c 2>/dev/null | grep -q '^running'; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] && kill -0 "$jackd_pid" 2>/dev/null || {
			echo "jackd does not start: $(head -n 1 "$work/jackd.log")" >&2
			return 1
		}
		sleep 0.1
	done
}

# stop PID...: each by one signal, for a second one would kill jackd before it is
# off JACK's list of servers, which holds eight; by force after 30 s
stop() {
	for pid in "$@"; do
		kill -TERM "$pid" 2>/dev/null || continue
		tries=0
		while kill -0 "$pid" 2>/dev/null; do
			tries=$((tries + 1))
			[ $tries -ne 300 ] || kill -KILL "$pid" || :
			sleep 0.1
		done
	done
}
