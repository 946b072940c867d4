package main

import (
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string
	}{
		{name: "nothing", code: 0, stdout: "tintype serve"},
		{name: "help", args: []string{"--help"}, code: 0, stdout: "Run the site."},
		{name: "help for one", args: []string{"serve", "--help"}, code: 0, stdout: "--trusted-proxy"},
		{name: "version", args: []string{"version"}, code: 0, stdout: "tintype dev"},
		{name: "no such command", args: []string{"sreve"}, code: 2, stderr: "sreve"},
		{name: "no such flag", args: []string{"serve", "--adr", "x"}, code: 2, stderr: "--adr"},
		{name: "no such file", args: []string{"serve", "--config", "/nonexistent.toml"}, code: 1, stderr: "cannot be read"},
		{name: "a number", args: []string{"serve", "--rate-limit", "many"}, code: 1, stderr: "not a whole number"},
		{name: "an address in use or wrong", args: []string{"serve", "--addr", "nowhere:none"}, code: 1, stderr: "cannot listen"},
		{name: "a child by hand", args: []string{"render", "x"}, code: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := tintype(t, t.TempDir(), "", tt.args...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("code %d, want %d\nstdout: %s\nstderr: %s", code, tt.code, stdout, stderr)
			}
		})
	}
}
