package app

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// DefaultData is where a site is kept unless somebody says otherwise.
const DefaultData = "./tintype-data"

// Config is everything that can be set. The zero value of each field means its
// default, so that Config{} is a working site in ./tintype-data.
type Config struct {
	Data           string   // directory of all that is kept; "./tintype-data"
	Addr           string   // where to listen; "127.0.0.1:8080"
	SiteName       string   // name of the site; "" leaves what was set before
	PublicURL      string   // the site's own address, as "https://photos.example"; "" goes by each request
	TrustedProxies []string // addresses or networks whose X-Forwarded-For and -Proto are believed
	MapTiles       string   // where map tiles come from, as "https://tiles.example/{z}/{x}/{y}.png"; "" for the site's own base map
	MapAttribution string   // whom the tiles are from, as their terms ask to be told
	OutboundAllow  []string // networks that apps may be called back in though they are not public
	HourlyLimit    int      // API calls per hour of one credential or address; 5,000; below 0 for no limit
	MaxUploadMB    int      // largest file; 50
	MaxMegapixels  int      // largest picture; 100
	LeaveDays      int      // in which somebody who asked to be deleted may come back; 30; below 0 for none
	MaxImportGB    int      // largest archive that somebody may bring; 50
	ImageWorkers   int      // pictures decoded at once; one per processor
	MemoryLimitMB  int      // beyond which the collector works harder; 512
	SMTP           SMTP     // the mail server; without one letters are kept in Data
	MailFrom       string   // who letters are from, as "Photos <photos@photos.example>"; "tintype@" and the public host
	DrainSeconds   int      // for how long requests are still taken after the end was asked for, for a balancer to turn away; 0

	OIDC []OIDC // providers that members may sign in by

	// Fleet is the databases, caches and stores of a site of several machines.
	Fleet Fleet

	// What only programs set.
	Version string        // of the program
	Render  []string      // command line of the imaging child; this program's own "render"
	Clock   tintype.Clock // time.Now
	Log     *slog.Logger  // text on standard error
	// LeaveSettle is how long the deletion of a user waits for what the deletion of their posts put off; 10 minutes.
	LeaveSettle time.Duration
	Backend     *Backend // databases that are open already, for tests; nil opens SQLite in Data
}

// option is one thing that a file, the environment or a flag may set.
type option struct {
	key  string // in the file; the environment has TINTYPE_ and capitals
	help string
	set  func(c *Config, value string) error
	list bool
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *field(c) = v; return nil }
}

func number(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", v)
		}
		*field(c) = n
		return nil
	}
}

func list(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = nil
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				*field(c) = append(*field(c), s)
			}
		}
		return nil
	}
}

// options is all that can be set from outside.
var options = []option{
	{key: "data", help: "directory of all that is kept", set: text(func(c *Config) *string { return &c.Data })},
	{key: "addr", help: "where to listen, as host:port", set: text(func(c *Config) *string { return &c.Addr })},
	{key: "site_name", help: "name of the site", set: text(func(c *Config) *string { return &c.SiteName })},
	{key: "public_url", help: "the site's own address", set: text(func(c *Config) *string { return &c.PublicURL })},
	{key: "trusted_proxies", help: "proxies that are believed", list: true, set: list(func(c *Config) *[]string { return &c.TrustedProxies })},
	{key: "outbound_allow", help: "networks that apps may be called back in though they are not public", list: true, set: list(func(c *Config) *[]string { return &c.OutboundAllow })},
	{key: "map_tiles", help: "where map tiles come from", set: text(func(c *Config) *string { return &c.MapTiles })},
	{key: "map_attribution", help: "whom the map tiles are from", set: text(func(c *Config) *string { return &c.MapAttribution })},
	{key: "smtp_host", help: "mail server; without one letters are kept as files", set: text(func(c *Config) *string { return &c.SMTP.Host })},
	{key: "smtp_port", help: "its port", set: number(func(c *Config) *int { return &c.SMTP.Port })},
	{key: "smtp_tls", help: "starttls, tls or none", set: text(func(c *Config) *string { return &c.SMTP.TLS })},
	{key: "smtp_user", help: "who we are to it", set: text(func(c *Config) *string { return &c.SMTP.User })},
	{key: "smtp_password", help: "the password for it", set: text(func(c *Config) *string { return &c.SMTP.Password })},
	{key: "smtp_password_file", help: "a file with the password for it", set: text(func(c *Config) *string { return &c.SMTP.PasswordFile })},
	{key: "mail_from", help: "who letters are from", set: text(func(c *Config) *string { return &c.MailFrom })},
	{key: "rate_limit", help: "API calls per hour; 0 for no limit", set: func(c *Config, v string) error {
		if v == "0" {
			v = "-1"
		}
		return number(func(c *Config) *int { return &c.HourlyLimit })(c, v)
	}},
	{key: "max_upload_mb", help: "largest file in MB", set: number(func(c *Config) *int { return &c.MaxUploadMB })},
	{key: "max_megapixels", help: "largest picture", set: number(func(c *Config) *int { return &c.MaxMegapixels })},
	{key: "max_import_gb", help: "largest archive to import in GB", set: number(func(c *Config) *int { return &c.MaxImportGB })},
	{key: "leave_days", help: "days in which somebody who asked to be deleted may come back; -1 for none", set: number(func(c *Config) *int { return &c.LeaveDays })},
	{key: "image_workers", help: "pictures decoded at once", set: number(func(c *Config) *int { return &c.ImageWorkers })},
	{key: "memory_limit_mb", help: "soft limit of memory", set: number(func(c *Config) *int { return &c.MemoryLimitMB })},
	{key: "drain_seconds", help: "how long requests are still taken once asked to end", set: number(func(c *Config) *int { return &c.DrainSeconds })},
}

