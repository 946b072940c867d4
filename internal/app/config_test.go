package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/app"
)

func TestConfigSources(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tintype.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("addr = \":80\"\nsite_name = \"From the file\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nrate_limit = 100\n")
	var c app.Config
	if err := c.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"TINTYPE_SITE_NAME": "From the environment", "TINTYPE_TRUSTED_PROXIES": " 192.0.2.1 ", "TINTYPE_OTHER": "x"}
	if err := c.ReadEnv(func(k string) string { return env[k] }); err != nil {
		t.Fatal(err)
	}
	want := app.Config{Addr: ":80", SiteName: "From the environment", TrustedProxies: []string{"192.0.2.1"}, HourlyLimit: 100}
	if diff := cmp.Diff(want, c, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Clock" }, cmp.Ignore())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, tt := range []struct{ text, want string }{
		{"adr = \":80\"", "there is no setting called \"adr\""},
		{"rate_limit = \"many\"", "is not a whole number"},
		{"addr = 1.5", "must be a string"},
		{"[redis]\nserver = [\"a:1\"]", "redis.server"},
		{"[[database]]\ndsn = 5", "dsn"},
		{"addr = ", "tintype.toml"},
		{"trusted_proxies = [1]", "list of strings"},
	} {
		write(tt.text)
		if err := new(app.Config).ReadFile(file); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.text, err, tt.want)
		}
	}
	write(fleetFile)
	var f app.Config
	if err := f.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	no := false
	wantFleet := app.Fleet{
		Databases: []app.Database{{Name: "db0", DSN: "postgres://bouncer/zero", Pooled: true, Direct: "postgres://a,b/zero"}, {Name: "db1", DSN: "postgres://c/one", MaxConns: 8}},
		Shards:    128, Redis: app.Redis{Servers: []string{"r:1"}}, Memcached: app.Memcached{Servers: []string{"m:1"}}, S3: app.S3{Endpoint: "http://s", Bucket: "b"}, ServeJobs: &no,
	}
	if diff := cmp.Diff(wantFleet, f.Fleet); diff != "" || f.Addr != ":81" {
		t.Errorf("%s (-want +got)\n%s", f.Addr, diff)
	}
	if err := new(app.Config).ReadFile(file + "x"); err == nil {
		t.Error("a file that is not there is read")
	}
	if err := new(app.Config).ReadEnv(func(k string) string { return map[string]string{"TINTYPE_MAX_UPLOAD_MB": "x"}[k] }); err == nil || !strings.Contains(err.Error(), "TINTYPE_MAX_UPLOAD_MB") {
		t.Errorf("a bad number in the environment: %v", err)
	}
}

