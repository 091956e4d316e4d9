// Package runfolder is where a run is kept: the one place that knows the names of
// its files, and how a folder comes into being whole or not at all.
//
//	runs/
//	  latest -> leader-crash/7-8f31c0de     a relative link to the newest run
//	  leader-crash/
//	    7-8f31c0de/                         seed, then a hash of the effective configuration
//	      run.json          what was run, the verdict, the counts, the command that repeats it
//	      plan.txt          operations, faults and decisions; the input of a replay
//	      trace.txt         one line per event, for people
//	      events.jsonl.zst  one object per event, for programs
//	      history.jsonl     what the clients asked and what they were told
//	      plots/            charts
//
// A [Writer] fills a hidden sibling and renames it into place when everything is
// written, so a reader meets a whole run or none, and a failed run leaves the
// earlier one of the same name as it was. [Open] finds a run again. [Run] is the
// content of run.json, which the command line also prints for --json.
//
// Nothing inside a folder says when, where or how fast it was made: the same seed
// and configuration give the same bytes. The package knows the file system and
// nothing of simulations; it imports nothing else of zabsim.
package runfolder
