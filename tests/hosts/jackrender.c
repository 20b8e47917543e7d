#include <jack/jack.h>
#include <sndfile.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/// Play a whole sound file through JACK ports as fast as they can follow, and
/// record what comes out: a player and a recorder, two clients, so that the
/// graph has no loop, with the plugin between them.
///
///     jackrender [-k] [-x SECONDS] [-i FIFO -l LOG -a SECONDS:LINE ...]
///                IN.wav OUT.wav PORT[,PORT] PORT[,PORT]
///     jackrender -q IN.wav        print "RATE CHANNELS FRAMES"
///
///   -x  play so much silence after the file
///   -k  keep the latency; else as much is recorded after the end and cut off
///       before the beginning
///   -a  at this time write a line to FIFO (jalv's input), and go on when LOG
///       (its output) has grown by a line; times are rounded to multiples of
///       1024 samples, so that every period up to that renders the same
///
/// The transport is stopped at 0 before and rolls from the first sample on.
/// Exit status: 0, or 1 usage, 2 file, 3 JACK, 4 the plugin's host stands
/// still.

#define GRID 1024
#define POINTS 256
#define PORTS 8 // each way

typedef struct {
  sf_count_t  at; // Sample
  const char* line;
} point;

typedef struct {
  const char* in_path;
  const char* out_path;
  char*       ports[2]; // Comma separated: to play into, to record from
  double      extra;    // Seconds
  bool        keep;
  const char* fifo;
  const char* log;
  point       points[POINTS];
  int         count;
} arguments;

typedef struct {
  float*     samples; // [frames][channels]
  sf_count_t frames;
  int        channels;
  int        rate;
} sound;

typedef struct {
  jack_client_t* clients[2]; // player, recorder
  jack_port_t*   from[PORTS];
  jack_port_t*   to[PORTS];
  int            inputs; // Of the plugin
  int            outputs;
  sound          in;
  float*         out; // [total][outputs]
  sf_count_t     total;
  int            fifo; // Descriptor, or -1
  int            log;
  const point*   points;
  int            count;
  int            next; // Point

  // The recorder's cycle comes after the player's: the graph says so
  atomic_bool  rolling;
  atomic_llong at;     // First sample of this cycle, -1 while stopped
  sf_count_t   played; // Player only
  atomic_bool  done;
  atomic_bool  stuck;
} render;

static int
fail(const int status, const char* const what, const char* const name)
{
  (void)fprintf(stderr, "jackrender: %s: %s\n", name, what);
  return status;
}

static int
load(const char* const path, sound* const out)
{
  SF_INFO        info = {0};
  SNDFILE* const file = sf_open(path, SFM_READ, &info);
  if (!file) {
    return fail(2, sf_strerror(NULL), path);
  }
  out->frames   = info.frames;
  out->channels = info.channels;
  out->rate     = info.samplerate;
  out->samples  = (float*)calloc((size_t)info.frames + 1U,
                                sizeof(float) * (size_t)info.channels);
  const sf_count_t got =
    out->samples ? sf_readf_float(file, out->samples, info.frames) : -1;
  (void)sf_close(file);
  if (got <= 0) {
    return fail(2, "no samples", path);
  }
  out->frames = got;
  return 0;
}

static int
save(const render* const r, const char* const path, const sf_count_t skip)
{
  SF_INFO info        = {0};
  info.channels       = r->outputs;
  info.samplerate     = r->in.rate;
  info.format         = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
  SNDFILE* const file = sf_open(path, SFM_WRITE, &info);
  if (!file) {
    return fail(2, sf_strerror(NULL), path);
  }
  // The chunk of peaks holds the time of day: equal renders are equal files
  (void)sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
  const sf_count_t frames = r->total - skip;
  const sf_count_t put =
    sf_writef_float(file, r->out + (size_t)skip * (size_t)r->outputs, frames);
  return sf_close(file) || put != frames ? fail(2, "cannot write", path) : 0;
}

// Write a line to the host and wait until it has answered with one (5 s)
static bool
tell(const render* const r, const char* const line)
{
  const off_t  before = lseek(r->log, 0, SEEK_END);
  const size_t length = strlen(line);
  if (write(r->fifo, line, length) != (ssize_t)length ||
      write(r->fifo, "\n", 1U) != 1) {
    return false;
  }
  for (int i = 0; i < 5000; ++i) {
    char          news[4096];
    const size_t  size = sizeof(news);
    const ssize_t got  = pread(r->log, news, size, before);
    if (got > 0 && memchr(news, '\n', (size_t)got)) {
      return true;
    }
    const struct timespec pause = {0, 1000000};
    (void)nanosleep(&pause, NULL);
  }
  return false;
}

