// Package reports draws what a run looked like, from its run folder.
//
// [Draw] writes each chart as SVG and PNG: the latency of every operation, latency
// quantiles, the rate of operations, the role of every server over time, and what
// each fail-over was made of. The first four share one time axis and one left
// margin, so they can be laid under each other; faults lie behind them as bands in
// the colour that their definition chose. [Failovers] gives the last chart's
// numbers as data.
//
// A chart without data is drawn all the same and says what was missing. Equal run
// folders give equal bytes of SVG; PNG depends on the version of the rasteriser.
//
// The package reads run folders and nothing else: it never imports the simulator,
// so a picture cannot differ from the recording. It may use floats, since nothing
// that it computes goes back into a run.
//
// A new chart is one file that makes a chart value, a line in charts, and a golden
// SVG in testdata. Colours, fonts and sizes are written down in style.go only.
package reports
