package arch

// layer is one floor of the house. Packages of one layer obey the same rules.
type layer string

const (
	vocabulary layer = "vocabulary" // the words everybody speaks
	contract   layer = "contract"   // what may be plugged in, with its conformance suite
	engine     layer = "engine"     // bytes in, bytes out; no persistence, no HTTP
	cage       layer = "cage"       // runs in the killable child only, on strangers' bytes
	rule       layer = "rule"       // one capability of the site; rules never import rules
	adapter    layer = "adapter"    // named for what it talks to
	suite      layer = "suite"      // a conformance suite, for tests only
	support    layer = "support"    // other help for tests only
	assets     layer = "assets"     // the built web app
	edge       layer = "edge"       // HTTP
	root       layer = "root"       // the one composition root
	tool       layer = "tool"       // a program part on top of the composed site
	harness    layer = "harness"    // runs real servers for tests, drills and a fleet on one machine; imports nothing of ours
	command    layer = "command"    // main
)

// layers gives every package of the module, by its directory.
var layers = map[string]layer{
	"cmd/tintype": command,
	"deploy":      assets,
	"e2e":         support,
	"web":         assets,

	"internal/tintype": vocabulary,

	"internal/account":  rule,
	"internal/activity": rule,
	"internal/collect":  rule,
	"internal/discover": rule,
	"internal/feed":     rule,
	"internal/graph":    rule,
	"internal/inspect":  rule,
	"internal/knobs":    rule,
	"internal/moderate": rule,
	"internal/mydata":   rule,
	"internal/post":     rule,
	"internal/push":     rule,
	"internal/safety":   rule,
	"internal/share":    rule,
	"internal/storage":  rule,

	"internal/archive":        engine,
	"internal/gazetteer":      engine,
	"internal/imaging":        engine,
	"internal/imaging/grade":  engine,
	"internal/imaging/render": cage,
	"internal/imaging/wire":   engine,
	"internal/letter":         engine,
	"internal/live":           engine,
	"internal/words":          engine,

	"internal/blob":     contract,
	"internal/cache":    contract,
	"internal/job":      contract,
	"internal/timeline": contract,

	"internal/blob/blobtest":         suite,
	"internal/cache/cachetest":       suite,
	"internal/sqlstore/storetest":    suite,
	"internal/timeline/timelinetest": suite,

	"internal/blob/localdisk":    adapter,
	"internal/blob/mirror":       adapter,
	"internal/blob/s3":           adapter,
	"internal/cache/inproc":      adapter,
	"internal/cache/memcached":   adapter,
	"internal/job/runner":        adapter,
	"internal/mail":              adapter,
	"internal/oidc":              adapter,
	"internal/outbound":          adapter,
	"internal/redis":             adapter,
	"internal/shard":             adapter,
	"internal/shard/move":        adapter,
	"internal/sqlstore":          adapter,
	"internal/sqlstore/postgres": adapter,
	"internal/webcache":          adapter,
	"internal/sqlstore/sqlite":   adapter,

	"internal/api":    edge,
	"internal/server": edge,
	"internal/webapp": edge,

	"internal/app": root,

	"internal/bench":       tool,
	"internal/control":     tool,
	"internal/demo":        tool,
	"internal/drill":       tool,
	"internal/drill/moves": tool,
	"internal/migrate":     tool,
	"internal/fleet":       tool,
	"internal/hostile":     tool,

	"internal/arch":      support,
	"internal/testoidc":  support,
	"internal/testpg":    support,
	"internal/testserve": support,

	"internal/services": harness,
}

// mayImport gives the layers whose packages a layer may import: downwards only.
// Test files are exempt: tests use the real parts, whatever their layer.
var mayImport = map[layer][]layer{
	vocabulary: {},
	contract:   {vocabulary},
	engine:     {vocabulary, engine},
	cage:       {vocabulary, engine},
	rule:       {vocabulary, contract, engine},
	adapter:    {vocabulary, contract},
	suite:      {vocabulary, contract, adapter, support, harness},
	support:    {support, harness},
	harness:    {},
	assets:     {},
	edge:       {vocabulary, contract, engine, rule, edge},
	root:       {vocabulary, contract, engine, rule, edge, adapter, assets},
	tool:       {vocabulary, contract, engine, rule, edge, root, tool, harness},
	command:    {vocabulary, contract, engine, cage, root, tool},
}

