# Play dforce from Sonic Pi: set the plugin's osc_port to 9000, paste, run.
use_osc "127.0.0.1", 9000

osc "/dforce/9000/noise", 1.0 # goes on alone for a second,
sleep 1
# comes back in steps of 0.25 s,
osc "/dforce/9000/lane", 0.0, 0.25, 0.75, 0.5, 0.25, 0.0
sleep 1.5
osc "/dforce/9000/hole", 0.2, 0.5 # loses half a second, 0.2 s from now,
sleep 1
osc "/dforce/9000/noise" # and is the host's again
