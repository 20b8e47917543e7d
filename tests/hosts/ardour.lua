-- Make or export an Ardour session; run by ardour7-lua.
--
--   ardour.lua make DIR NAME CHANNELS URI PRESET [LABEL SECONDS VALUE]...
--       A session with one track, the plugin on it (PRESET may be empty), and
--       automation of the ports so labelled; `value LABEL X` sets one instead.
--   ardour.lua export DIR NAME OUTDIR OUTNAME SAMPLES [bypass]
--       Render; 32 bit float.  The format is the preset FORMAT below.
--   ardour.lua save DIR NAME
--       Load and save.
--   ardour.lua presets DIR NAME CHANNELS URI LABEL...
--       Load each of these presets; prints the values that the controls have then.
--
-- The environment variable BLOCK is the samples of a cycle (256).
-- An export prints `latency N` of the plugin.  A failure ends with a reason.

local RATE = 48000
local FORMAT = "5f0e4f0c-2f0b-4f0d-9c53-0d1e0f2a3b4c"

local function start_engine()
  local backend = AudioEngine:set_backend("None (Dummy)", "", "")
  backend:set_device_name("Normal Speed")
  backend:set_buffer_size(tonumber(os.getenv("BLOCK") or 256))
  assert(AudioEngine:start(false) == 0, "the audio engine does not start")
end

-- The first plugin of the session's tracks
local function find_plugin(session)
  for route in session:get_tracks():iter() do
    for i = 0, 9 do
      local processor = route:nth_plugin(i)
      if not processor:isnil() then
        return processor
      end
    end
  end
  error("no plugin on any track")
end

-- Its number among all ports, and, as Ardour counts too, among controls alone
local function find_control(plugin, label)
  local count = 0
  for i = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_label(i) == label then
      return i, count
    end
    if plugin:parameter_is_control(i) then
      count = count + 1
    end
  end
  error("no port labelled " .. label)
end

local function automate(processor, label, seconds, value)
  local plugin = processor:to_insert():plugin(0)
  local port, control = find_control(plugin, label)
  if seconds == "value" then
    assert(ARDOUR.LuaAPI.set_processor_param(processor, control, value))
    return
  end
  local list = ARDOUR.LuaAPI.plugin_automation(processor, control)
  list:add(Temporal.timepos_t(math.floor(tonumber(seconds) * RATE)), value,
    false, true)
  processor:to_automatable():automation_control(
    Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, port), true)
    :set_automation_state(ARDOUR.AutoState.Play)
end

local function make(dir, name, channels, uri, preset, ...)
  local session = create_session(dir, name, RATE)
  assert(session, "no session " .. dir)
  channels = tonumber(channels)
  local tracks = session:new_audio_track(channels, channels, nil, 1, "track",
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true, false)
  for track in tracks:iter() do
    local processor = ARDOUR.LuaAPI.new_plugin(session, uri,
      ARDOUR.PluginType.LV2, preset)
    assert(not processor:isnil(), "no plugin " .. uri)
    assert(track:add_processor_by_index(processor, 0, nil, true) == 0)
    local plugin = processor:to_insert():plugin(0)
    if preset ~= "" then
      local record = plugin:preset_by_label(preset)
      assert(record and plugin:load_preset(record), "no preset " .. preset)
    end
    local points = { ... }
    for i = 1, #points, 3 do
      automate(processor, points[i], points[i + 1], tonumber(points[i + 2]))
    end
  end
  assert(session:save_state("", false, false, false, false, false) == 0)
end

local function export(dir, name, out, file, samples, bypass)
  local session = load_session(dir, name)
  assert(session, "no session " .. dir)
  local processor = find_plugin(session)
  if bypass then
    processor:deactivate()
  end
  print("latency " .. processor:to_insert():signal_latency())
  local exporter = session:simple_export()
  exporter:set_folder(out)
  exporter:set_name(file)
  exporter:set_range(0, tonumber(samples))
  assert(exporter:set_preset(FORMAT), "no export preset " .. FORMAT)
  assert(exporter:run_export(), "the export failed")
end

local function save(dir, name)
  local session = load_session(dir, name)
  assert(session, "no session " .. dir)
  assert(session:save_state("", false, false, false, false, false) == 0)
end

-- What the inputs say
local function read_controls(processor)
  local plugin = processor:to_insert():plugin(0)
  local values = {}
  local count = 0
  for i = 0, plugin:parameter_count() - 1 do
    if plugin:parameter_is_control(i) then
      if plugin:parameter_is_input(i) then
        values[plugin:parameter_label(i)] =
          ARDOUR.LuaAPI.get_processor_param(processor, count, true)
      end
      count = count + 1
    end
  end
  return values
end

local function presets(dir, name, channels, uri, ...)
  make(dir, name, channels, uri, "")
  local processor = find_plugin(Session)
  local plugin = processor:to_insert():plugin(0)
  for _, label in ipairs({ ... }) do
    local record = plugin:preset_by_label(label)
    assert(record, "no preset " .. label)
    assert(plugin:load_preset(record), "the preset does not load: " .. label)
    local words = label .. ":"
    for key, value in pairs(read_controls(processor)) do
      words = words .. " [" .. key .. " " .. string.format("%.4g", value) .. "]"
    end
    print(words)
  end
end

local tasks = { make = make, export = export, save = save, presets = presets }
local task = tasks[table.remove(arg, 1)]
assert(task, "no such task")
start_engine()
task(table.unpack(arg))
close_session()
quit()