// alsoMayImport lists single imports that mayImport forbids, with the reason.
var alsoMayImport = []exception{
	{from: "internal/shard", to: "internal/sqlstore", reason: "a shard is a place in one of its databases"},
	{from: "internal/shard/move", to: "internal/sqlstore/postgres", reason: "shards move by PostgreSQL's own replication, past the one implementation"},
	{from: "internal/sqlstore/sqlite", to: "internal/sqlstore", reason: "it is a dialect of the one implementation"},
	{from: "internal/sqlstore/postgres", to: "internal/sqlstore", reason: "it is a dialect of the one implementation"},
	{from: "internal/bench", to: "internal/sqlstore/sqlite", reason: "the bare transactions it measures against run on the same engine"},
	{from: "internal/fleet", to: "deploy", reason: "it runs the files that an operator installs"},
	{from: "internal/migrate", to: "internal/sqlstore", reason: "it carries rows as they lie in tables, which no rule knows of"},
	{from: "internal/webapp", to: "web", reason: "it serves the built web app"},
}

type exception struct{ from, to, reason string }

// stdlibOnly lists the packages that use no third-party code at all.
var stdlibOnly = []string{"internal/tintype", "internal/imaging/grade", "internal/testpg"}

// fences gives, by prefix of import path, the only packages that may use a
// library. The longest prefix that matches counts. Test files are exempt.
var fences = map[string][]string{
	"modernc.org/":           {"internal/sqlstore/sqlite"},
	"github.com/jackc/":      {"internal/sqlstore/postgres"},
	"github.com/riverqueue/": {"internal/job/runner"},
	// River's drivers, its migrations and what is needed to wrap them stand beside the databases they serve.
	"github.com/riverqueue/river/river":   {"internal/job/runner", "internal/sqlstore/sqlite", "internal/sqlstore/postgres"},
	"github.com/davidbyttow/govips":       {"internal/imaging/render"},
	"github.com/maypok86/otter":           {"internal/cache/inproc"},
	"github.com/golang/geo":               {"internal/discover", "internal/gazetteer"},
	"github.com/redis/rueidis":            {"internal/redis"},
	"github.com/minio/minio-go":           {"internal/blob/s3"},
	"github.com/wneessen/go-mail":         {"internal/mail"},
	"github.com/go-webauthn/webauthn":     {"internal/account"},
	"github.com/coreos/go-oidc":           {"internal/oidc"},
	"golang.org/x/oauth2":                 {"internal/oidc"},
	"github.com/go-jose/":                 {"internal/testoidc"},
	"github.com/fxamacker/cbor":           {}, // for tests: a device that keeps passkeys
	"github.com/emersion/":                {}, // for tests: a mail server to talk to
	"github.com/getkin/kin-openapi":       {}, // for tests: the description is checked, not interpreted
	"github.com/google/go-cmp":            {},
	"pgregory.net/rapid":                  {},
	"github.com/alecthomas/kong":          {"cmd/tintype"},
	"github.com/schollz/progressbar":      {"cmd/tintype", "internal/demo", "internal/bench"},
	"github.com/elastic/go-seccomp-bpf":   {"internal/imaging", "internal/imaging/render"},
	"github.com/landlock-lsm/go-landlock": {"internal/imaging", "internal/imaging/render"},
	"github.com/prometheus/client_golang": {"internal/server", "internal/app"},
	"github.com/BurntSushi/toml":          {"internal/app", "cmd/tintype"},
}

// bannedNames are directories that say nothing of what is in them.
var bannedNames = []string{"base", "common", "core", "helper", "helpers", "lib", "misc", "model", "models", "shared", "util", "utils"}

// maxLines is how long a Go file may be.
const maxLines = 600

// longFiles lists the files that may be longer, with the reason.
var longFiles = map[string]string{}

// houseRules are the rules of this module.
func houseRules() rules {
	return rules{
		module:        "github.com/tintype/tintype",
		layers:        layers,
		mayImport:     mayImport,
		alsoMayImport: alsoMayImport,
		stdlibOnly:    stdlibOnly,
		fences:        fences,
		bannedNames:   bannedNames,
		maxLines:      maxLines,
		longFiles:     longFiles,
	}
}