static int
play(const jack_nframes_t n, void* const handle)
{
  render* const r = (render*)handle;
  const bool    roll =
    atomic_load(&r->rolling) &&
    jack_transport_query(r->clients[0], NULL) == JackTransportRolling;
  const sf_count_t at = r->played;
  while (roll && r->next < r->count && r->points[r->next].at <= at) {
    if (!tell(r, r->points[r->next++].line)) {
      atomic_store(&r->stuck, true);
    }
  }
  for (int c = 0; c < r->inputs; ++c) {
    float* const to = (float*)jack_port_get_buffer(r->from[c], n);
    for (jack_nframes_t i = 0; i < n; ++i) {
      const sf_count_t t = at + (sf_count_t)i;
      to[i]              = roll && t < r->in.frames
                             ? r->in.samples[(size_t)t * (size_t)r->in.channels +
                                (size_t)(c % r->in.channels)]
                             : 0.0f;
    }
  }
  atomic_store(&r->at, roll ? at : -1);
  r->played += roll ? (sf_count_t)n : 0;
  return 0;
}

static int
record(const jack_nframes_t n, void* const handle)
{
  render* const    r  = (render*)handle;
  const sf_count_t at = (sf_count_t)atomic_load(&r->at);
  if (at < 0) {
    return 0;
  }
  for (int c = 0; c < r->outputs; ++c) {
    const float* const from = (const float*)jack_port_get_buffer(r->to[c], n);
    for (jack_nframes_t i = 0; i < n && at + (sf_count_t)i < r->total; ++i) {
      r->out[(size_t)(at + (sf_count_t)i) * (size_t)r->outputs + (size_t)c] =
        from[i];
    }
  }
  if (at + (sf_count_t)n >= r->total) {
    atomic_store(&r->done, true);
  }
  return 0;
}

// Register and connect as many ports as the list names
static int
connect_ports(render* const r, const int which, char* const list)
{
  jack_client_t* const client = r->clients[which];
  jack_port_t** const  ports  = which ? r->to : r->from;
  int                  count  = 0;
  char*                rest   = NULL;
  for (char* name = strtok_r(list, ",", &rest); name;
       name       = strtok_r(NULL, ",", &rest)) {
    char own[8];
    (void)snprintf(own, sizeof(own), "%d", count);
    if (count == PORTS) {
      return fail(1, "at most eight ports", name);
    }
    ports[count] =
      jack_port_register(client,
                         own,
                         JACK_DEFAULT_AUDIO_TYPE,
                         which ? JackPortIsInput : JackPortIsOutput,
                         0U);
    if (!ports[count]) {
      return fail(3, "cannot register a port", name);
    }
    const char* const mine = jack_port_name(ports[count]);
    if (jack_connect(client, which ? name : mine, which ? mine : name)) {
      return fail(3, "cannot connect", name);
    }
    ++count;
  }
  *(which ? &r->outputs : &r->inputs) = count;
  return count ? 0 : fail(1, "no port named", which ? "recorder" : "player");
}

static int
open_clients(render* const r, char* const ports[2])
{
  for (int i = 0; i < 2; ++i) {
    jack_status_t status = (jack_status_t)0;
    r->clients[i] =
      jack_client_open(i ? "recorder" : "player", JackNoStartServer, &status);
    if (!r->clients[i]) {
      return fail(3, "no JACK server", "jack_client_open");
    }
    if (jack_set_process_callback(r->clients[i], i ? record : play, r) ||
        jack_activate(r->clients[i])) {
      return fail(3, "cannot start", "jack_activate");
    }
  }
  if ((int)jack_get_sample_rate(r->clients[0]) != r->in.rate) {
    return fail(3, "JACK runs at another rate than the file", "rate");
  }
  const int status = connect_ports(r, 0, ports[0]);
  return status ? status : connect_ports(r, 1, ports[1]);
}

static void
pause_ms(const long milliseconds)
{
  const struct timespec pause = {milliseconds / 1000L,
                                 milliseconds % 1000L * 1000000L};
  (void)nanosleep(&pause, NULL);
}

// Free-wheel until all is recorded; 20 s without a cycle that rolls is a
// standstill
static int
run(render* const r)
{
  if (jack_set_freewheel(r->clients[0], 1)) {
    return fail(3, "cannot free-wheel", "jack_set_freewheel");
  }
  jack_transport_start(r->clients[0]);
  atomic_store(&r->rolling, true);
  long long seen = -1;
  for (int idle = 0; idle < 20000 && !atomic_load(&r->done);) {
    const long long now = atomic_load(&r->at);
    idle                = now == seen ? idle + 1 : 0;
    seen                = now;
    pause_ms(1L);
  }
  const bool done = atomic_load(&r->done);
  jack_transport_stop(r->clients[0]);
  (void)jack_set_freewheel(r->clients[0], 0);
  return done && !atomic_load(&r->stuck)
           ? 0
           : fail(4, "the plugin's host stands still", "free-wheel");
}

