package arch

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// rules is what check enforces; the fields are explained in table.go.
type rules struct {
	module        string
	layers        map[string]layer
	mayImport     map[layer][]layer
	alsoMayImport []exception
	stdlibOnly    []string
	fences        map[string][]string
	bannedNames   []string
	maxLines      int
	longFiles     map[string]string
}

// problem is one breach of the rules. line is 0 when it is about the whole
// file or directory.
type problem struct {
	file string // slash-separated, from the root of the tree
	line int
	text string
}

func (p problem) String() string {
	if p.line == 0 {
		return p.file + ": " + p.text
	}
	return fmt.Sprintf("%s:%d: %s", p.file, p.line, p.text)
}

// source is one parsed Go file.
type source struct {
	path  string
	lines int
	test  bool
	fset  *token.FileSet
	ast   *ast.File
}

// check gives every breach of r in the tree, ordered by file and line.
func check(tree fs.FS, r rules) ([]problem, error) {
	packages, err := parse(tree)
	if err != nil {
		return nil, err
	}
	var found []problem
	seen := map[string]bool{}
	for dir, sources := range packages {
		found = append(found, r.checkPackage(dir, sources)...)
		for _, src := range sources {
			seen[src.path] = true
			found = append(found, r.checkFile(dir, src)...)
		}
	}
	for file, reason := range r.longFiles {
		if !seen[file] {
			found = append(found, problem{file, 0, "has an entry in longFiles but does not exist"})
		}
		if reason == "" {
			found = append(found, problem{file, 0, "has an entry in longFiles without a reason"})
		}
	}
	slices.SortFunc(found, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.text, b.text))
	})
	return found, nil
}

// parse reads all Go files of the module by directory. Other modules inside
// the tree, hidden directories, testdata and node_modules are left out.
func parse(tree fs.FS) (map[string][]source, error) {
	packages := map[string][]source{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name == "." {
				return nil
			}
			if base := path.Base(name); base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' {
				return fs.SkipDir
			}
			if _, err := fs.Stat(tree, path.Join(name, "go.mod")); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		src := source{
			path:  name,
			lines: bytes.Count(text, []byte("\n")),
			test:  strings.HasSuffix(name, "_test.go"),
			fset:  token.NewFileSet(),
		}
		src.ast, err = parser.ParseFile(src.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		packages[path.Dir(name)] = append(packages[path.Dir(name)], src)
		return nil
	})
	return packages, err
}

// checkPackage finds what is wrong with a directory as a whole.
func (r rules) checkPackage(dir string, sources []source) []problem {
	var found []problem
	if _, ok := r.layers[dir]; !ok {
		found = append(found, problem{dir, 0, "is not in the table: add it to layers in internal/arch/table.go"})
	}
	if slices.Contains(r.bannedNames, path.Base(dir)) {
		found = append(found, problem{dir, 0, "has a name that says nothing of what is in it"})
	}
	production, commented := 0, false
	for _, src := range sources {
		if !src.test {
			production++
			commented = commented || strings.TrimSpace(src.ast.Doc.Text()) != ""
		}
	}
	if production > 0 && !commented {
		found = append(found, problem{dir, 0, "has no package comment: say what it gives, what it leaves to others, which errors come out"})
	}
	return found
}

// checkFile finds what is wrong with one file of the package in dir.
func (r rules) checkFile(dir string, src source) []problem {
	var found []problem
	report := func(pos token.Pos, format string, args ...any) {
		found = append(found, problem{src.path, src.fset.Position(pos).Line, fmt.Sprintf(format, args...)})
	}
	if _, excused := r.longFiles[src.path]; src.lines > r.maxLines && !excused {
		found = append(found, problem{src.path, 0, fmt.Sprintf("has %d lines; at most %d without a reason in longFiles", src.lines, r.maxLines)})
	} else if excused && src.lines <= r.maxLines {
		found = append(found, problem{src.path, 0, "needs no entry in longFiles any more"})
	}
	for _, decl := range src.ast.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			report(f.Pos(), "has an init function: do it where it is asked for")
		}
	}
	if src.test {
		return found // tests use the real parts, whatever their layer
	}
	for _, spec := range src.ast.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			report(spec.Pos(), "malformed import %s", spec.Path.Value)
			continue
		}
		if why := r.refuse(dir, imported); why != "" {
			report(spec.Pos(), "%s", why)
		}
	}
	return found
}

// refuse says why the package in dir may not import a path, or nothing.
func (r rules) refuse(dir, imported string) string {
	from := r.layers[dir] // "" for an unknown package, which may import nothing of ours
	if target, ours := strings.CutPrefix(imported, r.module+"/"); ours {
		to, known := r.layers[target]
		switch {
		case !known: // reported at the target itself
			return ""
		case slices.Contains(r.mayImport[from], to):
			return ""
		case slices.ContainsFunc(r.alsoMayImport, func(e exception) bool { return e.from == dir && e.to == target }):
			return ""
		}
		return fmt.Sprintf("%s (%s) may not import %s (%s)", dir, from, target, to)
	}
	if imported == "testing" && from != suite && from != support {
		return "imports testing outside of tests"
	}
	if isStdlib(imported) {
		return ""
	}
	if slices.Contains(r.stdlibOnly, dir) {
		return fmt.Sprintf("%s uses the standard library only, not %s", dir, imported)
	}
	longest := ""
	for prefix := range r.fences {
		if strings.HasPrefix(imported, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	if allowed := r.fences[longest]; longest != "" && !slices.Contains(allowed, dir) && from != suite {
		if len(allowed) == 0 {
			return fmt.Sprintf("%s is for tests only", imported)
		}
		return fmt.Sprintf("%s may be used in %s only", imported, strings.Join(allowed, ", "))
	}
	return ""
}

// isStdlib tells paths of the standard library (and "C") by their first
// element, which has no dot.
func isStdlib(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}