// Set sets one option by its key in the file.
func (c *Config) Set(key, value string) error {
	for _, o := range options {
		if o.key == key {
			return o.set(c, value)
		}
	}
	return fmt.Errorf("there is no setting called %q; there are %s", key, strings.Join(keys(), ", "))
}

func keys() []string {
	out := make([]string, len(options))
	for i, o := range options {
		out[i] = o.key
	}
	slices.Sort(out)
	return out
}

// ReadFile adds the settings of a TOML file. A key that is not known is an error.
func (c *Config) ReadFile(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("the configuration cannot be read: %w", err)
	}
	var values map[string]any
	if _, err := toml.Decode(string(data), &values); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, read := range []func(string, map[string]any) error{c.readFleet, c.readOIDC} {
		if err := read(string(data), values); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, key := range slices.Sorted(mapKeys(values)) {
		v, err := fileValue(values[key])
		if err == nil {
			err = c.Set(key, v)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, key, err)
		}
	}
	return nil
}

func mapKeys(m map[string]any) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func fileValue(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case []any:
		var list []string
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return "", fmt.Errorf("this must be a list of strings")
			}
			list = append(list, s)
		}
		return strings.Join(list, ","), nil
	}
	return "", fmt.Errorf("this must be a string, a number or a list of strings")
}

// ReadEnv adds the settings of the environment: TINTYPE_DATA and so on.
func (c *Config) ReadEnv(getenv func(string) string) error {
	for _, o := range options {
		name := "TINTYPE_" + strings.ToUpper(o.key)
		if v := getenv(name); v != "" {
			if err := o.set(c, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// checked is a Config with its defaults filled in and its texts understood.
type checked struct {
	Config
	publicURL *url.URL
	tiles     *url.URL // the origin of map tiles; nil for none
	trusted   []netip.Prefix
	outbound  []netip.Prefix
}

func (c Config) check() (checked, error) {
	text := func(v *string, d string) {
		if *v == "" {
			*v = d
		}
	}
	num := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	text(&c.Data, DefaultData)
	text(&c.Addr, "127.0.0.1:8080")
	text(&c.Version, "dev")
	num(&c.HourlyLimit, 5000)
	num(&c.MaxUploadMB, imaging.DefaultMaxBytes>>20)
	num(&c.MaxMegapixels, imaging.DefaultMaxPixels/1e6)
	num(&c.MaxImportGB, 50)
	num(&c.LeaveDays, 30)
	if c.LeaveSettle == 0 {
		c.LeaveSettle = 10 * time.Minute
	}
	num(&c.MemoryLimitMB, 512)
	c.HourlyLimit = max(c.HourlyLimit, 0)
	if c.Fleet.Shards == 0 {
		c.Fleet.Shards = 64
	}
	out := checked{Config: c}
	if err := c.Fleet.check(); err != nil {
		return out, err
	}
	for name, v := range map[string]int{"max_upload_mb": c.MaxUploadMB, "max_megapixels": c.MaxMegapixels, "max_import_gb": c.MaxImportGB, "memory_limit_mb": c.MemoryLimitMB, "drain_seconds": c.DrainSeconds} {
		if v < 0 {
			return out, fmt.Errorf("%s must not be negative", name)
		}
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return out, fmt.Errorf("public_url must be scheme and host alone, as https://photos.example, not %q", c.PublicURL)
		}
		out.publicURL = &url.URL{Scheme: u.Scheme, Host: u.Host}
	}
	if err := out.checkOIDC(); err != nil {
		return out, err
	}
	var err error
	if out.tiles, err = tiles(c.MapTiles, c.MapAttribution); err != nil {
		return out, err
	}
	if out.trusted, err = networks("trusted_proxies", c.TrustedProxies, "would let anybody claim any address"); err != nil {
		return out, err
	}
	out.outbound, err = networks("outbound_allow", c.OutboundAllow, "would let apps call everything that this machine can reach")
	return out, err
}

// networks reads a list of addresses and networks; all says what is wrong with naming everything.
func networks(key string, list []string, all string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(s); err == nil {
				p = netip.PrefixFrom(a, a.BitLen())
			}
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %q is neither an address nor a network", key, s)
		case p.Bits() == 0:
			return nil, fmt.Errorf("%s: %q %s", key, s, all)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