// Nothing else in this graph has a latency, and jalv 1.6 writes that of its
// plugin to the inputs' capture side, so the greatest one found is it
static sf_count_t
latency_of(const render* const r)
{
  sf_count_t most = 0;
  (void)jack_recompute_total_latencies(r->clients[1]);
  pause_ms(200L);
  for (int i = 0; i < 4; ++i) {
    const jack_port_t* const own   = i % 2 ? r->to[0] : r->from[0];
    const char** const       names = jack_port_get_connections(own);
    jack_latency_range_t     range = {0U, 0U};
    if (names && names[0]) {
      jack_port_get_latency_range(jack_port_by_name(r->clients[0], names[0]),
                                  i < 2 ? JackCaptureLatency
                                        : JackPlaybackLatency,
                                  &range);
    }
    most = (sf_count_t)range.max > most ? (sf_count_t)range.max : most;
    jack_free((void*)names);
  }
  return most;
}

static int
render_file(const arguments* const args, render* const r)
{
  int status = open_clients(r, (char* const*)args->ports);
  if (status) {
    return status;
  }
  jack_transport_stop(r->clients[0]);
  (void)jack_transport_locate(r->clients[0], 0U);
  pause_ms(200L); // a few cycles at rest: the transport starts from a stop
  const sf_count_t latency = args->keep ? 0 : latency_of(r);
  r->total =
    r->in.frames + (sf_count_t)(args->extra * (double)r->in.rate) + latency;
  r->out = (float*)calloc((size_t)r->total, sizeof(float) * (size_t)r->outputs);
  if (!r->out) {
    return fail(2, "out of memory", args->in_path);
  }
  struct timespec begin;
  struct timespec end;
  (void)clock_gettime(CLOCK_MONOTONIC, &begin);
  status = run(r);
  (void)clock_gettime(CLOCK_MONOTONIC, &end);
  if (status) {
    return status;
  }
  const double wall = (double)(end.tv_sec - begin.tv_sec) +
                      1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
  const double heard = (double)r->total / (double)r->in.rate;
  (void)printf("rendered %.3f s in %.3f s (%.1f x real time), latency %ld\n",
               heard,
               wall,
               heard / wall,
               (long)latency);
  return save(r, args->out_path, latency);
}

static int
start(const arguments* const args)
{
  render* const r = (render*)calloc(1U, sizeof(render));
  if (!r) {
    return fail(2, "out of memory", "jackrender");
  }
  atomic_init(&r->at, -1);
  r->fifo    = args->fifo ? open(args->fifo, O_WRONLY) : -1;
  r->log     = args->log ? open(args->log, O_RDONLY) : -1;
  r->points  = args->points;
  r->count   = args->count;
  int status = load(args->in_path, &r->in);
  if (!status && r->count && (r->fifo < 0 || r->log < 0)) {
    status = fail(1, "-a needs -i FIFO and -l LOG", "-a");
  }
  if (!status) {
    status = render_file(args, r);
  }
  for (int i = 0; i < 2; ++i) {
    if (r->clients[i]) {
      (void)jack_client_close(r->clients[i]);
    }
  }
  free(r->out);
  free(r->in.samples);
  free(r);
  return status;
}

static bool
add_point(arguments* const args, const char* const text)
{
  char*        line    = NULL;
  const double seconds = strtod(text, &line);
  if (line == text || *line != ':' || args->count == POINTS) {
    return false;
  }
  args->points[args->count].line = line + 1;
  args->points[args->count].at   = (sf_count_t)(seconds * 1e6); // rate to come
  ++args->count;
  return true;
}

// From microseconds to samples on the grid, in order of time
static void
place_points(arguments* const args, const int rate)
{
  for (int i = 0; i < args->count; ++i) {
    const double exact = (double)args->points[i].at * 1e-6 * (double)rate;
    args->points[i].at = GRID * (sf_count_t)(exact / GRID + 0.5);
    for (int j = i; j > 0 && args->points[j].at < args->points[j - 1].at; --j) {
      const point swap    = args->points[j];
      args->points[j]     = args->points[j - 1];
      args->points[j - 1] = swap;
    }
  }
}

int
main(const int argc, char** const argv)
{
  arguments args  = {0};
  bool      query = false;
  for (int o = 0; (o = getopt(argc, argv, "a:i:kl:qx:")) != -1;) {
    query = query || o == 'q';
    if (o == 'i') {
      args.fifo = optarg;
    } else if (o == 'l') {
      args.log = optarg;
    } else if (o == 'x') {
      args.extra = atof(optarg);
    } else if (o == 'k') {
      args.keep = true;
    } else if (o == '?' || (o == 'a' && !add_point(&args, optarg))) {
      return fail(1, "see the head of jackrender.c", "usage");
    }
  }
  if (argc - optind != (query ? 1 : 4) || !(args.extra >= 0.0)) {
    return fail(1, "see the head of jackrender.c", "usage");
  }
  args.in_path     = argv[optind];
  sound     info   = {0};
  const int status = load(args.in_path, &info);
  free(info.samples);
  if (status) {
    return status;
  }
  if (query) {
    (void)printf("%d %d %ld\n", info.rate, info.channels, (long)info.frames);
    return 0;
  }
  args.out_path = argv[optind + 1];
  args.ports[0] = argv[optind + 2];
  args.ports[1] = argv[optind + 3];
  place_points(&args, info.rate);
  return start(&args);
}
