package runner

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Failed is a job that was given up.
type Failed struct {
	Database, ID, Kind string
	Attempts           int
	Error              string // of the last try
	Args               string // JSON of job.Args
	Created, Failed    time.Time
}

// maxFailed is how many failed jobs of one database are listed.
const maxFailed = 200

// Failed lists the jobs that were given up, the latest first, up to 200 of each database.
func (r *Runner) Failed(ctx context.Context) ([]Failed, error) {
	var out []Failed
	for _, db := range r.dbs {
		res, err := db.list(ctx, river.NewJobListParams().States(rivertype.JobStateDiscarded, rivertype.JobStateCancelled).
			OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(maxFailed))
		if err != nil {
			return nil, unavailable(db.name, err)
		}
		for _, j := range res.Jobs {
			f := Failed{Database: db.name, ID: strconv.FormatInt(j.ID, 10), Kind: j.Kind, Attempts: j.Attempt, Args: string(j.EncodedArgs), Created: j.CreatedAt.UTC()}
			if n := len(j.Errors); n > 0 {
				f.Error = j.Errors[n-1].Error
			} else {
				f.Error = "the program ended while it ran"
			}
			if j.FinalizedAt != nil {
				f.Failed = j.FinalizedAt.UTC()
			}
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Failed) int { return cmp.Or(b.Failed.Compare(a.Failed), cmp.Compare(b.ID, a.ID)) })
	return out, nil
}

// Retry puts a job of the list back to work, at once; it may be tried once
// more. NotFound if it is not on the list.
func (r *Runner) Retry(ctx context.Context, dbName, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return errNoJob
	}
	for _, db := range r.dbs {
		if db.name != dbName {
			continue
		}
		res, err := db.list(ctx, river.NewJobListParams().IDs(n))
		if err != nil {
			return unavailable(db.name, err)
		}
		if len(res.Jobs) == 0 || res.Jobs[0].State != rivertype.JobStateDiscarded && res.Jobs[0].State != rivertype.JobStateCancelled {
			return errNoJob
		}
		if _, err := db.retry(ctx, n); errors.Is(err, rivertype.ErrNotFound) {
			return errNoJob
		} else if err != nil {
			return unavailable(db.name, err)
		}
		if db.bell != nil {
			db.bell.ring([]string{res.Jobs[0].Queue})
		}
		return nil
	}
	return errNoJob
}

// Depth is how much work waits in a queue of a database.
type Depth struct {
	Database         string
	Queue            job.Queue
	Waiting, Running int64
}

// Depths tells how much waits now, by database and queue; jobs that wait for
// their next try are not counted.
func (r *Runner) Depths(ctx context.Context) ([]Depth, error) {
	names := make([]string, 0, len(lanes))
	for q := range lanes {
		names = append(names, string(q))
	}
	slices.Sort(names)
	var out []Depth
	for _, db := range r.dbs {
		rows, err := db.exec.JobCountByQueueAndState(ctx, &riverdriver.JobCountByQueueAndStateParams{QueueNames: names})
		if err != nil {
			return nil, unavailable(db.name, err)
		}
		for _, row := range rows {
			out = append(out, Depth{Database: db.name, Queue: job.Queue(row.Queue), Waiting: row.CountAvailable, Running: row.CountRunning})
		}
	}
	return out, nil
}

// Undone counts all jobs of all databases that are still to be done, whatever
// they wait for: 0 says that everything has been done or given up.
func (r *Runner) Undone(ctx context.Context) (int, error) {
	n := 0
	for _, db := range r.dbs {
		counts, err := db.exec.JobCountByAllStates(ctx, &riverdriver.JobCountByAllStatesParams{})
		if err != nil {
			return 0, unavailable(db.name, err)
		}
		for state, c := range counts {
			switch state {
			case rivertype.JobStateCompleted, rivertype.JobStateCancelled, rivertype.JobStateDiscarded:
			default:
				n += c
			}
		}
	}
	return n, nil
}

var errNoJob = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no failed job of that number"}

func unavailable(db string, err error) error {
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the jobs of database " + db + " cannot be read now", Err: err}
}
