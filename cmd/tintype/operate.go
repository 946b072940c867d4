package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/tintype/tintype/internal/control"
)

// operate opens the site, or finds the server that runs it, for one command.
func (s *site) operate(w *world, f func(o *control.Operator) error) error {
	return s.operateOn(w, false, f)
}

// operateOn is operate, on a new site if it may be one.
func (s *site) operateOn(w *world, mayBeNew bool, f func(o *control.Operator) error) error {
	c, err := s.load(w)
	if err != nil {
		return err
	}
	o, err := control.Open(w.ctx, c, mayBeNew)
	if err != nil {
		return err
	}
	o.Via = operatorName()
	return errors.Join(f(o), o.Close())
}

// terminal gives the terminal behind a stream, if there is one.
func terminal(stream any) (fd int, ok bool) {
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}

// password gets a new one: made up, if wanted; asked for twice on a terminal;
// else the first line of standard input.
func (w *world) password(generate bool, who string) (password string, generated bool, err error) {
	if generate {
		return rand.Text()[:20], true, nil
	}
	fd, ok := terminal(w.stdin)
	if !ok {
		line, err := bufio.NewReader(io.LimitReader(w.stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", false, fmt.Errorf("the password cannot be read from standard input: %w", err)
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", false, errors.New("no password: write it to standard input, or have one made up with --generate")
		}
		return line, false, nil
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(w.stderr, prompt)
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(w.stderr)
		return string(b), err
	}
	first, err := ask("New password for " + who + ": ")
	if err != nil {
		return "", false, fmt.Errorf("the password cannot be read: %w", err)
	}
	again, err := ask("The same again: ")
	if err != nil {
		return "", false, fmt.Errorf("the password cannot be read: %w", err)
	}
	if first != again {
		return "", false, errors.New("the two passwords are not the same; nothing was changed")
	}
	return first, false, nil
}

// printJSON writes one value on a line of its own.
func (w *world) printJSON(v any) error { return json.NewEncoder(w.stdout).Encode(v) }

// plural is "1 job", "2 jobs".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
