package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/testserve"
)

func TestBlob(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	dir := t.TempDir()
	conf := filepath.Join(t.TempDir(), "fleet.toml")
	text := fmt.Sprintf("[s3]\nendpoint = %q\nbucket = \"mine\"\nprefix = \"site\"\naccess_key = %q\nsecret_key = %q\npath_style = true\nmirror = true\n",
		server.Endpoint(), server.AccessKey, server.SecretKey)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := localdisk.Open(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(key, text string) {
		t.Helper()
		if _, err := files.Put(t.Context(), key, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		put(fmt.Sprintf("o/%d", i), fmt.Sprint("file ", i))
	}
	step := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errs := tintype(t, dir, "", args...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("%q ended with %d and said %s%s; want %d and %q", args, code, out, errs, want, says)
		}
	}
	step(1, "has no [s3] endpoint", "blob", "init")
	step(1, `there is no bucket "mine"`, "blob", "migrate", "--from", "local", "--to", "s3", "--config", conf)
	step(0, "bucket mine/site/", "blob", "init", "--config", conf)
	step(2, "must be one of", "blob", "migrate", "--from", "disk", "--to", "s3", "--config", conf)
	step(1, "nothing to copy", "blob", "migrate", "--from", "s3", "--to", "s3", "--config", conf)
	step(1, "20 files differ", "blob", "migrate", "--from", "local", "--to", "s3", "--check", "--config", conf)
	step(0, "Copied 20 files", "blob", "migrate", "--from", "local", "--to", "s3", "--config", conf)
	put("o/new", "new")
	put("o/3", "changed")
	step(1, "o/3: it has", "blob", "migrate", "--from", "local", "--to", "s3", "--check", "--config", conf)
	step(0, "Copied 2 files, 0.0 MB; 19 were there already", "blob", "migrate", "--from", "local", "--to", "s3", "--config", conf)
	if err := files.Delete(t.Context(), "o/3", "o/4"); err != nil {
		t.Fatal(err)
	}
	step(0, "All 21 files are in local as they are in s3", "blob", "migrate", "--from", "s3", "--to", "local", "--config", conf)
	f, err := files.Open(t.Context(), "o/3")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Info().Size != int64(len("changed")) {
		t.Errorf("what came back has %d bytes", f.Info().Size)
	}
	step(0, "All 0 originals", "blob", "verify", "--config", conf)
}
