package main

import (
	"testing"

	"example.org/count"
)

func TestCounts(t *testing.T) {
	if n := count.Words(" one two "); n != 2 {
		t.Fatalf("%d words", n)
	}
}
