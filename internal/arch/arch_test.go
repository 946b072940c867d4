package arch

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestHouse holds the tree of this module against the table.
func TestHouse(t *testing.T) {
	t.Parallel()
	found, err := check(os.DirFS("../.."), houseRules())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		t.Error(p)
	}
}

// TestTable finds entries of the table that contradict each other.
func TestTable(t *testing.T) {
	t.Parallel()
	r := houseRules()
	known := func(dir string) bool { _, ok := r.layers[dir]; return ok }
	for dir, l := range r.layers {
		if _, ok := r.mayImport[l]; !ok {
			t.Errorf("%s stands on the unknown layer %q", dir, l)
		}
	}
	for _, e := range r.alsoMayImport {
		if !known(e.from) || !known(e.to) || e.reason == "" {
			t.Errorf("exception %+v names an unknown package or gives no reason", e)
		}
		if slices.Contains(r.mayImport[r.layers[e.from]], r.layers[e.to]) {
			t.Errorf("exception %+v is not needed", e)
		}
	}
	for library, dirs := range r.fences {
		for _, dir := range dirs {
			if !known(dir) {
				t.Errorf("the fence of %s names the unknown package %s", library, dir)
			}
		}
	}
	for _, dir := range r.stdlibOnly {
		if !known(dir) {
			t.Errorf("stdlibOnly names the unknown package %s", dir)
		}
	}
}

