"""Put a sound on the first track of an Ardour session, from its start.

Usage: ardour.py DIR NAME SOUND.wav CHANNELS SAMPLES

ardour7-lua has no editor, so the session's file is edited instead.  Times in
it are superclocks.
"""

import pathlib
import shutil
import sys
import xml.etree.ElementTree as ET

CLOCK = 282240000 // 48000  # superclocks a sample


def main():
    folder, name, sound = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    channels, samples = int(sys.argv[4]), int(sys.argv[5])
    path = folder / f"{name}.ardour"
    tree = ET.parse(path)
    root = tree.getroot()
    (files,) = folder.glob("interchange/*/audiofiles")
    shutil.copy(sound, files / "sound.wav")

    sources = root.find("Sources")
    region = {
        "name": "sound", "type": "audio", "id": "900000", "start": "a0",
        "length": f"a{samples * CLOCK}@a0", "position": "a0",
        "channels": str(channels), "opaque": "1", "muted": "0",
        "default-fade-in": "0", "default-fade-out": "0",
        "fade-in-active": "0", "fade-out-active": "0", "scale-amplitude": "1",
    }
    for channel in range(channels):
        number = str(900001 + channel)
        ET.SubElement(sources, "Source", {
            "name": "sound.wav", "type": "audio", "id": number,
            "flags": "", "channel": str(channel), "origin": ""})
        region[f"source-{channel}"] = number
        region[f"master-source-{channel}"] = number
    whole = dict(region, id="900010", **{"whole-file": "1"})
    ET.SubElement(root.find("Regions"), "Region", whole)
    ET.SubElement(root.find("Playlists/Playlist"), "Region", region)
    ET.SubElement(root.find("Locations"), "Location", {
        "id": "900020", "name": "session", "start": "a0",
        "end": f"a{samples * CLOCK}", "flags": "IsSessionRange",
        "locked": "0", "position-lock-style": "AudioTime"})
    tree.write(path, encoding="UTF-8", xml_declaration=True)


main()
