package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Row is one line of the table.
type Row struct {
	Work   string
	Got    string // what the site does, with its unit
	Limit  string // what the bare program does in the same run
	Ratio  float64
	Target string // as the plan words it
	Met    bool
}

// atLeast makes a row whose ratio is got/limit and must reach want.
func atLeast(work, unit string, got, limit, want float64) Row {
	return Row{Work: work, Got: number(got) + " " + unit, Limit: number(limit) + " " + unit, Ratio: got / limit,
		Target: fmt.Sprintf("ratio ≥ %.2g", want), Met: got/limit >= want}
}

// atMost makes a row whose ratio is got/limit and must not exceed want.
func atMost(work, unit string, got, limit, want float64) Row {
	return Row{Work: work, Got: number(got) + " " + unit, Limit: number(limit) + " " + unit, Ratio: got / limit,
		Target: fmt.Sprintf("ratio ≤ %.2g", want), Met: got/limit <= want}
}

// below makes a row with a fixed bound.
func below(work, unit string, got, bound float64) Row {
	return Row{Work: work, Got: number(got) + " " + unit, Limit: "–", Ratio: got / bound, Target: "< " + number(bound) + " " + unit, Met: got < bound}
}

func number(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Print writes rows as a table for people.
func Print(w io.Writer, rows []Row) {
	tw := tabwriter.NewWriter(w, 2, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "work\tmeasured\tlimit, same run\tratio\tto reach\t")
	for _, r := range rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%.2f\t%s\t%s\n", r.Work, r.Got, r.Limit, r.Ratio, r.Target, verdict(r.Met))
	}
	_ = tw.Flush() // what does not reach a terminal is not missed
}

// PrintMarkdown writes rows as a table for docs/performance.md.
func PrintMarkdown(w io.Writer, rows []Row) {
	fmt.Fprintln(w, "| work | measured | limit, same run | ratio | to reach | |\n|---|---|---|---|---|---|")
	for _, r := range rows {
		fmt.Fprintf(w, "| %s | %s | %s | %.2f | %s | %s |\n", strings.ReplaceAll(r.Work, "|", "\\|"), r.Got, r.Limit, r.Ratio, r.Target, verdict(r.Met))
	}
}

func verdict(met bool) string {
	if met {
		return "ok"
	}
	return "SHORT"
}

// none makes a row of something that must not happen.
func none(work string, n int) Row {
	return Row{Work: work, Got: fmt.Sprint(n), Limit: "–", Ratio: float64(n), Target: "0", Met: n == 0}
}

// shown makes a row of what is only told.
func shown(work, unit string, got float64) Row {
	return Row{Work: work, Got: number(got) + " " + unit, Limit: "–", Ratio: 1, Target: "told", Met: true}
}

// beside makes a row of what is only told, with a ratio of got/limit.
func beside(work, unit string, got, limit float64) Row {
	return Row{Work: work, Got: number(got) + " " + unit, Limit: number(limit) + " " + unit, Ratio: got / limit, Target: "told", Met: true}
}
