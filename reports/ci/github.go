package ci

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Modes are what --github may be.
func Modes() []string { return []string{"auto", "on", "off"} }

// GitHub is where a campaign reports when GitHub Actions runs it.
type GitHub struct {
	On      bool
	Summary string // the file that the step's summary is appended to; empty if there is none
}

// FromEnvironment returns what mode, one of Modes, means with these environment
// variables: auto is on where GitHub Actions says that it runs us.
func FromEnvironment(mode string, env func(name string) (string, bool)) (GitHub, error) {
	g := GitHub{}
	switch mode {
	case "auto":
		running, _ := env("GITHUB_ACTIONS")
		g.On = running == "true"
	case "on":
		g.On = true
	case "off":
	default:
		return g, fmt.Errorf("want auto, on or off, not %q", mode)
	}
	if g.On {
		g.Summary, _ = env("GITHUB_STEP_SUMMARY")
	}
	return g, nil
}

// Publish writes the annotations to w, which must reach the log of the step, and
// appends the summary to its file. Where GitHub is off it does nothing.
func (g GitHub) Publish(w io.Writer, r *Report) error {
	if !g.On {
		return nil
	}
	err := WriteAnnotations(w, r)
	if g.Summary == "" {
		return err
	}
	return errors.Join(err, appendSummary(g.Summary, r))
}

func appendSummary(path string, r *Report) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("step summary: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("step summary: %w", err)
	}
	// The limit is for the step: what it wrote before counts, too.
	return WriteSummary(f, r, SummaryMax-int(min(info.Size(), SummaryMax)))
}

// annotationsMax is how many annotations of one level GitHub keeps of a step; it drops
// the others without a word.
const annotationsMax = 10

// messageMax bounds the message of an annotation, in bytes; GitHub cuts at 64 KiB.
const messageMax = 8 << 10

// WriteAnnotations writes GitHub's workflow commands, one a line: an error for each
// finding that broke a promise, and then for what is unknown, vacuous or stale, since
// that fails the step, too; a warning for what this version has no word for. Of each
// level there are at most ten, the last of which counts those that had no room.
func WriteAnnotations(w io.Writer, r *Report) error {
	var broken, unproven, warnings []annotation
	for _, g := range r.groups() {
		for i := range g.rows {
			for _, a := range g.rows[i].annotations(&g) {
				switch {
				case levelOf(a.verdict) == bad:
					broken = append(broken, a)
				case blocks(a.verdict):
					unproven = append(unproven, a)
				case levelOf(a.verdict) == doubt:
					warnings = append(warnings, a)
				}
			}
		}
	}
	text := string(appendAnnotations(appendAnnotations(nil, "error", append(broken, unproven...)), "warning", warnings))
	_, err := io.WriteString(w, text)
	return err
}

// annotation is one workflow command.
type annotation struct {
	verdict, file, title, message string
	line                          int
}

func (w *row) annotations(g *group) (list []annotation) {
	title := "zabsim " + g.name + ": " + w.property
	for _, f := range w.findings {
		message := oneLine(f.Violation, lineMax) + "\n" + f.times()
		if text := f.shrunk(); text != "" {
			message += "\n" + text
		}
		list = append(list, annotation{f.Verdict, f.File, title, message + "\nreproduce with\n" + oneLine(f.Repro, reproMax), f.Line})
	}
	if len(list) == 0 && w.level() > skipped {
		list = append(list, annotation{w.verdict, g.file, title, w.verdict + ": " + w.headline(), 0})
	}
	return list
}

func appendAnnotations(b []byte, command string, list []annotation) []byte {
	rest := 0
	if len(list) > annotationsMax {
		rest = len(list) - (annotationsMax - 1)
		list = list[:annotationsMax-1]
	}
	for i := range list {
		b = list[i].append(b, command)
	}
	if rest > 0 {
		a := annotation{title: "zabsim", message: fmt.Sprintf("%s of this kind; GitHub shows %d of a step, the step summary and fuzz.json have all",
			plural(rest, "more finding"), annotationsMax)}
		b = a.append(b, command)
	}
	return b
}

func (a *annotation) append(b []byte, command string) []byte {
	b = append(append(b, "::"...), command...)
	separator := " "
	property := func(name, value string) {
		if value != "" {
			b = append(b, separator+name+"="+escapeProperty(value)...)
			separator = ","
		}
	}
	property("file", filepath.ToSlash(oneLine(a.file, lineMax)))
	if a.file != "" && a.line > 0 {
		property("line", strconv.Itoa(a.line))
	}
	property("title", oneLine(a.title, lineMax))
	return append(b, "::"+escapeData(cut(clean(a.message), messageMax))+"\n"...)
}

// The escapes of workflow commands, as @actions/core writes them.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(text string) string { return dataEscapes.Replace(text) }

func escapeProperty(text string) string { return propertyEscapes.Replace(text) }