// TestCheck shows, rule by rule, that the checker can fail, and that it does
// not fail without cause.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		files map[string]string
		long  map[string]string
		want  []string
	}{
		{
			name: "rules of the house kept",
			files: map[string]string{
				"cmd/tintype/main.go":              "// Command tintype is the site.\npackage main\nimport _ \"m/internal/app\"\n",
				"internal/app/app.go":              "// Package app composes.\npackage app\nimport (\n_ \"m/internal/post\"\n_ \"m/internal/sqlstore/sqlite\"\n)\n",
				"internal/post/post.go":            "// Package post posts.\npackage post\nimport (\n_ \"fmt\"\n_ \"golang.org/x/text\"\n_ \"m/internal/tintype\"\n)\n",
				"internal/sqlstore/store.go":       "// Package sqlstore stores.\npackage sqlstore\n",
				"internal/sqlstore/sqlite/open.go": "// Package sqlite opens.\npackage sqlite\nimport (\n_ \"m/internal/sqlstore\"\n_ \"modernc.org/sqlite\"\n)\n",
				"internal/tintype/id.go":           "// Package tintype is words.\npackage tintype\n",
			},
		},
		{
			name:  "rule imports rule",
			files: map[string]string{"internal/post/p.go": "// Package post.\npackage post\n\nimport _ \"m/internal/graph\"\n"},
			want:  []string{"internal/post/p.go:4: internal/post (rule) may not import internal/graph (rule)"},
		},
		{
			name:  "rule imports adapter",
			files: map[string]string{"internal/post/p.go": "// Package post.\npackage post\nimport _ \"m/internal/sqlstore\"\n"},
			want:  []string{"internal/post/p.go:3: internal/post (rule) may not import internal/sqlstore (adapter)"},
		},
		{
			name:  "adapter imports another adapter",
			files: map[string]string{"internal/sqlstore/s.go": "// Package sqlstore.\npackage sqlstore\nimport _ \"m/internal/shard\"\n"},
			want:  []string{"internal/sqlstore/s.go:3: internal/sqlstore (adapter) may not import internal/shard (adapter)"},
		},
		{
			name:  "the excepted direction",
			files: map[string]string{"internal/shard/s.go": "// Package shard.\npackage shard\nimport _ \"m/internal/sqlstore\"\n"},
		},
		{
			name:  "somebody but the command imports the cage",
			files: map[string]string{"internal/app/a.go": "// Package app.\npackage app\nimport _ \"m/internal/imaging/render\"\n"},
			want:  []string{"internal/app/a.go:3: internal/app (root) may not import internal/imaging/render (cage)"},
		},
		{
			name:  "the vocabulary imports a library",
			files: map[string]string{"internal/tintype/t.go": "// Package tintype.\npackage tintype\nimport _ \"golang.org/x/text/cases\"\n"},
			want:  []string{"internal/tintype/t.go:3: internal/tintype uses the standard library only, not golang.org/x/text/cases"},
		},
		{
			name: "libraries outside of their fences",
			files: map[string]string{
				"internal/api/a.go":               "// Package api.\npackage api\nimport _ \"github.com/davidbyttow/govips/v2/vips\"\n",
				"internal/job/runner/r.go":        "// Package runner.\npackage runner\nimport (\n_ \"github.com/riverqueue/river\"\n_ \"github.com/riverqueue/river/riverdriver\"\n)\n",
				"internal/sqlstore/postgres/p.go": "// Package postgres.\npackage postgres\nimport (\n_ \"github.com/jackc/pgx/v5\"\n_ \"github.com/riverqueue/river/riverdriver/riverpgxv5\"\n)\n",
				"internal/sqlstore/s.go":          "// Package sqlstore.\npackage sqlstore\nimport (\n_ \"github.com/jackc/pgx/v5/pgconn\"\n_ \"modernc.org/sqlite/lib\"\n_ \"github.com/riverqueue/river\"\n)\n",
			},
			want: []string{
				"internal/api/a.go:3: github.com/davidbyttow/govips/v2/vips may be used in internal/imaging/render only",
				"internal/sqlstore/s.go:4: github.com/jackc/pgx/v5/pgconn may be used in internal/sqlstore/postgres only",
				"internal/sqlstore/s.go:5: modernc.org/sqlite/lib may be used in internal/sqlstore/sqlite only",
				"internal/sqlstore/s.go:6: github.com/riverqueue/river may be used in internal/job/runner only",
			},
		},
		{
			name: "test helpers in production",
			files: map[string]string{
				"internal/api/a.go": "// Package api.\npackage api\nimport (\n_ \"testing\"\n_ \"m/internal/testpg\"\n_ \"github.com/google/go-cmp/cmp\"\n)\n",
			},
			want: []string{
				"internal/api/a.go:4: imports testing outside of tests",
				"internal/api/a.go:5: internal/api (edge) may not import internal/testpg (support)",
				"internal/api/a.go:6: github.com/google/go-cmp/cmp is for tests only",
			},
		},
		{
			name: "tests and suites are free",
			files: map[string]string{
				"internal/post/p_test.go":            "package post_test\nimport (\n_ \"m/internal/graph\"\n_ \"modernc.org/sqlite\"\n_ \"testing\"\n)\n",
				"internal/sqlstore/storetest/run.go": "// Package storetest.\npackage storetest\nimport (\n_ \"testing\"\n_ \"m/internal/shard\"\n_ \"github.com/google/go-cmp/cmp\"\n)\n",
			},
		},
		{
			name: "an unknown package, and one that says nothing",
			files: map[string]string{
				"internal/newroom/n.go":      "// Package newroom.\npackage newroom\n",
				"internal/post/util/util.go": "// Package util.\npackage util\n",
			},
			want: []string{
				"internal/newroom: is not in the table: add it to layers in internal/arch/table.go",
				"internal/post/util: has a name that says nothing of what is in it",
				"internal/post/util: is not in the table: add it to layers in internal/arch/table.go",
			},
		},
		{
			name: "no package comment",
			files: map[string]string{
				"internal/post/p.go":      "package post\n",
				"internal/post/p_test.go": "// Package post_test has one.\npackage post_test\n",
				"internal/graph/g.go":     "// Not a package comment: an empty line follows.\n\npackage graph\n",
				"e2e/story_test.go":       "package e2e\n",
			},
			want: []string{
				"internal/graph: has no package comment: say what it gives, what it leaves to others, which errors come out",
				"internal/post: has no package comment: say what it gives, what it leaves to others, which errors come out",
			},
		},
		{
			name: "init",
			files: map[string]string{
				"internal/post/p.go": "// Package post.\npackage post\n\ntype t struct{}\n\nfunc (t) init() {}\n\nfunc init() {}\n",
			},
			want: []string{"internal/post/p.go:8: has an init function: do it where it is asked for"},
		},
		{
			name: "long files",
			files: map[string]string{
				"internal/post/excused.go": "// Package post.\npackage post\n" + strings.Repeat("\n", 20),
				"internal/post/long.go":    "package post\n" + strings.Repeat("\n", 20),
				"internal/post/shrunk.go":  "package post\n",
			},
			long: map[string]string{
				"internal/post/excused.go": "a generated table",
				"internal/post/shrunk.go":  "was long once",
				"internal/post/gone.go":    "",
			},
			want: []string{
				"internal/post/gone.go: has an entry in longFiles but does not exist",
				"internal/post/gone.go: has an entry in longFiles without a reason",
				"internal/post/long.go: has 21 lines; at most 10 without a reason in longFiles",
				"internal/post/shrunk.go: needs no entry in longFiles any more",
			},
		},
		{
			name: "what is not ours is not read",
			files: map[string]string{
				"tools/go.mod":                "module m/tools\n",
				"tools/t.go":                  "package tools\n",
				"web/node_modules/x/x.go":     "package x\n",
				"internal/post/testdata/x.go": "not even Go",
				".cache/x.go":                 "package x\n",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tree := fstest.MapFS{}
			for name, text := range tc.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			r := houseRules()
			r.module, r.maxLines, r.longFiles = "m", 10, tc.long
			found, err := check(tree, r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range found {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckReportsFilesItCannotParse(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"internal/post/p.go": &fstest.MapFile{Data: []byte("package")}}
	if _, err := check(tree, houseRules()); err == nil {
		t.Error("a file that is not Go was accepted")
	}
}
