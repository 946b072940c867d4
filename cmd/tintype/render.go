package main

import "errors"

type renderCommand struct{}

// Help is shown under the flags.
func (renderCommand) Help() string {
	return "A running site starts this program again, as `tintype render`, to decode uploaded files in a process that may do nothing else. It speaks a protocol of its own on its standard input and output."
}

// Run is only reached with arguments; see main.
func (renderCommand) Run(*world) error {
	return errors.New("render is started by a running site, without arguments")
}
