package storetest

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Main is for TestMain of package sqlstore's tests: it runs them and then
// fails if a statement named in the sources under dir did not run on each
// engine that was there. With -run or -skip, a part of the suite, it does not check.
func Main(m *testing.M, dir string) int {
	code := m.Run()
	if code != 0 || flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" {
		return code
	}
	names, err := statementNames(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		return 1
	}
	engines := map[string]bool{}
	for k := range ran.m {
		engines[k[0]] = true
	}
	for engine := range engines {
		for name, where := range names {
			if !ran.m[[2]string{engine, name}] {
				fmt.Fprintf(os.Stderr, "storetest: statement %q (%s) never ran on %s: add a test that uses it\n", name, where, engine)
				code = 1
			}
		}
	}
	return code
}

// isStmt reports whether a type is Stmt, or a pointer to it.
func isStmt(t ast.Expr) bool {
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.Name == "Stmt"
}

// statementNames finds every Stmt{Name: "…"} literal in the Go files of dir.
func statementNames(dir string) (map[string]string, error) {
	fset := token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	stmts := map[*ast.CompositeLit]bool{} // those in lists among them
	var fail error
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if isStmt(lit.Type) {
				stmts[lit] = true
			} else if list, ok := lit.Type.(*ast.ArrayType); ok && isStmt(list.Elt) {
				for _, e := range lit.Elts {
					if e, ok := e.(*ast.CompositeLit); ok {
						stmts[e] = true
					}
				}
			}
			if !stmts[lit] {
				return true
			}
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				if k, ok := kv.Key.(*ast.Ident); ok && k.Name == "Name" {
					b, ok := kv.Value.(*ast.BasicLit)
					if !ok {
						fail = fmt.Errorf("%s: a statement's name must be a literal", fset.Position(kv.Pos()))
						return false
					}
					name, _ := strconv.Unquote(b.Value)
					if at, twice := names[name]; twice {
						fail = fmt.Errorf("statement %q is named twice: %s and %s", name, at, fset.Position(lit.Pos()))
					}
					names[name] = fset.Position(lit.Pos()).String()
				}
			}
			return true
		})
	}
	return names, fail
}
