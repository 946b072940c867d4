package fleet

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/services"
)

func apiNames() []string    { return []string{"api-1", "api-2"} }
func workerNames() []string { return []string{"work-1", "work-2"} }

// writeConfig writes fleet.toml, which the processes run with and every command takes as --config.
func (f *Fleet) writeConfig() error {
	var b strings.Builder
	b.WriteString("# Written by `tintype fleet` at each start.\n")
	fmt.Fprintf(&b, "trusted_proxies = [\"127.0.0.1\"]\ndrain_seconds = %d\nshards = %d\nserve_jobs = false\n", drainSeconds, f.cfg.Shards)
	for _, l := range f.cfg.Settings {
		b.WriteString(l + "\n")
	}
	if f.edge.media != "" {
		fmt.Fprintf(&b, "media_url = %q\n", "http://"+f.edge.media)
	}
	var poolers []string
	for _, name := range poolerNames() {
		poolers = append(poolers, f.addr(name))
	}
	for _, c := range f.clusters {
		nodes := c.nodes[0].server.Addr() + "," + c.nodes[1].server.Addr()
		user := "postgres://tintype:" + f.state.Password + "@"
		fmt.Fprintf(&b, "\n[[database]]\nname = %q\npooled = true\n", c.name)
		fmt.Fprintf(&b, "dsn = %q\n", user+strings.Join(poolers, ",")+"/"+c.name+"?sslmode=disable&connect_timeout=2")
		fmt.Fprintf(&b, "direct = %q\n", user+nodes+"/tintype?sslmode=disable&connect_timeout=2&target_session_attrs=read-write")
		fmt.Fprintf(&b, "replica = %q\n", user+nodes+"/tintype?sslmode=disable&connect_timeout=2&target_session_attrs=prefer-standby")
	}
	var servers, replicas, caches []string
	for _, name := range redisNames() {
		servers, replicas = append(servers, f.addr(name)), append(replicas, f.addr(name+"r"))
	}
	for _, name := range cacheNames() {
		caches = append(caches, f.addr(name))
	}
	fmt.Fprintf(&b, "\n[redis]\nservers = %s\nreplicas = %s\n", tomlList(servers), tomlList(replicas))
	fmt.Fprintf(&b, "\n[memcached]\nservers = %s\n", tomlList(caches))
	s3 := f.cfg.S3Via
	if s3 == "" {
		s3 = f.addr("s3")
	}
	fmt.Fprintf(&b, "\n[s3]\nendpoint = %q\nregion = %q\nbucket = %q\naccess_key = %q\nsecret_key = %q\npath_style = true\npurge_urls = %s\n",
		"http://"+s3, s3Region, s3Bucket, s3Access, f.state.S3Secret, tomlList([]string{"http://" + f.addr(purgeName) + "/purge"}))
	return os.WriteFile(f.ConfigFile(), []byte(b.String()), 0o600)
}

// tomlList writes a list of strings, which are plain enough to be quoted as Go does.
func tomlList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// addr is where a member listens, by its name.
func (f *Fleet) addr(name string) string { return fmt.Sprintf("127.0.0.1:%d", f.state.Ports[name]) }

// drainSeconds is for how long an API process still takes requests once it was told to stop. nginx turns away at
// the first read that it refuses, and keeps away for two seconds.
const drainSeconds = 2

// startSite starts the API and worker processes. The first API process brings the databases up to date.
func (f *Fleet) startSite(ctx context.Context) error {
	var err error
	if f.edge, err = f.planEdge(); err != nil {
		return err
	}
	if err := f.writeConfig(); err != nil {
		return err
	}
	f.say("starting the site's processes")
	var starts []func() error
	for i, name := range append(apiNames(), workerNames()...) {
		m, err := f.addProcess(name, i < len(apiNames()))
		if err != nil {
			return err
		}
		if i == 0 {
			if err := m.start(ctx); err != nil {
				return err
			}
			continue
		}
		starts = append(starts, func() error { return m.start(ctx) })
	}
	return parallel(starts...)
}

func (f *Fleet) addProcess(name string, serves bool) (*member, error) {
	spec := services.Spec{Program: f.cfg.Program, Users: []string{"nobody"}}
	// Each reads its own copy, as the processes may run as another user.
	spec.Prepare = func(s *services.Server) error {
		text, err := os.ReadFile(f.ConfigFile())
		if err != nil {
			return err
		}
		return s.Write("fleet.toml", string(text))
	}
	role, command := roleWorker, "work"
	if serves {
		role, command = roleAPI, "serve"
	}
	spec.Args = func(s *services.Server) []string {
		return []string{command, "--config", s.Path("fleet.toml"), "--data", s.Path("data"), "--addr", s.Addr()}
	}
	spec.Ready = func(ctx context.Context, s *services.Server) error {
		return healthy(ctx, "http://"+s.Addr()+"/healthz")
	}
	m, err := f.add(name, role, spec, nil)
	if err != nil {
		return nil, err
	}
	m.kept = true
	return m, nil
}

func healthy(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", resp.Status)
	}
	return nil
}