const fleetFile = `
addr = ":81"
shards = 128
serve_jobs = false
[[database]]
name = "db0"
dsn = "postgres://bouncer/zero"
pooled = true
direct = "postgres://a,b/zero"
[[database]]
name = "db1"
dsn = "postgres://c/one"
max_conns = 8
[redis]
servers = ["r:1"]
[memcached]
servers = ["m:1"]
[s3]
endpoint = "http://s"
bucket = "b"
`

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		c    app.Config
		want string
	}{
		{"everybody is a proxy", app.Config{TrustedProxies: []string{"0.0.0.0/0"}}, "anybody"},
		{"no proxy", app.Config{TrustedProxies: []string{"proxy.example"}}, "neither an address nor a network"},
		{"a path in the address", app.Config{PublicURL: "https://photos.example/sub"}, "public_url"},
		{"another scheme", app.Config{PublicURL: "ftp://photos.example"}, "public_url"},
		{"a pooler alone", app.Config{Fleet: app.Fleet{Databases: []app.Database{{Name: "db0", DSN: "postgres://localhost/x", Pooled: true}}}}, "needs direct"},
		{"a name twice", app.Config{Fleet: app.Fleet{Databases: []app.Database{{Name: "db0", DSN: "x"}, {Name: "db0", DSN: "y"}}}}, "two databases"},
		{"no Redis", app.Config{Fleet: app.Fleet{Databases: []app.Database{{Name: "db0", DSN: "x"}}}}, "needs [redis]"},
		{"half the replicas", app.Config{Fleet: app.Fleet{Redis: app.Redis{Servers: []string{"a:1", "b:1"}, Replicas: []string{"c:1"}}}}, "2 servers and 1 replicas"},
		{"an odd number of shards", app.Config{Fleet: app.Fleet{Shards: 100}}, "power of two"},
		{"a path for media", app.Config{Fleet: app.Fleet{MediaURL: "https://photos.example/media"}}, "media_url"},
		{"tiles of nobody", app.Config{MapTiles: "https://tiles.example/{z}/{x}/{y}.png"}, "map_attribution"},
		{"tiles without a row", app.Config{MapTiles: "https://tiles.example/{z}/{x}.png", MapAttribution: "x"}, "{y}"},
		{"tiles of any host", app.Config{MapTiles: "https://{s}.example/{z}/{x}/{y}.png", MapAttribution: "x"}, "map_tiles"},
		{"less than nothing", app.Config{MaxUploadMB: -1}, "max_upload_mb"},
	} {
		tt.c.Data = t.TempDir()
		a, err := app.Open(t.Context(), tt.c)
		if err == nil {
			a.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestOneProcess gives a directory to one process at a time, and to the next when it is done.
func TestOneProcess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	a, err := app.Open(t.Context(), app.Config{Data: dir, SiteName: "Looms"})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v, %v", info.Mode(), err)
	}
	if _, err := app.Open(t.Context(), app.Config{Data: dir}); err == nil || !strings.Contains(err.Error(), "another tintype") {
		t.Errorf("a second process: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if a, err = app.Open(t.Context(), app.Config{Data: dir}); err != nil {
		t.Fatal(err)
	}
	if site, err := a.Account.Site(t.Context()); err != nil || site.Name != "Looms" {
		t.Errorf("the site is called %q, %v", site.Name, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestBehindProxy is a site whose https ends at a proxy that it trusts.
func TestBehindProxy(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{TrustedProxies: []string{"127.0.0.1"}})
	up := map[string]any{"username": "ada", "password": "a long enough pass", "cookie": true}
	r := s.want(201, nobody, "POST", "/v1/users", up, "X-Forwarded-Proto", "https", "X-Forwarded-For", "1.1.1.1, 203.0.113.7", "X-Forwarded-Host", "evil.example")
	cookie := r.header.Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-tintype_session=") || !strings.Contains(cookie, "Secure") || !strings.Contains(cookie, "Path=/") || strings.Contains(cookie, "Domain") {
		t.Errorf("over https the cookie is %q", cookie)
	}
	if strings.Contains(string(r.body), "evil.example") || !strings.Contains(string(r.body), `"https://127.0.0.1`) {
		t.Errorf("links over https: %s", r.body)
	}
	token, _, _ := strings.Cut(strings.TrimPrefix(cookie, "__Host-tintype_session="), ";")
	var list []struct{ Address string }
	s.want(200, credential{token: token}, "GET", "/v1/sessions", nil).into(t, &list)
	if len(list) != 1 || list[0].Address != "203.0.113.7" {
		t.Errorf("sessions: %+v", list)
	}
}

// TestConfigOIDC reads providers, and says what is wrong with them before anything is opened.
func TestConfigOIDC(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tintype.toml")
	read := func(text string) (app.Config, error) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := app.Config{Data: filepath.Join(t.TempDir(), "data")}
		return c, c.ReadFile(file)
	}
	const site, good = "public_url = \"https://photos.example\"\n", `
[[oidc]]
id = "work"
name = "Work"
issuer = "https://accounts.example/realms/x"
client_id = "photos"
client_secret = "s"
scopes = ["email"]
join = true
`
	got, err := read(site + good)
	want := []app.OIDC{{ID: "work", Name: "Work", Issuer: "https://accounts.example/realms/x", ClientID: "photos", ClientSecret: "s", Scopes: []string{"email"}, Join: true}}
	if d := cmp.Diff(want, got.OIDC); d != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
	if _, err := read(site + good + "secret = \"x\"\n"); err == nil || !strings.Contains(err.Error(), "oidc.secret") {
		t.Errorf("a setting that there is not: %v", err)
	}
	more := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.NewReplacer("work", "work"+string(rune('a'+i)), "realms/x", "realms/"+string(rune('a'+i))).Replace(good))
		}
		return b.String()
	}
	for _, tt := range []struct{ text, want string }{
		{good, "public_url"},
		{site + more(6), "at most 5"},
		{site + strings.Replace(good, `"work"`, `"Work place"`, 1), "id must be"},
		{site + strings.Replace(good, `"Work"`, `" "`, 1), "needs a name"},
		{site + strings.Replace(good, `"photos"`, `""`, 1), "client_id"},
		{site + strings.Replace(good, "https://acc", "http://acc", 1), "must be https"},
		{site + strings.Replace(good, "https://accounts", "accounts", 1), "issuer must be"},
		{site + strings.Replace(good, "realms/x", "realms/x?a=b", 1), "issuer must be"},
		{site + strings.Replace(good, `["email"]`, `["e mail"]`, 1), "no scope"},
		{site + good + "client_secret_file = \"x\"\n", "please set one"},
		{site + strings.Replace(good, "client_secret = \"s\"", "client_secret_file = \"/nothing/here\"", 1), "cannot be read"},
		{site + good + good, "there twice"},
		{site + good + strings.Replace(good, `"work"`, `"other"`, 1), "issuer of another"},
	} {
		c, err := read(tt.text)
		if err != nil {
			t.Fatalf("%s: %v", tt.text, err)
		}
		a, err := app.Open(t.Context(), c)
		if err == nil {
			a.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.text, err, tt.want)
		}
	}
}
