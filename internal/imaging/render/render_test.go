package render

import (
	"os"
	"testing"
)

// childEnv makes the test binary a child of the cage.
const childEnv = "TINTYPE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "render":
		os.Exit(Main(os.Stdin, os.Stdout, os.Stderr))
	case "escape":
		os.Exit(escape())
	}
	os.Exit(m.Run())
}
