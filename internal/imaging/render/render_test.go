package render

import (
	"os"
	"testing"
)

// childEnv makes the test binary a child of the cage.
const childEnv = "TINTYPE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "render" {
		os.Exit(Main(os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
